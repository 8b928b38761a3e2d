#pragma once

/*
 * way_plan -- each way worked out for one domain: its records, what they cost,
 * what receivers will say, and which way to prefer.
 *
 * Owner:   everything lives in the arena that was passed in.
 * Failure: what the planner and asking report.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"
#include "core/plan/ask.h"
#include "core/plan/outcome.h"
#include "core/plan/way.h"

enum { WAY_PLAN_COMMANDS = 3 };

struct way_plan {
	const struct way *way;
	struct facts_domain domain; /* as it would be registered */
	struct requirement_list list;
	struct outcome outcome;
	size_t lookups;      /* of the planned SPF record, at worst; 0: none is planned */
	bool priced;         /* false: DNS was not asked, only the record itself is counted */
	bool registered;     /* it is what the domain has today */
	const char *refused; /* why it is not possible, one sentence; NULL */
	size_t unknown;      /* questions that DNS did not answer */
	size_t keyless;      /* it shall be signed and there is no key yet */
	const char *commands[WAY_PLAN_COMMANDS]; /* that register it; NULL: no more */
};

/* All ways for the domain, the best one first; `facts` holds it alone or among others. */
bool way_plan_all(struct arena *arena, const struct ask *ask, const struct facts *facts,
                  const struct facts_domain *domain, struct way_plan **plans, size_t *count,
                  struct err *err) CHECKED;

/* Its place, records, cost and outcome as JSON. */
struct tree *way_plan_tree(struct arena *arena, const struct way_plan *plan, size_t rank);

#pragma once

/*
 * planner -- from the mode of a sender domain, its keys and what DNS says now
 * to the list of requirements: who owes what, and what is to be done.
 *
 * Owner:   requirements live in the arena that was passed in.
 * Failure: ERR_INPUT when a policy asks for what we cannot make; else what
 *          asking reports.  What DNS did not answer is a note, not a failure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"
#include "core/plan/ask.h"

enum { PLANNER_TTL = 3600 };

struct planner {
	struct arena *arena;
	const struct facts *facts;
	const struct ask *ask; /* NULL: DNS is not asked */
	struct requirement_list list;
	bool without[PURPOSES]; /* what this plan does without */
	size_t unknown;         /* questions that DNS did not answer */
	bool unpublished;       /* the provider's own include is not in DNS yet */
	size_t refused;         /* records we must not merge into */
	size_t keyless;         /* domains that shall be signed and have no key yet */
};

/* Everything that must be true for one sender domain. */
bool planner_domain(struct planner *planner, const struct facts_domain *domain,
                    struct err *err) CHECKED;

/* What stands in the provider's own zones for all: the SPF include, the relays'
 * names and addresses, and that reports about its customers are wanted. */
void planner_provider(struct planner *planner);

/* The DMARC record a domain without one should begin with. */
const char *planner_dmarc_start(struct planner *planner);

/* "include:_spf.vendor.example" */
const char *planner_spf_term(struct arena *arena, const struct facts *facts);

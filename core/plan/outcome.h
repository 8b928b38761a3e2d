#pragma once

/*
 * outcome -- what receivers will make of a domain's mail once a plan is carried
 * out: SPF, DKIM, and DMARC as both of its standards read it.
 *
 * SPF is not guessed: the planned record is evaluated for every address of ours.
 * Without DNS only the plan is known, and says so.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"
#include "core/plan/ask.h"
#include "core/plan/dmarc_reading.h"

/* SPF, or DKIM. */
struct outcome_check {
	const char *result; /* "pass", "fail", "none", ...; "unknown": it could not be told */
	const char *domain; /* what is checked: of MAIL FROM, or d= */
	bool aligned[DMARC_REGIMES];
	const char *problem; /* why it is not a pass; NULL */
};

struct outcome {
	bool ours; /* we send, so that there is something to say */
	struct outcome_check spf;
	struct outcome_check dkim;
	unsigned lookups; /* of SPF, for the costliest of our addresses */
	struct dmarc_reading reading;
	bool passes[DMARC_REGIMES];
	const char *receiver[DMARC_REGIMES]; /* what a receiver then does */
	const char *sentence;                /* NULL: nothing to say */
	const char *difference;              /* where the two standards disagree; NULL */
	bool refused;        /* p=reject must not rest on SPF alone (RFC 9989 7.4) */
	const char *warning; /* NULL: none */
};

/* `plan` is what shall be published for the domain. */
bool outcome_predict(struct arena *arena, const struct ask *ask, const struct facts *facts,
                     const struct facts_domain *domain, const struct requirement_list *plan,
                     struct outcome *outcome, struct err *err) CHECKED;

struct tree *outcome_tree(const struct outcome *outcome);

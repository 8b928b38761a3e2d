#pragma once

/*
 * dmarc_outcome -- what DMARC makes of a plan once it is carried out: which of
 * SPF and DKIM pass with a domain that aligns with From (RFC 9989 4.4).
 *
 * Thin: From and envelope lie in one sender domain here, so that relaxed
 * alignment holds under both readings (tree walk and public suffix list).
 *
 * Owner: sentences live in the arena that was passed in.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"

struct dmarc_outcome {
	bool ours; /* we send, so that there is something to say */
	bool spf;  /* passes and aligns */
	bool dkim;
	const char *policy;   /* published today: none, quarantine, reject; "" unknown */
	bool refused;         /* p=reject must not rest on SPF alone (RFC 9989 7.4) */
	const char *sentence; /* NULL: nothing to say */
	const char *warning;  /* NULL: none */
};

void dmarc_outcome(struct arena *arena, const struct facts_domain *domain,
                   const struct requirement_list *plan, struct dmarc_outcome *outcome);

struct tree *dmarc_outcome_tree(const struct dmarc_outcome *outcome);

#pragma once

/*
 * spf_alternative -- what else could be done: alternatives to a merge, priced and
 * ranked (rules.md S17, S23).
 *
 * Of a refusal all that may help; of a merge that is fine, what may be done
 * instead.  Nothing of it is done unasked.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports.
 */

#include "core/plan/spf_limit.h"

enum spf_way {
	SPF_WAY_MAIL_FROM, /* an envelope sender of a subdomain, with a record of its own */
	SPF_WAY_DKIM,      /* DKIM alone makes DMARC pass */
	SPF_WAY_DIRECT,    /* the relays' addresses in place of the include */
	SPF_WAY_CLEAN_UP,  /* a term that could go */
	SPF_WAY_REDIRECT,  /* the edit at the place where the list really is */
	SPF_WAYS,
};

struct spf_alternative {
	enum spf_way way;
	size_t lookups; /* what the record needs then, at worst */
	const char
		*record; /* what would stand there; NULL: what stands there today, or not enough */
	const char *explanation;
};

struct spf_alternatives {
	const struct spf_alternative *ways; /* the best first */
	size_t count;
};

struct spf_alternative_question {
	const char *domain;    /* NULL: not known */
	const struct ask *ask; /* NULL: by the text alone */
	const struct spf_merge_wish *wish;
	const struct spf_merge *merge;
	const struct spf_limit *limit;
	bool outside; /* a relay is not let in by what shall be added (spf_outsider) */
};

bool spf_alternative_find(struct arena *arena, const struct spf_alternative_question *question,
                          struct spf_alternatives *advice, struct err *err) CHECKED;

/* "ip4:192.0.2.25" of each relay, in place of an include. */
const char **spf_alternative_direct_terms(struct arena *arena, const char *const *relays,
                                          size_t count);

/* What the domain's owner takes on with them. */
const char *spf_alternative_direct_warning(void);

/* "mail-from-subdomain", "dkim-only", "direct", "clean-up", "redirect-target" */
const char *spf_alternative_word(enum spf_way way);

#pragma once

/*
 * authority -- what the servers that are responsible for a name say about it:
 * all of them, each asked directly, along delegations and CNAMEs.
 *
 * Owner:   everything lives in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verify/inquiry.h"
#include "core/verify/zone_cut.h"

enum authority_state {
	AUTHORITY_AGREED, /* every name server said the same */
	AUTHORITY_SPLIT,  /* they differ: a change is under way, or one is out of date */
	AUTHORITY_SILENT, /* a name server did not say, those that did agree */
	AUTHORITY_UNKNOWN /* nobody said anything definite */
};

struct authority_answer {
	const char *name; /* of the name server */
	const char *server;
	const struct dns_answer *answer;
};

struct authority {
	enum authority_state state;
	const struct authority_answer *answers; /* of the last zone of the chain, one per address */
	size_t count;
	const struct dns_answer *answer; /* a definite one; NULL when there is none */
	const char *zone;
	const char *const *chain; /* the CNAME targets on the way */
	size_t chain_length;
	uint32_t longest_ttl;  /* of what was met on the way */
	uint32_t refresh;      /* of the zone: how often its servers look for news */
	const char *outlier;   /* SPLIT: a name server that says something else */
	uint32_t negative_ttl; /* of the zone that has, or lacks, the record */
	const char *problem;   /* SILENT, UNKNOWN: one sentence; there always is one */
};

/* False: not known yet, call again. */
bool authority_ask(struct inquiry *inquiry, const char *name, int type,
                   struct authority *authority);

/* Do two answers say the same: outcome, CNAMEs, and the set of records? */
bool authority_same(const struct dns_answer *one, const struct dns_answer *other);

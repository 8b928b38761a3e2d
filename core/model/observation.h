#pragma once

/*
 * observation -- answers kept as evidence, and the current opinion that rests
 * on them, in the database.
 *
 * Owner:   nothing is kept.
 * Failure: what db reports.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/requirement.h"
#include "sql/db.h"

struct observation {
	const char *server;
	const char *rcode;
	long long ttl; /* -1: nothing that could be kept */
	bool authentic;
	const void *answer; /* the message; NULL: none came */
	size_t size;
};

struct observation_verdict {
	const struct requirement *requirement;
	bool required;
	bool told; /* were it lost, that would be told */
	const char *state;
	const char *expected;
	const char *found;
	const char *explanation;
	const char *expires;                    /* the certificate's last day; NULL */
	long long negative_ttl;                 /* 0: not known */
	const struct observation *observations; /* what it rests on */
	size_t observation_count;
};

/* Put what a look at a domain came to, which began so many milliseconds ago, and
 * keep what it rests on; confirmed[i] says whether opinion i is also what counts.
 * What counts now and did not stands in the history; opinions that are not among
 * these are forgotten. */
bool observation_put_look(struct db *db, struct arena *arena, long long provider_id,
                          long long domain_id, const struct observation_verdict verdicts[],
                          size_t count, int64_t age, bool confirmed[], struct err *err) CHECKED;

/* A key's record: every authoritative server shows it; or at least one does not. */
bool observation_key_seen(struct db *db, struct arena *arena, long long provider_id,
                          long long domain_id, const char *selector, uint32_t ttl,
                          struct err *err) CHECKED;
bool observation_key_missed(struct db *db, struct arena *arena, long long provider_id,
                            long long domain_id, const char *selector, uint32_t ttl,
                            struct err *err) CHECKED;

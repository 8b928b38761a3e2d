#pragma once

/*
 * emergency -- a key that somebody else may have is withdrawn now.
 *
 * What breaks is known before it is done: the plan says it.  A key that was
 * handed over ahead takes over in the same transaction when DNS shows it, long
 * enough, and every relay holds it; no rule is bent for it but that the last
 * rotation need not be over.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db reports; ERR_CONFLICT when the key has moved on meanwhile.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/dkim_key.h"

struct emergency {
	struct dkim_key key;
	bool signs;                  /* relays sign with it today */
	const struct dkim_key *heir; /* signs from the same moment on; NULL: none may yet */
	const struct dkim_key *next; /* is ordered to sign as soon as it may; NULL: none is there */
	const char *const *relays;   /* sign with the key until they take another export */
};

/* In a transaction of the caller's. */
bool emergency_plan(struct db *db, struct arena *arena, const struct dkim_key *key,
                    struct emergency *emergency, struct err *err) CHECKED;

/* What breaks, one sentence each, for people; ends with NULL. */
const char **emergency_consequences(struct arena *arena, const struct emergency *emergency);

/* Revoke, and let the heir sign; in a transaction of its own, planned anew. */
bool emergency_revoke(struct db *db, struct arena *arena, struct emergency *emergency,
                      struct err *err) CHECKED;

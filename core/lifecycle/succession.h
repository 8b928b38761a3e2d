#pragma once

/*
 * succession -- which key of a domain comes after the one that signs.
 *
 * The one that is on its way already; else one that was handed over ahead, the
 * oldest that DNS shows; else a new one, which the key service makes.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db or the key service reports.
 * Secrets: none; the key service keeps them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/dkim_key.h"
#include "keys/client.h"

/* What one algorithm of a domain has. */
struct succession {
	const struct dkim_key *active;
	const struct dkim_key *coming; /* on its way to sign */
	const struct dkim_key *next;   /* of those handed over ahead, the first to take */
	size_t ahead;                  /* how many those are */
};

/* Pure; `keys` as dkim_key_list() gives those of one domain. */
struct succession succession_find(const struct dkim_key *keys, size_t count, const char *algorithm);

enum succession_how {
	SUCCESSION_NONE,
	SUCCESSION_UNDER_WAY, /* nothing was done: one is coming */
	SUCCESSION_PROMOTED,  /* one handed over ahead was ordered to take over */
	SUCCESSION_GENERATED, /* a new one was made */
};

/* Opens the key service, when a key has to be made. */
typedef bool (*succession_service_fn)(void *context, struct keys_client **keys, struct err *err);

struct succession_service {
	succession_service_fn open;
	void *context;
};

/* Order the successor of a key that signs.  Opens its own transactions;
 * `why` says who wanted it, and stands in the event log. */
bool succession_order(struct db *db, struct arena *arena, const struct succession_service *service,
                      const struct dkim_key *old, const char *why, enum succession_how *how,
                      const char **selector, struct err *err) CHECKED;

/* The one handed over ahead is the next to sign, within a transaction of the caller's. */
bool succession_promote(struct db *db, const struct dkim_key *key, const char *why,
                        struct err *err) CHECKED;

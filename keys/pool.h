#pragma once

/*
 * pool -- keys made ahead in quiet moments, so that nobody waits for a prime.
 *
 * Each provider has its own pool, under a key of its own; a key that waits is
 * bound to its uuid and public half.  Taking one and giving it to a domain is
 * one transaction: it is opened, sealed again with the full context of its
 * owner, and leaves the pool, or nothing happens.
 *
 * Only RSA with 2048 bits waits: everything else is quick or rare.
 *
 * Owner:   struct pool belongs to struct keyd.
 * Failure: what key_store and the foundry report; refilling only logs.
 * Secrets: a key on its way from one envelope into another.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/foundry.h"
#include "sql/db.h"

enum { POOL_MOST = 10000, POOL_CASTS = 64, POOL_BITS = 2048 };

/* A key that is being made for the pool. */
struct pool_cast {
	long long provider_id; /* 0: free */
	struct uuid provider;
	struct cast cast;
};

struct pool {
	int target;  /* keys of each provider; 0: no pool */
	int running; /* casts under way */
	int64_t next;
	struct pool_cast casts[POOL_CASTS];
};

struct keyd;
struct key_place;

/* Would a look into the pool find one of this kind?  It may be gone a moment later. */
bool pool_serves(const struct keyd *keyd, enum keypair_kind kind, int bits);

/* What key_place_find() took; it is the domain's when the transaction is over. */
bool pool_open(struct keyd *keyd, const struct key_place *place, struct keypair *pair,
               struct err *err) CHECKED;

/* How many wait, of all providers; -1 while the database is away. */
long long pool_count(struct keyd *keyd);

/* From the loop, when nobody waits for a key: order what is missing, at most
 * `at_once` at a time. */
void pool_turn(struct keyd *keyd, int at_once);

/* Will pool_turn() have something to look after within a second? */
bool pool_looks_soon(const struct pool *pool);

/* A delivery of the foundry; false: it is not for the pool. */
bool pool_delivered(struct keyd *keyd, const struct delivery *delivery);

/* A child that was killed never delivers. */
void pool_drop_overdue(struct keyd *keyd);
void pool_close(struct pool *pool);

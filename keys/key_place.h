#pragma once

/*
 * key_place -- where a new key would go: whose it is, what binds it, what it is
 * sealed under, whether it was asked for before.
 *
 * One look at the beginning of a transaction; with a wish for it, it also takes
 * the oldest key of the provider's pool.  Nothing is taken when the transaction
 * ends without the new key.
 *
 * Owner:   texts and sealed bytes live in the arena that was passed in.
 * Failure: what key_store reports; ERR_NOT_FOUND for a provider that is not
 *          there; ERR_CONFLICT for a request with another meaning.
 * Secrets: sealed ones only.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/key_store.h"
#include "keys/keyd.h"
#include "keys/vault.h"
#include "sql/db.h"

struct key_place {
	const char *provider; /* its name */
	struct uuid provider_uuid;
	/* asked before, and answered with this key */
	bool known;
	long long known_id;
	/* the domain; NULL: there is none */
	const char *domain;
	bool retired;
	struct uuid client;
	const char *client_uuid;
	long long client_id;
	const char *publish;
	const char *selector; /* NULL: none is free */
	/* what seals it; 0: nothing yet */
	long long kek_id;
	struct vault_kek kek;
	/* out of the pool */
	bool pooled;
	struct vault_pool_key pool_key;
	struct vault_kek pool_kek;
	struct sealed pool_sealed;
};

/* Begins the transaction. */
bool key_place_find(struct db *db, struct arena *arena, const struct key_wish *wish, bool from_pool,
                    struct key_place *place, struct err *err) CHECKED;

/* Could a key be made for it? */
bool key_place_check(const struct key_place *place, const struct key_wish *wish,
                     struct err *err) CHECKED;

#include "keys/pool.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/key_place.h"
#include "keys/keyd.h"

enum { PAUSE_MS = 60 * 1000, SOON_MS = 500, OLDEST_DAYS = 30 };

static const char algorithm[] = "rsa-sha256";

bool pool_serves(const struct keyd *keyd, enum keypair_kind kind, int bits)
{
	return keyd->pool.target > 0 && kind == KEYPAIR_RSA && bits == POOL_BITS;
}

/* ---- out of it ---- */

bool pool_open(struct keyd *keyd, const struct key_place *place, struct keypair *pair,
               struct err *err)
{
	const struct vault_pool_key *key = &place->pool_key;

	if (key->public_size > sizeof pair->public_key)
		return err_set(err, ERR_CRYPTO, _("a public key is damaged"));
	if (!vault_open_pool_key(&keyd->vault, &place->pool_kek, key, &place->pool_sealed,
	                         &pair->pkcs8, err))
		return false;
	memcpy(pair->public_key, key->public_key, key->public_size);
	pair->public_size = key->public_size;
	/* soon: who takes one often takes many */
	if (keyd->pool.next > clock_ticks() + SOON_MS)
		keyd->pool.next = clock_ticks() + SOON_MS;
	return true;
}

static bool count(struct db *db, struct arena *arena, void *context, struct err *err)
{
	long long *waiting = context;
	const struct row *row;

	UNUSED(arena);
	if (!db_one(db, STMT_KEYD_POOL_COUNT, DB_NO_PARAMS, &row, err))
		return false;
	*waiting = row_number(row, "waiting");
	return true;
}

long long pool_count(struct keyd *keyd)
{
	struct err ignored = { 0 };
	long long waiting = -1;

	return key_store_run(&keyd->store, DB_READ, count, &waiting, &ignored) ? waiting : -1;
}

/* ---- into it ---- */

struct addition {
	struct keyd *keyd;
	const struct pool_cast *cast;
	const struct keypair *pair;
};

static bool add(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct addition *addition = context;
	const struct pool_cast *cast = addition->cast;
	const struct keypair *pair = addition->pair;
	const struct vault *vault = &addition->keyd->vault;
	struct vault_pool_key name = { .provider = cast->provider,
		                       .key = uuid_make(),
		                       .public_key = pair->public_key,
		                       .public_size = pair->public_size };
	struct vault_kek kek;
	struct sealed sealed;
	long long kek_id = 0;

	return key_store_kek(db, arena, vault, cast->provider_id, &cast->provider, "pool", &kek_id,
	                     &kek, err)
	       && vault_seal_pool_key(vault, &kek, &name, &pair->pkcs8, arena, &sealed, err)
	       && db_run(db, STMT_KEYD_POOL_ADD,
	                 DB_PARAMS(db_number(arena, cast->provider_id),
	                           key_store_uuid_text(arena, &name.key), algorithm,
	                           db_number(arena, POOL_BITS),
	                           db_bytes(arena, name.public_key, name.public_size),
	                           db_number(arena, kek_id),
	                           db_bytes(arena, sealed.bytes, sealed.size)),
	                 NULL, err);
}

static void forget(struct pool *pool, struct pool_cast *cast)
{
	cast_drop(&cast->cast);
	*cast = (struct pool_cast){ 0 };
	pool->running--;
}

bool pool_delivered(struct keyd *keyd, const struct delivery *delivery)
{
	struct pool *pool = &keyd->pool;
	struct pool_cast *cast = NULL;
	struct keypair pair = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; cast == NULL && i < POOL_CASTS; i++)
		if (pool->casts[i].provider_id != 0
		    && pool->casts[i].cast.number == delivery->number)
			cast = &pool->casts[i];
	if (cast == NULL)
		return false;
	struct addition addition = { keyd, cast, &pair };
	if (!foundry_take(&cast->cast, delivery, &pair, &err)
	    || !key_store_run(&keyd->store, DB_WRITE, add, &addition, &err)) {
		log_warn("pool", "%s", err.text);
		pool->next = clock_ticks() + PAUSE_MS;
	}
	keypair_drop(&pair);
	forget(pool, cast);
	return true;
}

struct shortage {
	int target;
	long long provider_id; /* 0: none */
	struct uuid provider;
	int missing;
};

static bool look(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct shortage *shortage = context;
	const struct row *row;

	if (!db_run(db, STMT_KEYD_POOL_AGE, DB_PARAMS(db_number(arena, OLDEST_DAYS)), NULL, err)
	    || !db_find(db, STMT_KEYD_POOL_SHORT,
	                DB_PARAMS(db_number(arena, shortage->target), algorithm,
	                          db_number(arena, POOL_BITS)),
	                &row, err))
		return false;
	if (row == NULL || row_number(row, "waiting") >= POOL_MOST)
		return true;
	shortage->provider_id = row_number(row, "provider_id");
	shortage->missing = (int)row_number(row, "missing");
	return key_store_uuid(row, "uuid", &shortage->provider, err);
}

static bool order(struct keyd *keyd, const struct shortage *shortage, struct err *err)
{
	struct pool *pool = &keyd->pool;
	size_t i = 0;

	while (i < POOL_CASTS - 1 && pool->casts[i].provider_id != 0)
		i++;
	if (!foundry_order(&keyd->foundry, KEYPAIR_RSA, POOL_BITS, true, &pool->casts[i].cast, err))
		return false;
	pool->casts[i].provider_id = shortage->provider_id;
	pool->casts[i].provider = shortage->provider;
	pool->running++;
	return true;
}

bool pool_looks_soon(const struct pool *pool)
{
	return pool->target > 0 && pool->next <= clock_ticks() + 1000;
}

void pool_turn(struct keyd *keyd, int at_once)
{
	struct pool *pool = &keyd->pool;
	struct shortage shortage = { .target = pool->target };
	struct err err = { 0 };

	if (pool->target == 0 || pool->running > 0 || !keyd->signer_known
	    || clock_ticks() < pool->next)
		return;
	bool ok = key_store_run(&keyd->store, DB_WRITE, look, &shortage, &err);
	for (int i = 0; ok && shortage.provider_id != 0 && i < shortage.missing && i < at_once; i++)
		ok = order(keyd, &shortage, &err);
	if (!ok)
		log_warn("pool", "%s", err.text);
	if (!ok || shortage.provider_id == 0)
		pool->next = clock_ticks() + PAUSE_MS;
}

void pool_drop_overdue(struct keyd *keyd)
{
	struct pool *pool = &keyd->pool;

	for (size_t i = 0; i < POOL_CASTS; i++)
		if (pool->casts[i].provider_id != 0
		    && pool->casts[i].cast.deadline <= clock_ticks())
			forget(pool, &pool->casts[i]);
}

void pool_close(struct pool *pool)
{
	for (size_t i = 0; i < POOL_CASTS; i++)
		if (pool->casts[i].provider_id != 0)
			forget(pool, &pool->casts[i]);
}

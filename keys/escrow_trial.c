#include "keys/escrow_trial.h"

#include "core/base/words.h"
#include "keys/escrow_sealed.h"

bool escrow_trial_sign(struct keyd *keyd, const struct vault *vault, struct db *db,
                       struct arena *arena, long long provider_id, long long kek_id,
                       const struct vault_kek *kek, struct escrow_witness *witness, struct err *err)
{
	struct secret pkcs8 = { 0 };
	struct stored_key key;
	const struct row *row;
	struct uuid uuid;

	*witness = (struct escrow_witness){ .domain = NULL };
	if (!db_find(db, STMT_KEYD_KEK_ANY_KEY,
	             DB_PARAMS(db_number(arena, provider_id), db_number(arena, kek_id)), &row, err))
		return false;
	if (row == NULL)
		return true;
	bool ok = key_store_uuid(row, "uuid", &uuid, err)
	          && key_store_keys(db, arena, provider_id, &uuid, &key, 1, err)
	          && vault_open_key(vault, kek, &key.name, &key.sealed, &pkcs8, err)
	          && prover_try(&keyd->prover, key.name.kind, &pkcs8, key.name.public_key,
	                        key.name.public_size, err);
	secret_drop(&pkcs8);
	if (ok)
		*witness = (struct escrow_witness){ key.name.domain, key.name.selector };
	return ok;
}

bool escrow_trial_drill(struct keyd *keyd, struct db *db, struct arena *arena,
                        long long provider_id, const struct stored_kek *kek,
                        const struct secret *recovered, struct escrow_witness *witness,
                        struct err *err)
{
	struct master_key master = { .version = 0 };
	struct vault empty = { .master = { .version = 0 } };
	struct vault_kek wrapped = kek->kek;
	struct secret used = { 0 };
	bool ok = vault_take_kek(&keyd->vault, &kek->kek, &used, err)
	          && (secret_same(&used, recovered)
	              || err_set(err, ERR_CRYPTO, _("another key came back than the one in use")))
	          && master_key_make(&master, err) && vault_open(&empty, &master, err)
	          && vault_wrap_kek(&empty, &wrapped, recovered, arena, err)
	          && escrow_trial_sign(keyd, &empty, db, arena, provider_id, kek->id, &wrapped,
	                               witness, err);

	secret_drop(&used);
	master_key_drop(&master);
	vault_close(&empty);
	return ok;
}

static bool open_keys(const struct vault *vault, const struct vault_kek *kek,
                      const struct sealed_keys *keys, struct err *err)
{
	for (size_t i = 0; i < keys->count; i++) {
		struct secret pkcs8 = { 0 };
		bool ok = vault_open_key(vault, kek, &keys->items[i].name, &keys->items[i].sealed,
		                         &pkcs8, err);
		secret_drop(&pkcs8);
		if (!ok)
			return err_within(err, _("key %s of %s"), keys->items[i].name.selector,
			                  keys->items[i].name.domain);
	}
	return true;
}

static bool all_keys(const struct vault *vault, struct db *db, long long provider_id,
                     const struct stored_kek *kek, struct sealed_keys *keys, long long *count,
                     struct err *err)
{
	struct arena piece = { 0 };
	long long after = 0;
	bool ok = true;

	do {
		ok = escrow_sealed_keys(db, &piece, provider_id, kek->id, after, keys, err)
		     && open_keys(vault, &kek->kek, keys, err);
		*count += (long long)keys->count;
		if (keys->count > 0)
			after = keys->items[keys->count - 1].id;
		arena_reset(&piece);
	} while (ok && keys->count == ESCROW_SEALED_PIECE);
	return ok;
}

static bool all_passwords(const struct vault *vault, struct db *db, long long provider_id,
                          const struct stored_kek *kek, struct sealed_passwords *passwords,
                          long long *count, struct err *err)
{
	struct arena piece = { 0 };
	long long smarthost = 0, version = 0;
	bool ok = true;

	do {
		ok = escrow_sealed_passwords(db, &piece, provider_id, kek->id, smarthost, version,
		                             passwords, err);
		for (size_t i = 0; ok && i < passwords->count; i++) {
			const struct stored_password *one = &passwords->items[i].password;
			struct secret plain = { 0 };
			ok = vault_open_password(vault, &kek->kek, &one->name, &one->sealed, &plain,
			                         err);
			secret_drop(&plain);
			smarthost = passwords->items[i].smarthost_id;
			version = one->name.version;
		}
		*count += (long long)passwords->count;
		arena_reset(&piece);
	} while (ok && passwords->count == ESCROW_SEALED_PIECE);
	return ok;
}

bool escrow_trial_all(const struct vault *vault, struct db *db, struct arena *arena,
                      long long provider_id, const struct stored_kek *kek, long long *keys,
                      long long *passwords, struct err *err)
{
	return all_keys(vault, db, provider_id, kek, arena_take(arena, sizeof(struct sealed_keys)),
	                keys, err)
	       && all_passwords(vault, db, provider_id, kek,
	                        arena_take(arena, sizeof(struct sealed_passwords)), passwords, err);
}

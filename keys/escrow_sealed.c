#include "keys/escrow_sealed.h"

struct piece {
	struct arena *arena;
	void *into;
};

static bool take_key(const struct row *row, void *context, struct err *err)
{
	const struct piece *piece = context;
	struct sealed_keys *keys = piece->into;

	return key_store_read_key(row, piece->arena, &keys->items[keys->count++], err);
}

bool escrow_sealed_keys(struct db *db, struct arena *arena, long long provider_id, long long kek_id,
                        long long after, struct sealed_keys *keys, struct err *err)
{
	struct piece piece = { arena, keys };

	keys->count = 0;
	return db_each(db, STMT_KEYD_KEK_KEYS,
	               DB_PARAMS(db_number(arena, provider_id), db_number(arena, kek_id),
	                         db_number(arena, after), db_number(arena, ESCROW_SEALED_PIECE)),
	               take_key, &piece, err);
}

static bool take_password(const struct row *row, void *context, struct err *err)
{
	const struct piece *piece = context;
	struct sealed_passwords *passwords = piece->into;
	struct stored_password *password = &passwords->items[passwords->count].password;

	passwords->items[passwords->count++].smarthost_id = row_number(row, "smarthost_id");
	*password = (struct stored_password){ .kek_id = row_number(row, "kek_id") };
	password->name.version = (uint32_t)row_number(row, "version");
	password->sealed.bytes = row_bytes(row, "sealed", piece->arena, &password->sealed.size);
	return key_store_uuid(row, "provider_uuid", &password->name.provider, err)
	       && key_store_uuid(row, "client_uuid", &password->name.client, err)
	       && key_store_uuid(row, "uuid", &password->name.smarthost, err);
}

bool escrow_sealed_passwords(struct db *db, struct arena *arena, long long provider_id,
                             long long kek_id, long long after_smarthost, long long after_version,
                             struct sealed_passwords *passwords, struct err *err)
{
	struct piece piece = { arena, passwords };

	passwords->count = 0;
	return db_each(db, STMT_KEYD_KEK_PASSWORDS,
	               DB_PARAMS(db_number(arena, provider_id), db_number(arena, kek_id),
	                         db_number(arena, after_smarthost), db_number(arena, after_version),
	                         db_number(arena, ESCROW_SEALED_PIECE)),
	               take_password, &piece, err);
}

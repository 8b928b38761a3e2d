#include "keys/key_place.h"

#include "core/base/words.h"

static bool read_pooled(const struct row *row, struct arena *arena, struct key_place *place,
                        struct err *err)
{
	struct vault_pool_key *key = &place->pool_key;

	place->pooled = !row_is_null(row, "pool_uuid");
	if (!place->pooled)
		return true;
	key->provider = place->provider_uuid;
	key->public_key = row_bytes(row, "pool_public_key", arena, &key->public_size);
	place->pool_sealed.bytes = row_bytes(row, "pool_key_sealed", arena,
	                                     &place->pool_sealed.size);
	return key_store_uuid(row, "pool_uuid", &key->key, err)
	       && key_store_read_joined_kek(row, "pool_kek_", arena, &place->pool_kek, err);
}

static bool read_domain(const struct row *row, struct arena *arena, struct key_place *place,
                        struct err *err)
{
	if (row_is_null(row, "name"))
		return true;
	place->domain = arena_copy(arena, row_text(row, "name"));
	place->retired = row_bool(row, "retired");
	place->client_uuid = arena_copy(arena, row_text(row, "client_uuid"));
	place->client_id = row_number(row, "client_id");
	place->publish = arena_copy(arena, row_text(row, "publish"));
	if (!row_is_null(row, "selector"))
		place->selector = arena_copy(arena, row_text(row, "selector"));
	return key_store_uuid(row, "client_uuid", &place->client, err);
}

bool key_place_find(struct db *db, struct arena *arena, const struct key_wish *wish, bool from_pool,
                    struct key_place *place, struct err *err)
{
	const struct key_request *request = &wish->asked.request;
	bool rsa = wish->kind == KEYPAIR_RSA;
	const struct row *row;
	int version = 0;

	*place = (struct key_place){ 0 };
	if (!db_begin_find(db, DB_WRITE, STMT_KEYD_KEY_PLACE,
	                   DB_PARAMS(db_number(arena, request->provider_id),
	                             db_number(arena, wish->domain_id), rsa ? "s" : "e",
	                             key_store_uuid_text(arena, &request->uuid), db_bool(from_pool),
	                             rsa ? "rsa-sha256" : "ed25519-sha256",
	                             db_number(arena, wish->bits)),
	                   &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such provider"));
	place->provider = arena_copy(arena, row_text(row, "provider"));
	place->kek_id = row_number(row, "kek_id");
	return key_store_uuid(row, "provider_uuid", &place->provider_uuid, err)
	       && key_store_read_request(row, arena, request, &place->known, &place->known_id,
	                                 &version, err)
	       && read_domain(row, arena, place, err)
	       && (place->kek_id == 0
	           || key_store_read_joined_kek(row, "kek_", arena, &place->kek, err))
	       && read_pooled(row, arena, place, err);
}

bool key_place_check(const struct key_place *place, const struct key_wish *wish, struct err *err)
{
	if (place->domain == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such domain"));
	if (place->retired)
		return err_set(err, ERR_REFUSED, _("the domain %s is retired"), place->domain);
	if (!wish->imported && place->selector == NULL)
		return err_set(
			err, ERR_REFUSED,
			_("no selector is free for this domain: the last key is not over, or not forgotten"));
	return true;
}

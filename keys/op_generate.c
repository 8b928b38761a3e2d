#include "core/base/words.h"
#include "keys/key_place.h"
#include "keys/operation.h"

static void put_answer(struct tree *answer, long long key_id, const char *uuid,
                       const char *selector)
{
	tree_put_number(answer, "key_id", key_id);
	tree_put_text(answer, "key", uuid);
	tree_put_text(answer, "selector", selector);
}

/* What this request was answered with before. */
static bool put_known(struct db *db, struct arena *arena, long long provider_id, long long key_id,
                      struct tree *answer, struct err *err)
{
	const struct row *row;
	size_t size = 0;

	if (!db_one(db, STMT_KEYD_KEY_PUBLIC,
	            DB_PARAMS(db_number(arena, provider_id), db_number(arena, key_id)), &row, err))
		return false;
	const unsigned char *public_key = row_bytes(row, "public_key", arena, &size);
	if (size > KEYPAIR_PUBLIC)
		return err_set(err, ERR_CRYPTO, _("a public key is damaged"));
	put_answer(answer, key_id, row_text(row, "uuid"), row_text(row, "selector"));
	keyd_put_bytes(answer, "public_key", public_key, size);
	tree_put_bool(answer, "repeated", true);
	return true;
}

/* A key on its way: asked for, made or taken, sealed. */
struct making {
	struct keyd *keyd;
	const struct peer *peer; /* NULL: it was asked whether he may */
	const struct key_wish *wish;
	const struct keypair *pair; /* NULL: not made yet */
	bool from_pool;
	struct keypair pooled;
	struct tree *answer;
	bool done; /* and answered */
	bool repeated;
};

static bool may(const struct making *making, const struct key_place *place, struct err *err)
{
	return making->peer == NULL
	       || keyd_may(making->keyd, making->peer, making->wish->asked.request.operation,
	                   place->provider, err);
}

/* Key, private half, request and event: all of them, and the transaction is over. */
static bool add_row(struct db *db, struct arena *arena, const struct making *making,
                    const struct key_place *place, const struct vault_key *name,
                    const struct sealed *sealed, long long *key_id, struct err *err)
{
	const struct key_wish *wish = making->wish;
	const struct key_request *request = &wish->asked.request;
	const char *algorithm = wish->kind == KEYPAIR_RSA ? "rsa-sha256" : "ed25519-sha256";
	const char *why = wish->imported  ? "a key that exists was taken in"
	                  : wish->standby ? "a standby key was ordered"
	                                  : "a key was ordered";
	const char *detail =
		arena_print(arena, "{\"selector\": \"%s\", \"algorithm\": \"%s\", \"bits\": %d}",
	                    name->selector, algorithm, wish->bits);
	const struct row *row;

	if (!db_one_commit(db, STMT_KEYD_KEY_ADD,
	                   DB_PARAMS(db_number(arena, request->provider_id),
	                             key_store_uuid_text(arena, &name->key),
	                             db_number(arena, wish->domain_id), place->client_uuid,
	                             name->selector, algorithm, db_number(arena, wish->bits),
	                             db_bytes(arena, name->public_key, name->public_size),
	                             place->publish, db_bool(wish->standby),
	                             db_number(arena, place->kek_id),
	                             db_bytes(arena, sealed->bytes, sealed->size),
	                             key_store_uuid_text(arena, &request->uuid), request->operation,
	                             db_bytes(arena, request->digest, sizeof request->digest),
	                             db_number(arena, request->peer_uid), request->actor,
	                             db_number(arena, place->client_id), name->domain,
	                             wish->imported ? "key.import" : "key.generate", why, detail),
	                   &row, err))
		return false;
	*key_id = row_number(row, "id");
	return true;
}

/* Sealed under the key of its provider, with all that it is bound to. */
static bool add_key(struct db *db, struct arena *arena, struct making *making,
                    struct key_place *place, const struct keypair *pair, struct err *err)
{
	const struct key_wish *wish = making->wish;
	const struct vault *vault = &making->keyd->vault;
	const struct vault_key name = {
		.kind = wish->kind,
		.key = uuid_make(),
		.version = 1,
		.public_key = pair->public_key,
		.public_size = pair->public_size,
		.provider = place->provider_uuid,
		.client = place->client,
		.domain = place->domain,
		.selector = wish->imported ? wish->selector : place->selector,
	};
	struct sealed sealed;
	long long key_id = 0;

	if (place->kek_id == 0
	    && !key_store_kek(db, arena, vault, wish->asked.request.provider_id,
	                      &place->provider_uuid, "provider", &place->kek_id, &place->kek, err))
		return false;
	if (!vault_seal_key(vault, &place->kek, &name, &pair->pkcs8, arena, &sealed, err)
	    || !add_row(db, arena, making, place, &name, &sealed, &key_id, err))
		return false;
	put_answer(making->answer, key_id, key_store_uuid_text(arena, &name.key), name.selector);
	keyd_put_bytes(making->answer, "public_key", name.public_key, name.public_size);
	tree_put_bool(making->answer, "repeated", false);
	return true;
}

/* As far as it can be gone now: one transaction, or none. */
static bool make_key(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct making *making = context;
	const struct keypair *pair = making->pair;
	struct key_place place;

	keypair_drop(&making->pooled); /* of an attempt that is repeated */
	making->done = making->repeated = false;
	if (!key_place_find(db, arena, making->wish, making->from_pool, &place, err)
	    || !may(making, &place, err))
		return false;
	/* asked twice while the first was being made: the second gets the first's */
	if (place.known) {
		making->done = making->repeated = true;
		return put_known(db, arena, making->wish->asked.request.provider_id, place.known_id,
		                 making->answer, err);
	}
	if (!key_place_check(&place, making->wish, err))
		return false;
	if (pair == NULL && place.pooled) {
		if (!pool_open(making->keyd, &place, &making->pooled, err))
			return false;
		pair = &making->pooled;
	}
	if (pair == NULL)
		return true;
	making->done = add_key(db, arena, making, &place, pair, err);
	return making->done;
}

static bool run(struct making *making, struct err *err)
{
	struct keyd *keyd = making->keyd;
	bool ok = key_store_try(&keyd->store, make_key, making, err);

	keypair_drop(&making->pooled);
	keyd->made += ok && making->done && !making->repeated ? 1 : 0;
	return ok;
}

bool op_generate_look(struct call *call, bool *done, struct err *err)
{
	const struct key_wish *wish = &call->wish;
	struct making making = {
		.keyd = call->keyd,
		.peer = call->peer,
		.wish = wish,
		.from_pool = !wish->imported && pool_serves(call->keyd, wish->kind, wish->bits),
		.answer = call->answer,
	};
	bool ok = run(&making, err);

	*done = ok && making.done;
	return ok;
}

bool op_generated(struct keyd *keyd, const struct key_wish *wish, const struct keypair *pair,
                  struct tree *answer, struct err *err)
{
	struct making making = { .keyd = keyd, .wish = wish, .pair = pair, .answer = answer };

	return run(&making, err);
}

/* ---- the question ---- */

bool op_generate(struct call *call, struct err *err)
{
	struct key_wish *wish = &call->wish;
	const char *algorithm = tree_find_text(call->question, "algorithm");
	char detail[128];
	bool done = false;

	*wish = (struct key_wish){ 0 };
	if (algorithm == NULL
	    || (strcmp(algorithm, "rsa-sha256") != 0 && strcmp(algorithm, "ed25519-sha256") != 0))
		return err_set(err, ERR_INPUT, _("an algorithm is rsa-sha256 or ed25519-sha256"));
	wish->kind = strcmp(algorithm, "rsa-sha256") == 0 ? KEYPAIR_RSA : KEYPAIR_ED25519;
	wish->bits = (int)tree_as_number(tree_get(call->question, "bits"), 0);
	if (wish->kind == KEYPAIR_ED25519)
		wish->bits = 256;
	else if (wish->bits == 0)
		wish->bits = 2048;
	else if (wish->bits != 2048 && wish->bits != 3072 && wish->bits != 4096)
		return err_set(err, ERR_INPUT, _("an RSA key has 2048, 3072 or 4096 bits, not %d"),
		               wish->bits);
	wish->standby = tree_as_bool(tree_get(call->question, "standby"), false);
	if (!keyd_number(call, "domain", &wish->domain_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld|%s|%d|%d", wish->domain_id, algorithm,
	               wish->bits, (int)wish->standby);
	if (!keyd_ask(call, detail, &wish->asked, err) || !op_generate_look(call, &done, err))
		return false;
	call->later = done ? CALL_AT_ONCE : CALL_CAST;
	return true;
}

#include "core/base/words.h"
#include "keys/operation.h"

static bool put_key(struct db *db, struct arena *arena, long long provider_id, long long key_id,
                    bool repeated, struct tree *answer, struct err *err)
{
	const struct row *row;
	size_t size = 0;

	if (!db_one(db, STMT_KEYD_KEY_PUBLIC,
	            DB_PARAMS(db_number(arena, provider_id), db_number(arena, key_id)), &row, err))
		return false;
	const unsigned char *public_key = row_bytes(row, "public_key", arena, &size);
	if (size > KEYPAIR_PUBLIC)
		return err_set(err, ERR_CRYPTO, _("a public key is damaged"));
	tree_put_number(answer, "key_id", key_id);
	tree_put_text(answer, "key", row_text(row, "uuid"));
	tree_put_text(answer, "selector", row_text(row, "selector"));
	keyd_put_bytes(answer, "public_key", public_key, size);
	tree_put_bool(answer, "repeated", repeated);
	return true;
}

static bool check_domain(const struct row *row, struct err *err)
{
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such domain"));
	if (row_bool(row, "retired"))
		return err_set(err, ERR_REFUSED, _("the domain %s is retired"),
		               row_text(row, "name"));
	return true;
}

struct lookup {
	const struct key_wish *wish;
	struct tree *answer;
	bool *done;
};

/* Before the long work: was it done before, and could it be done at all? */
static bool look_first(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct lookup *lookup = context;
	const struct key_wish *wish = lookup->wish;
	const struct key_request *request = &wish->asked.request;
	const struct row *row;
	long long key_id = 0;
	int version = 0;

	if (!key_store_request_find(db, arena, request, lookup->done, &key_id, &version, err))
		return false;
	if (*lookup->done)
		return put_key(db, arena, request->provider_id, key_id, true, lookup->answer, err);
	if (!db_find(db, STMT_KEYD_DOMAIN,
	             DB_PARAMS(db_number(arena, request->provider_id),
	                       db_number(arena, wish->domain_id),
	                       wish->kind == KEYPAIR_RSA ? "s" : "e"),
	             &row, err))
		return false;
	return check_domain(row, err);
}

bool op_generate_look(struct call *call, bool *done, struct err *err)
{
	struct lookup lookup = { .wish = &call->wish, .answer = call->answer, .done = done };

	return key_store_run(&call->keyd->store, DB_READ, look_first, &lookup, err);
}

struct generated {
	struct keyd *keyd;
	const struct key_wish *wish;
	const struct keypair *pair;
	struct tree *answer;
	long long key_id;
	bool repeated;
};

/* Seal, and put key, private half, request and event into the database. */
static bool add_key(struct db *db, struct arena *arena, struct generated *new, struct err *err)
{
	const struct key_wish *wish = new->wish;
	const struct key_request *request = &wish->asked.request;
	const char *provider = db_number(arena, request->provider_id);
	const char *algorithm = wish->kind == KEYPAIR_RSA ? "rsa-sha256" : "ed25519-sha256";
	struct vault_key name = { .kind = wish->kind,
		                  .key = uuid_make(),
		                  .version = 1,
		                  .public_key = new->pair->public_key,
		                  .public_size = new->pair->public_size };
	struct vault_kek kek;
	struct sealed sealed;
	const struct row *row;
	long long kek_id = 0;

	if (!db_find(db, STMT_KEYD_DOMAIN,
	             DB_PARAMS(provider, db_number(arena, wish->domain_id),
	                       wish->kind == KEYPAIR_RSA ? "s" : "e"),
	             &row, err))
		return false;
	if (!check_domain(row, err))
		return false;
	if (!wish->imported && row_is_null(row, "selector"))
		return err_set(
			err, ERR_REFUSED,
			_("no selector is free for this domain: the last key is not over, or not forgotten"));
	if (!key_store_uuid(row, "provider_uuid", &name.provider, err)
	    || !key_store_uuid(row, "client_uuid", &name.client, err))
		return false;
	name.domain = arena_copy(arena, row_text(row, "name"));
	name.selector = wish->imported ? wish->selector
	                               : arena_copy(arena, row_text(row, "selector"));
	const char *publish = arena_copy(arena, row_text(row, "publish"));
	const char *client_uuid = arena_copy(arena, row_text(row, "client_uuid"));
	long long client_id = row_number(row, "client_id");
	const char *detail =
		arena_print(arena, "{\"selector\": \"%s\", \"algorithm\": \"%s\", \"bits\": %d}",
	                    name.selector, algorithm, wish->bits);

	if (!key_store_kek(db, arena, &new->keyd->vault, request->provider_id, &name.provider,
	                   "provider", &kek_id, &kek, err)
	    || !vault_seal_key(&new->keyd->vault, &kek, &name, &new->pair->pkcs8, arena, &sealed,
	                       err)
	    || !db_one(db, STMT_KEYD_KEY_ADD,
	               DB_PARAMS(provider, key_store_uuid_text(arena, &name.key),
	                         db_number(arena, wish->domain_id), client_uuid, name.selector,
	                         algorithm, db_number(arena, wish->bits),
	                         db_bytes(arena, name.public_key, name.public_size), publish,
	                         db_bool(wish->standby)),
	               &row, err))
		return false;
	new->key_id = row_number(row, "id");
	return db_run(db, STMT_KEYD_SECRET_ADD,
	              DB_PARAMS(provider, db_number(arena, new->key_id), db_number(arena, 1),
	                        db_number(arena, kek_id),
	                        db_bytes(arena, sealed.bytes, sealed.size)),
	              NULL, err)
	       && key_store_request_add(db, arena, request, new->key_id, 1, err)
	       && key_store_event(db, arena, request, client_id, name.domain,
	                          wish->imported ? "key.import" : "key.generate",
	                          wish->imported  ? "a key that exists was taken in"
	                          : wish->standby ? "a standby key was ordered"
	                                          : "a key was ordered",
	                          detail, err);
}

static bool store_key(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct generated *new = context;
	int version = 0;

	/* asked twice while the first was being made: the second gets the first's */
	if (!key_store_request_find(db, arena, &new->wish->asked.request, &new->repeated,
	                            &new->key_id, &version, err))
		return false;
	if (!new->repeated && !add_key(db, arena, new, err))
		return false;
	return put_key(db, arena, new->wish->asked.request.provider_id, new->key_id, new->repeated,
	               new->answer, err);
}

bool op_generated(struct keyd *keyd, const struct key_wish *wish, const struct keypair *pair,
                  struct tree *answer, struct err *err)
{
	struct generated new = { .keyd = keyd, .wish = wish, .pair = pair, .answer = answer };

	if (!key_store_run(&keyd->store, DB_WRITE, store_key, &new, err))
		return false;
	keyd->made += new.repeated ? 0 : 1;
	return true;
}

/* ---- without waiting for a prime ---- */

struct pooled {
	struct generated new;
	struct keypair pair;
	bool done;
};

static bool store_pooled(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct pooled *pooled = context;
	const struct key_request *request = &pooled->new.wish->asked.request;

	int version = 0;

	keypair_drop(&pooled->pair); /* of an attempt that is repeated */
	if (!key_store_request_find(db, arena, request, &pooled->new.repeated, &pooled->new.key_id,
	                            &version, err))
		return false;
	pooled->done = true;
	if (pooled->new.repeated)
		return put_key(db, arena, request->provider_id, pooled->new.key_id, true,
		               pooled->new.answer, err);
	if (!pool_take(pooled->new.keyd, db, arena, request->provider_id, &pooled->pair,
	               &pooled->done, err))
		return false;
	pooled->new.pair = &pooled->pair;
	return !pooled->done
	       || (add_key(db, arena, &pooled->new, err)
	           && put_key(db, arena, request->provider_id, pooled->new.key_id, false,
	                      pooled->new.answer, err));
}

/* *done: one was taken from the pool, or was before, and is answered.  One
 * transaction: it needs no look before. */
static bool give_pooled(struct call *call, bool *done, struct err *err)
{
	struct keyd *keyd = call->keyd;
	const struct key_wish *wish = &call->wish;
	struct pooled pooled = { .new = { .keyd = keyd, .wish = wish, .answer = call->answer } };

	if (!pool_serves(keyd, wish->kind, wish->bits))
		return true;
	bool ok = key_store_run(&keyd->store, DB_WRITE, store_pooled, &pooled, err);
	keypair_drop(&pooled.pair);
	*done = ok && pooled.done;
	keyd->made += *done && !pooled.new.repeated ? 1 : 0;
	return ok;
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
	if (!keyd_asked(call, detail, &wish->asked, err))
		return false;
	if (!give_pooled(call, &done, err))
		return false;
	if (!done && !op_generate_look(call, &done, err))
		return false;
	call->later = done ? CALL_AT_ONCE : CALL_CAST;
	return true;
}

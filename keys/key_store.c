#include "keys/key_store.h"

#include "core/base/words.h"

bool key_store_connect(struct key_store *store, struct err *err)
{
	if (store->db != NULL)
		return true;
	return db_open(&store->db, store->conninfo, err);
}

void key_store_close(struct key_store *store)
{
	db_close(store->db);
	store->db = NULL;
}

static bool nothing(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct row *row;

	UNUSED(arena);
	UNUSED(context);
	return db_one(db, STMT_HOUSE_ROLE, DB_PARAMS("keyd"), &row, err);
}

bool key_store_alive(struct key_store *store)
{
	struct err err = { 0 };

	return key_store_run(store, DB_READ, nothing, NULL, &err);
}

struct keeping {
	key_store_fn work;
	void *context;
};

static bool in_arena(struct db *db, void *context, struct err *err)
{
	const struct keeping *keeping = context;
	struct arena arena = { 0 };
	bool ok = keeping->work(db, &arena, keeping->context, err);

	arena_reset(&arena);
	return ok;
}

static bool attempt(struct key_store *store, enum db_mode mode, struct keeping *keeping,
                    struct err *err)
{
	*err = (struct err){ 0 };
	bool ok = key_store_connect(store, err)
	          && db_again(store->db, mode, in_arena, keeping, err);

	if (!ok && err->code == ERR_DATABASE)
		key_store_close(store);
	return ok;
}

bool key_store_run(struct key_store *store, enum db_mode mode, key_store_fn work, void *context,
                   struct err *err)
{
	struct keeping keeping = { work, context };

	/* a server that was restarted looks like this once */
	return attempt(store, mode, &keeping, err)
	       || (err->code == ERR_DATABASE && attempt(store, mode, &keeping, err));
}

bool key_store_uuid(const struct row *row, const char *column, struct uuid *uuid, struct err *err)
{
	return uuid_parse(row_text(row, column), uuid, err);
}

const char *key_store_uuid_text(struct arena *arena, const struct uuid *uuid)
{
	char *text = arena_take(arena, UUID_TEXT);

	uuid_render(uuid, text);
	return text;
}

bool key_store_request_find(struct db *db, struct arena *arena, const struct key_request *request,
                            bool *known, long long *subject, int *version, struct err *err)
{
	const struct row *row;
	size_t size = 0;

	*known = false;
	if (!db_find(db, STMT_KEYD_REQUEST_FIND,
	             DB_PARAMS(db_number(arena, request->provider_id),
	                       key_store_uuid_text(arena, &request->uuid)),
	             &row, err))
		return false;
	if (row == NULL)
		return true;
	const unsigned char *digest = row_bytes(row, "digest", arena, &size);
	if (size != sizeof request->digest || memcmp(digest, request->digest, size) != 0) {
		(void)err_set(err, ERR_CONFLICT,
		              _("this request was made before, for something else"));
		return err_hint(err, _("use a new request uuid"));
	}
	*known = true;
	*subject = row_number(row, "subject_id");
	*version = (int)row_number(row, "subject_version");
	return true;
}

bool key_store_request_add(struct db *db, struct arena *arena, const struct key_request *request,
                           long long subject, int version, struct err *err)
{
	return db_run(db, STMT_KEYD_REQUEST_ADD,
	              DB_PARAMS(db_number(arena, request->provider_id),
	                        key_store_uuid_text(arena, &request->uuid), request->operation,
	                        db_bytes(arena, request->digest, sizeof request->digest),
	                        db_number(arena, request->peer_uid), db_number(arena, subject),
	                        db_number(arena, version)),
	              NULL, err);
}

bool key_store_event(struct db *db, struct arena *arena, const struct key_request *request,
                     long long client_id, const char *subject, const char *what, const char *why,
                     const char *detail, struct err *err)
{
	return db_run(db, STMT_KEYD_EVENT_ADD,
	              DB_PARAMS(db_number(arena, request->provider_id), request->actor,
	                        client_id != 0 ? db_number(arena, client_id) : NULL, subject, what,
	                        why, detail != NULL ? detail : "{}"),
	              NULL, err);
}

bool key_store_read_kek(const struct row *row, struct arena *arena, struct vault_kek *kek,
                        struct err *err)
{
	*kek = (struct vault_kek){ .version = (uint32_t)row_number(row, "version"),
		                   .kind = arena_copy(arena, row_text(row, "kind")),
		                   .master_version = (uint32_t)row_number(row, "mk_version") };
	kek->sealed.bytes = row_bytes(row, "sealed", arena, &kek->sealed.size);
	return key_store_uuid(row, "provider_uuid", &kek->provider, err)
	       && key_store_uuid(row, "uuid", &kek->id, err)
	       && key_store_uuid(row, "mk_uuid", &kek->master, err);
}

bool key_store_kek_by_id(struct db *db, struct arena *arena, long long provider_id,
                         long long kek_id, struct vault_kek *kek, struct err *err)
{
	const struct row *row;

	return db_one(db, STMT_KEYD_KEK_BY_ID,
	              DB_PARAMS(db_number(arena, provider_id), db_number(arena, kek_id)), &row, err)
	       && key_store_read_kek(row, arena, kek, err);
}

bool key_store_note_master(struct db *db, struct arena *arena, const struct uuid *id,
                           uint32_t version, struct err *err)
{
	return db_run(db, STMT_KEYD_MASTER_NOTE,
	              DB_PARAMS(key_store_uuid_text(arena, id), db_number(arena, version)), NULL,
	              err);
}

bool key_store_kek(struct db *db, struct arena *arena, const struct vault *vault,
                   long long provider_id, const struct uuid *provider, const char *kind,
                   long long *kek_id, struct vault_kek *kek, struct err *err)
{
	const struct row *row;

	if (!db_find(db, STMT_KEYD_KEK_CURRENT, DB_PARAMS(db_number(arena, provider_id), kind),
	             &row, err))
		return false;
	if (row != NULL) {
		*kek_id = row_number(row, "id");
		return key_store_read_kek(row, arena, kek, err);
	}
	if (!vault_make_kek(vault, provider, kind, arena, kek, err)
	    || !key_store_note_master(db, arena, &kek->master, kek->master_version, err)
	    || !db_one(db, STMT_KEYD_KEK_ADD,
	               DB_PARAMS(db_number(arena, provider_id),
	                         key_store_uuid_text(arena, &kek->id),
	                         db_number(arena, kek->version), kind,
	                         key_store_uuid_text(arena, &kek->master),
	                         db_number(arena, kek->master_version),
	                         db_bytes(arena, kek->sealed.bytes, kek->sealed.size)),
	               &row, err))
		return false;
	*kek_id = row_number(row, "id");
	return true;
}

bool key_store_read_signer(const struct row *row, struct arena *arena, struct vault_signer *signer,
                           struct err *err)
{
	size_t size = 0;
	const unsigned char *public_key = row_bytes(row, "public_key", arena, &size);

	*signer = (struct vault_signer){ .version = (uint32_t)row_number(row, "version"),
		                         .master_version = (uint32_t)row_number(row,
		                                                                "mk_version") };
	if (size != sizeof signer->public_key)
		return err_set(err, ERR_CRYPTO, _("the signing key's row is damaged"));
	memcpy(signer->public_key, public_key, size);
	signer->sealed.bytes = row_bytes(row, "sealed", arena, &signer->sealed.size);
	return key_store_uuid(row, "uuid", &signer->id, err)
	       && key_store_uuid(row, "mk_uuid", &signer->master, err);
}

bool key_store_signer(struct db *db, struct arena *arena, const struct vault *vault,
                      struct vault_signer *signer, struct err *err)
{
	const struct row *row;

	if (!db_find(db, STMT_KEYD_SIGNER_CURRENT, DB_NO_PARAMS, &row, err))
		return false;
	if (row != NULL)
		return key_store_read_signer(row, arena, signer, err);
	return vault_make_signer(vault, arena, signer, err)
	       && key_store_note_master(db, arena, &signer->master, signer->master_version, err)
	       && db_run(db, STMT_KEYD_SIGNER_ADD,
	                 DB_PARAMS(key_store_uuid_text(arena, &signer->id),
	                           db_number(arena, signer->version),
	                           db_bytes(arena, signer->public_key, sizeof signer->public_key),
	                           key_store_uuid_text(arena, &signer->master),
	                           db_number(arena, signer->master_version),
	                           db_bytes(arena, signer->sealed.bytes, signer->sealed.size)),
	                 NULL, err);
}

struct wanted_keys {
	struct arena *arena;
	const struct uuid *uuids;
	struct stored_key *keys;
	size_t count;
};

bool key_store_read_key(const struct row *row, struct arena *arena, struct stored_key *key,
                        struct err *err)
{
	*key = (struct stored_key){ .id = row_number(row, "id"),
		                    .kek_id = row_number(row, "kek_id"),
		                    .state = arena_copy(arena, row_text(row, "state")) };
	key->name.domain = arena_copy(arena, row_text(row, "domain"));
	key->name.selector = arena_copy(arena, row_text(row, "selector"));
	key->name.kind = strcmp(row_text(row, "algorithm"), "ed25519-sha256") == 0 ? KEYPAIR_ED25519
	                                                                           : KEYPAIR_RSA;
	key->name.version = (uint32_t)row_number(row, "version");
	key->name.public_key = row_bytes(row, "public_key", arena, &key->name.public_size);
	key->sealed.bytes = row_bytes(row, "sealed", arena, &key->sealed.size);
	return key_store_uuid(row, "uuid", &key->name.key, err)
	       && key_store_uuid(row, "provider_uuid", &key->name.provider, err)
	       && key_store_uuid(row, "client_uuid", &key->name.client, err);
}

static bool take_key(const struct row *row, void *context, struct err *err)
{
	const struct wanted_keys *wanted = context;
	struct stored_key key;

	if (!key_store_read_key(row, wanted->arena, &key, err))
		return false;
	/* one key may be wanted twice, in two formats */
	for (size_t i = 0; i < wanted->count; i++)
		if (uuid_same(&wanted->uuids[i], &key.name.key))
			wanted->keys[i] = key;
	return true;
}

bool key_store_keys(struct db *db, struct arena *arena, long long provider_id,
                    const struct uuid uuids[], struct stored_key keys[], size_t count,
                    struct err *err)
{
	const char **texts = arena_take(arena, (count + 1) * sizeof *texts);
	struct wanted_keys wanted = { arena, uuids, keys, count };

	for (size_t i = 0; i < count; i++) {
		texts[i] = key_store_uuid_text(arena, &uuids[i]);
		keys[i] = (struct stored_key){ 0 };
	}
	if (!db_each(db, STMT_KEYD_KEY_SEALED,
	             DB_PARAMS(db_number(arena, provider_id), db_list(arena, texts, count)),
	             take_key, &wanted, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (keys[i].id == 0)
			return err_set(err, ERR_NOT_FOUND, _("this provider has no private key %s"),
			               texts[i]);
	return true;
}

bool key_store_password(struct db *db, struct arena *arena, long long provider_id,
                        const struct uuid *smarthost, struct stored_password *password,
                        struct err *err)
{
	const char *text = key_store_uuid_text(arena, smarthost);
	const struct row *row;

	if (!db_find(db, STMT_KEYD_PASSWORD_SEALED, DB_PARAMS(db_number(arena, provider_id), text),
	             &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("there is no password for smarthost %s"),
		               text);
	*password = (struct stored_password){ .kek_id = row_number(row, "kek_id") };
	password->name.version = (uint32_t)row_number(row, "version");
	password->name.smarthost = *smarthost;
	password->sealed.bytes = row_bytes(row, "sealed", arena, &password->sealed.size);
	return key_store_uuid(row, "provider_uuid", &password->name.provider, err)
	       && key_store_uuid(row, "client_uuid", &password->name.client, err);
}

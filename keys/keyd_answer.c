#include "keys/keyd_answer.h"

#include <poll.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "keys/hex.h"
#include "keys/identity.h"

enum { PASSWORD_LIMIT = 1024, PASSWORD_PATIENCE_MS = 5000 };

/* ---- what all questions have in common ---- */

static bool field(const struct tree *question, const char *name, long long *number, struct err *err)
{
	*number = tree_as_number(tree_get(question, name), 0);
	return *number > 0
	       || err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""), name);
}

struct may_ask {
	struct keyd *keyd;
	const struct peer *peer;
	const char *operation;
	long long provider_id;
};

static bool may_ask(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct may_ask *may = context;
	const struct row *row;

	if (!db_find(db, STMT_KEYD_PROVIDER, DB_PARAMS(db_number(arena, may->provider_id)), &row,
	             err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such provider"));
	if (!peer_may(&may->keyd->peers, may->peer, may->operation, row_text(row, "name"))) {
		(void)err_set(err, ERR_DENIED, _("%s may not ask the key service for \"%s\" here"),
		              may->peer->name, may->operation);
		return err_hint(err, _("the service's peers file says who may do what"));
	}
	return true;
}

bool keyd_asked(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                const char *detail, struct asked *asked, struct err *err)
{
	crypto_generichash_state state;
	const char *operation = tree_find_text(question, "op");
	struct key_request *request = &asked->request;

	*asked = (struct asked){ .request = { .peer_uid = (long long)peer->uid } };
	if (!field(question, "provider", &request->provider_id, err)
	    || !uuid_parse(tree_find_text(question, "request"), &request->uuid, err))
		return false;
	(void)snprintf(asked->actor, sizeof asked->actor, "%s (senderkeyd)", peer->name);
	request->operation = operation;
	request->actor = asked->actor;
	(void)crypto_generichash_init(&state, NULL, 0, sizeof request->digest);
	(void)crypto_generichash_update(&state, (const unsigned char *)operation,
	                                strlen(operation) + 1);
	(void)crypto_generichash_update(&state, (const unsigned char *)detail, strlen(detail));
	(void)crypto_generichash_final(&state, request->digest, sizeof request->digest);

	struct may_ask may = { keyd, peer, operation, request->provider_id };
	return key_store_run(&keyd->store, DB_READ, may_ask, &may, err);
}

static void put_bytes(struct tree *answer, const char *name, const void *bytes, size_t size)
{
	char text[2 * KEYPAIR_PUBLIC + 1];

	hex_render(bytes, size, text);
	tree_put_text(answer, name, text);
}

/* ---- start and status ---- */

static bool setup(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct keyd *keyd = context;
	struct vault_signer signer;
	const struct row *row;

	if (!db_one(db, STMT_KEYD_MASTER_FOREIGN,
	            DB_PARAMS(key_store_uuid_text(arena, &keyd->vault.master.id),
	                      db_number(arena, keyd->vault.master.version)),
	            &row, err))
		return false;
	/* halt, never make new ones: whoever restored the wrong file must notice */
	if (row_bool(row, "foreign")) {
		(void)err_set(err, ERR_CRYPTO,
		              _("this database was sealed under another master key"));
		return err_hint(err, _("bring back the master key file that belongs to it"));
	}
	if (!key_store_signer(db, arena, &keyd->vault, &signer, err))
		return false;
	struct secret probe = { 0 };
	bool ok = vault_open_signer(&keyd->vault, &signer, &probe, err);
	secret_drop(&probe);
	memcpy(keyd->signer, signer.public_key, sizeof keyd->signer);
	keyd->signer_known = ok;
	return ok;
}

bool keyd_answer_setup(struct keyd *keyd, struct err *err)
{
	return key_store_run(&keyd->store, DB_WRITE, setup, keyd, err);
}

bool keyd_answer_status(struct keyd *keyd, struct tree *answer, struct err *err)
{
	char text[IDENTITY_TEXT];
	char uuid[UUID_TEXT];
	struct err ignored = { 0 };

	UNUSED(err);
	bool alive = key_store_alive(&keyd->store);
	if (alive && !keyd->signer_known)
		alive = keyd_answer_setup(keyd, &ignored);
	uuid_render(&keyd->vault.master.id, uuid);
	tree_put_text(answer, "version", PACKAGE_VERSION);
	tree_put_bool(answer, "database", alive);
	tree_put_bool(answer, "locked_memory", keyd->locked_memory);
	tree_put_text(answer, "master", uuid);
	tree_put_number(answer, "master_version", (long long)keyd->vault.master.version);
	identity_render_signer(keyd->signer, text);
	tree_put_text(answer, "signing_key", keyd->signer_known ? text : NULL);
	tree_put_number(answer, "made", keyd->made);
	tree_put_number(answer, "waiting", keyd->waiting);
	return true;
}

/* ---- a new key ---- */

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
	put_bytes(answer, "public_key", public_key, size);
	tree_put_bool(answer, "repeated", repeated);
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
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such domain"));
	if (row_bool(row, "retired"))
		return err_set(err, ERR_REFUSED, _("the domain %s is retired"),
		               row_text(row, "name"));
	return true;
}

bool keyd_answer_generate(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                          struct key_wish *wish, struct tree *answer, bool *done, struct err *err)
{
	const char *algorithm = tree_find_text(question, "algorithm");
	char detail[128];

	*wish = (struct key_wish){ 0 };
	if (algorithm == NULL
	    || (strcmp(algorithm, "rsa-sha256") != 0 && strcmp(algorithm, "ed25519-sha256") != 0))
		return err_set(err, ERR_INPUT, _("an algorithm is rsa-sha256 or ed25519-sha256"));
	wish->kind = strcmp(algorithm, "rsa-sha256") == 0 ? KEYPAIR_RSA : KEYPAIR_ED25519;
	wish->bits = (int)tree_as_number(tree_get(question, "bits"), 0);
	if (wish->kind == KEYPAIR_ED25519)
		wish->bits = 256;
	else if (wish->bits == 0)
		wish->bits = 2048;
	else if (wish->bits != 2048 && wish->bits != 3072 && wish->bits != 4096)
		return err_set(err, ERR_INPUT, _("an RSA key has 2048, 3072 or 4096 bits, not %d"),
		               wish->bits);
	wish->standby = tree_as_bool(tree_get(question, "standby"), false);
	if (!field(question, "domain", &wish->domain_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld|%s|%d|%d", wish->domain_id, algorithm,
	               wish->bits, (int)wish->standby);
	if (!keyd_asked(keyd, peer, question, detail, &wish->asked, err))
		return false;
	struct lookup lookup = { .wish = wish, .answer = answer, .done = done };
	return key_store_run(&keyd->store, DB_READ, look_first, &lookup, err);
}

struct generated {
	struct keyd *keyd;
	const struct key_wish *wish;
	const struct keypair *pair;
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
	if (row == NULL || row_is_null(row, "selector"))
		return err_set(err, ERR_REFUSED,
		               _("no selector is left for this domain this month"));
	if (!key_store_uuid(row, "provider_uuid", &name.provider, err)
	    || !key_store_uuid(row, "client_uuid", &name.client, err))
		return false;
	name.domain = arena_copy(arena, row_text(row, "name"));
	name.selector = arena_copy(arena, row_text(row, "selector"));
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
	       && key_store_event(db, arena, request, client_id, name.domain, "key.generate",
	                          wish->standby ? "a standby key was ordered" : "a key was ordered",
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
	return new->repeated || add_key(db, arena, new, err);
}

struct made_key {
	long long provider_id;
	const struct generated *new;
	struct tree *answer;
};

static bool describe_key(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct made_key *made = context;

	return put_key(db, arena, made->provider_id, made->new->key_id, made->new->repeated,
	               made->answer, err);
}

bool keyd_answer_generated(struct keyd *keyd, const struct key_wish *wish,
                           const struct keypair *pair, struct tree *answer, struct err *err)
{
	struct generated new = { .keyd = keyd, .wish = wish, .pair = pair };
	struct made_key made = { wish->asked.request.provider_id, &new, answer };

	if (!key_store_run(&keyd->store, DB_WRITE, store_key, &new, err))
		return false;
	keyd->made += new.repeated ? 0 : 1;
	return key_store_run(&keyd->store, DB_READ, describe_key, &made, err);
}

/* ---- the password of a customer's server ---- */

/* What no mail server can carry (relays.md 1): control characters, blanks at
 * the ends, nothing at all. */
static bool password_ok(const struct secret *password, struct err *err)
{
	bool ok = password->size > 0 && password->bytes[0] != ' '
	          && password->bytes[password->size - 1] != ' ';

	for (size_t i = 0; ok && i < password->size; i++)
		ok = password->bytes[i] >= 0x20 && password->bytes[i] != 0x7f;
	return ok
	       || err_set(err, ERR_INPUT,
	                  _("a password must not be empty, hold control characters, or begin or "
	                    "end with a blank"));
}

/* A caller that keeps a pipe open must not keep us. */
static bool read_password(int fd, struct secret *password, struct err *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t deadline = clock_ticks() + PASSWORD_PATIENCE_MS;
	struct secret line = { 0 };
	bool ok = false;
	size_t used = 0;
	ssize_t got = 1;

	if (!secret_take(&line, PASSWORD_LIMIT + 2, err))
		return false;
	while (used < line.size && got > 0) {
		int64_t left = deadline - clock_ticks();
		if (left <= 0 || poll(&wait, 1, (int)left) <= 0) {
			(void)err_set(err, ERR_INPUT, _("the password did not come"));
			goto out;
		}
		got = read(fd, line.bytes + used, line.size - used);
		used += got > 0 ? (size_t)got : 0;
		/* a terminal has no end, only lines */
		if (got > 0 && line.bytes[used - 1] == '\n' && isatty(fd) == 1)
			break;
	}
	if (got < 0) {
		(void)err_errno(err, _("cannot read %s"), _("the password"));
		goto out;
	}
	if (used > 0 && line.bytes[used - 1] == '\n')
		used--;
	if (used > 0 && line.bytes[used - 1] == '\r')
		used--;
	if (used > PASSWORD_LIMIT) {
		(void)err_set(err, ERR_INPUT, _("%s is longer than %d bytes"), _("the password"),
		              PASSWORD_LIMIT);
		goto out;
	}
	ok = secret_copy(password, line.bytes, used, err) && password_ok(password, err);
out:
	secret_drop(&line);
	return ok;
}

struct new_password {
	struct keyd *keyd;
	const struct asked *asked;
	long long smarthost_id;
	const struct secret *password;
	int version;
};

static bool store_password(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct new_password *new = context;
	const struct key_request *request = &new->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *smarthost = db_number(arena, new->smarthost_id);
	struct vault_password name = { .version = 0 };
	struct vault_kek kek;
	struct sealed sealed;
	const struct row *row;
	long long subject = 0;
	long long kek_id = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &new->version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_SMARTHOST, DB_PARAMS(provider, smarthost), &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such smarthost"));
	if (!key_store_uuid(row, "provider_uuid", &name.provider, err)
	    || !key_store_uuid(row, "client_uuid", &name.client, err)
	    || !key_store_uuid(row, "uuid", &name.smarthost, err))
		return false;
	new->version = (int)row_number(row, "next_version");
	name.version = (uint32_t) new->version;
	long long client_id = row_number(row, "client_id");
	const char *subject_name = arena_print(arena, "%s:%lld", row_text(row, "host"),
	                                       row_number(row, "port"));
	return key_store_kek(db, arena, &new->keyd->vault, request->provider_id, &name.provider,
	                     "provider", &kek_id, &kek, err)
	       && vault_seal_password(&new->keyd->vault, &kek, &name, new->password, arena, &sealed,
	                              err)
	       && db_run(db, STMT_KEYD_PASSWORD_RETIRE, DB_PARAMS(provider, smarthost), NULL, err)
	       && db_run(db, STMT_KEYD_PASSWORD_ADD,
	                 DB_PARAMS(provider, smarthost, db_number(arena, new->version),
	                           db_number(arena, kek_id),
	                           db_bytes(arena, sealed.bytes, sealed.size)),
	                 NULL, err)
	       && key_store_request_add(db, arena, request, new->smarthost_id, new->version, err)
	       && key_store_event(db, arena, request, client_id, subject_name, "smarthost.password",
	                          "a new password was given", NULL, err);
}

bool keyd_answer_password(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                          const struct protocol_fds *fds, struct tree *answer, struct err *err)
{
	struct secret password = { 0 };
	struct asked asked;
	char detail[64];
	bool ok = false;

	struct new_password new = { .keyd = keyd, .asked = &asked, .password = &password };
	if (!field(question, "smarthost", &new.smarthost_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld", new.smarthost_id);
	if (!keyd_asked(keyd, peer, question, detail, &asked, err))
		return false;
	if (fds->count != 1)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	ok = read_password(fds->fd[0], &password, err)
	     && key_store_run(&keyd->store, DB_WRITE, store_password, &new, err);
	if (ok)
		tree_put_number(answer, "version", new.version);
	secret_drop(&password);
	return ok;
}

/* ---- relays ---- */

struct enrolment {
	struct keyd *keyd;
	const struct asked *asked;
	long long relay_id;
	const uint8_t *public_key;
	const char *fingerprint;
	int version;
};

/* The very key that is asked for is in force, and nobody touched its row. */
static bool enrolled_already(const struct enrolment *new, const struct row *row,
                             struct vault_relay *relay, struct arena *arena)
{
	uint8_t mac[VAULT_MAC];
	size_t key_size = 0, mac_size = 0;
	const unsigned char *key = row_bytes(row, "public_key", arena, &key_size);
	const unsigned char *stored = row_bytes(row, "mac", arena, &mac_size);

	if (key_size != sizeof relay->public_key || mac_size != sizeof mac
	    || sodium_memcmp(key, new->public_key, key_size) != 0)
		return false;
	relay->version = (uint32_t)row_number(row, "version");
	memcpy(relay->public_key, new->public_key, sizeof relay->public_key);
	vault_mac_relay(&new->keyd->vault, relay, mac);
	return sodium_memcmp(mac, stored, sizeof mac) == 0;
}

static bool store_relay(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct enrolment *new = context;
	const struct key_request *request = &new->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *relay_id = db_number(arena, new->relay_id);
	struct vault_relay relay = { .version = 0 };
	uint8_t mac[VAULT_MAC];
	const struct row *row;
	long long subject = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &new->version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_RELAY, DB_PARAMS(provider, relay_id), &row, err))
		return false;
	if (row == NULL || row_bool(row, "retired"))
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such relay"));
	if (!key_store_uuid(row, "provider_uuid", &relay.provider, err)
	    || !key_store_uuid(row, "uuid", &relay.relay, err))
		return false;
	if (enrolled_already(new, row, &relay, arena)) {
		new->version = (int)relay.version;
		return true;
	}
	new->version = (int)row_number(row, "next_version");
	relay.version = (uint32_t) new->version;
	memcpy(relay.public_key, new->public_key, sizeof relay.public_key);
	vault_mac_relay(&new->keyd->vault, &relay, mac);
	const char *name = arena_print(arena, "relay %s", row_text(row, "name"));
	const char *detail = arena_print(arena, "{\"fingerprint\": \"%s\", \"version\": %d}",
	                                 new->fingerprint, new->version);
	return db_run(db, STMT_KEYD_RELAY_KEY_RETIRE, DB_PARAMS(provider, relay_id), NULL, err)
	       && db_run(db, STMT_KEYD_RELAY_KEY_ADD,
	                 DB_PARAMS(provider, relay_id, db_number(arena, new->version),
	                           db_bytes(arena, relay.public_key, sizeof relay.public_key),
	                           new->fingerprint, db_bytes(arena, mac, sizeof mac),
	                           request->actor),
	                 NULL, err)
	       && key_store_request_add(db, arena, request, new->relay_id, new->version, err)
	       && key_store_event(db, arena, request, 0, name, "relay.enrol",
	                          "its public identity was accepted", detail, err);
}

bool keyd_answer_enrol(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                       struct tree *answer, struct err *err)
{
	const char *expected = tree_find_text(question, "fingerprint");
	uint8_t public_key[IDENTITY_PUBLIC];
	char fingerprint[IDENTITY_FINGERPRINT];
	struct asked asked;
	char detail[128];

	struct enrolment new = {
		.keyd = keyd,
		.asked = &asked,
		.public_key = public_key,
		.fingerprint = fingerprint,
	};
	if (!field(question, "relay", &new.relay_id, err)
	    || !identity_parse(tree_find_text(question, "identity"), public_key, err))
		return false;
	identity_fingerprint(public_key, fingerprint);
	(void)snprintf(detail, sizeof detail, "%lld|%s", new.relay_id, fingerprint);
	if (!keyd_asked(keyd, peer, question, detail, &asked, err))
		return false;
	if (expected != NULL && strcmp(expected, fingerprint) != 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("the fingerprint is %s, not the one that was read out"),
		              fingerprint);
		return err_hint(err, _("this identity is not the relay's; fetch it again"));
	}
	if (!key_store_run(&keyd->store, DB_WRITE, store_relay, &new, err))
		return false;
	tree_put_text(answer, "fingerprint", fingerprint);
	tree_put_number(answer, "version", new.version);
	return true;
}

/* ---- the end of a key ---- */

struct ending {
	const struct asked *asked;
	long long key_id;
};

static bool destroy_key(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct ending *ending = context;
	const struct key_request *request = &ending->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *key = db_number(arena, ending->key_id);
	const struct row *row;
	long long subject = 0;
	int version = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_KEY_DESTROY, DB_PARAMS(provider, key), &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_REFUSED,
		               _("only a key that is retired, revoked or cancelled is destroyed"));
	const char *domain = arena_copy(arena, row_text(row, "domain"));
	const char *detail = arena_print(arena, "{\"selector\": \"%s\"}",
	                                 row_text(row, "selector"));
	long long client_id = row_number(row, "client_id");
	return db_run(db, STMT_KEYD_SECRET_DELETE, DB_PARAMS(provider, key), NULL, err)
	       && key_store_request_add(db, arena, request, ending->key_id, 1, err)
	       && key_store_event(db, arena, request, client_id, domain, "key.destroy",
	                          "nothing can need the private half again", detail, err);
}

bool keyd_answer_destroy(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                         struct tree *answer, struct err *err)
{
	struct asked asked;
	char detail[64];
	struct ending ending = { .asked = &asked };

	if (!field(question, "key", &ending.key_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld", ending.key_id);
	if (!keyd_asked(keyd, peer, question, detail, &asked, err)
	    || !key_store_run(&keyd->store, DB_WRITE, destroy_key, &ending, err))
		return false;
	tree_put_number(answer, "key_id", ending.key_id);
	return true;
}

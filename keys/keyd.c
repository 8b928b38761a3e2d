#include "keys/keyd.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/hex.h"

/* ---- what all questions have in common ---- */

bool keyd_number(const struct call *call, const char *name, long long *number, struct err *err)
{
	*number = tree_as_number(tree_get(call->question, name), 0);
	return *number > 0
	       || err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""), name);
}

bool keyd_may(const struct keyd *keyd, const struct peer *peer, const char *operation,
              const char *provider, struct err *err)
{
	if (peer_may(&keyd->peers, peer, operation, provider))
		return true;
	(void)err_set(err, ERR_DENIED, _("%s may not ask the key service for \"%s\" here"),
	              peer->name, operation);
	return err_hint(err, _("the service's peers file says who may do what"));
}

struct may_ask {
	const struct call *call;
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
	return keyd_may(may->call->keyd, may->call->peer, may->operation, row_text(row, "name"),
	                err);
}

bool keyd_ask(const struct call *call, const char *detail, struct asked *asked, struct err *err)
{
	crypto_generichash_state state;
	const char *operation = tree_find_text(call->question, "op");
	struct key_request *request = &asked->request;

	*asked = (struct asked){ .request = { .peer_uid = (long long)call->peer->uid } };
	if (!keyd_number(call, "provider", &request->provider_id, err)
	    || !uuid_parse(tree_find_text(call->question, "request"), &request->uuid, err))
		return false;
	(void)snprintf(asked->actor, sizeof asked->actor, "%s (senderkeyd)", call->peer->name);
	request->operation = operation;
	request->actor = asked->actor;
	(void)crypto_generichash_init(&state, NULL, 0, sizeof request->digest);
	(void)crypto_generichash_update(&state, (const unsigned char *)operation,
	                                strlen(operation) + 1);
	(void)crypto_generichash_update(&state, (const unsigned char *)detail, strlen(detail));
	(void)crypto_generichash_final(&state, request->digest, sizeof request->digest);
	return true;
}

bool keyd_asked(const struct call *call, const char *detail, struct asked *asked, struct err *err)
{
	if (!keyd_ask(call, detail, asked, err))
		return false;
	struct may_ask may = { call, asked->request.operation, asked->request.provider_id };
	return key_store_run(&call->keyd->store, DB_READ, may_ask, &may, err);
}

bool keyd_owner_only(const struct call *call, struct err *err)
{
	return peer_is_owner(call->peer)
	       || err_set(err, ERR_DENIED,
	                  _("only root and the key service's own user may ask for this"));
}

void keyd_put_bytes(struct tree *answer, const char *name, const void *bytes, size_t size)
{
	char text[2 * KEYPAIR_PUBLIC + 1];

	hex_render(bytes, size, text);
	tree_put_text(answer, name, text);
}

/* ---- start ---- */

static const char *versions_of(const struct vault *vault, struct arena *arena)
{
	const char *versions[VAULT_FORMER + 1] = { db_number(arena, vault->master.version) };

	for (size_t i = 0; i < vault->former_count; i++)
		versions[i + 1] = db_number(arena, vault->former[i].master.version);
	return db_list(arena, versions, vault->former_count + 1);
}

struct setup {
	const struct keyd *keyd;
	uint8_t signer[32];
	bool stale; /* something hangs on a former version */
};

static bool setup(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct setup *this = context;
	const struct vault *vault = &this->keyd->vault;
	const struct master_key *master = &vault->master;
	struct vault_signer signer;
	struct secret probe = { 0 };
	const struct row *row;

	if (!db_one(db, STMT_KEYD_MASTER_FOREIGN,
	            DB_PARAMS(key_store_uuid_text(arena, &master->id), versions_of(vault, arena),
	                      db_number(arena, master->version)),
	            &row, err))
		return false;
	/* halt, never make new ones: whoever restored the wrong file must notice */
	if (row_bool(row, "foreign")) {
		(void)err_set(err, ERR_CRYPTO,
		              _("this database was sealed under another master key"));
		return err_hint(err,
		                _("bring back the master key file that belongs to it; if it is "
		                  "lost, see \"senderctl key escrow recover\""));
	}
	this->stale = row_bool(row, "stale");
	bool ok = key_store_note_master(db, arena, &master->id, master->version, err)
	          && key_store_signer(db, arena, vault, &signer, err)
	          && vault_open_signer(vault, &signer, &probe, err);
	secret_drop(&probe);
	if (ok)
		memcpy(this->signer, signer.public_key, sizeof this->signer);
	return ok;
}

bool keyd_setup(struct keyd *keyd, struct err *err)
{
	struct setup this = { .keyd = keyd };

	if (!key_store_run(&keyd->store, DB_WRITE, setup, &this, err))
		return false;
	/* only now: a signing key that was made is there, and the vault stays open */
	memcpy(keyd->signer, this.signer, sizeof keyd->signer);
	keyd->signer_known = true;
	if (this.stale && !keyd->rewrap.running)
		rewrap_begin(&keyd->rewrap);
	return true;
}

bool keyd_ready(struct keyd *keyd, struct err *err)
{
	return keyd->signer_known || keyd_setup(keyd, err);
}

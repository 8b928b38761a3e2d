#include "core/base/words.h"
#include "keys/escrow_sealed.h"
#include "keys/escrow_store.h"
#include "keys/operation.h"

/* `escrow-reissue`: a new key for a provider whose officer left.  The first
 * question makes it, with shares for the officers of today; every one, also
 * the first, seals a piece again, until nothing is left under the former key
 * and its shares go.  Whoever asks again after an interruption goes on where
 * it stopped. */

struct reissue {
	struct call *call;
	struct asked asked;
	bool begin;
	int quorum; /* 0: as it was */
	struct stored_keks *keks;
	bool made;
	bool resumed;
	long long moved;
	long long left;
	int used_quorum;
};

static long long provider_of(const struct reissue *this)
{
	return this->asked.request.provider_id;
}

/* ---- a new key ---- */

static bool make(struct reissue *this, struct db *db, struct arena *arena, struct err *err)
{
	const struct key_request *request = &this->asked.request;
	struct keyd *keyd = this->call->keyd;
	const struct stored_kek *old = &this->keks->items[0];
	struct stored_officers *officers = arena_take(arena, sizeof *officers);
	struct vault_kek kek;
	long long id = 0;
	int quorum = this->quorum > 0 ? this->quorum : old->quorum;

	if (quorum == 0) {
		(void)err_set(err, ERR_REFUSED, _("the key of this provider was never split"));
		return err_hint(err, _("senderctl key escrow make"));
	}
	const char *detail = arena_print(arena, "{\"former\": \"%s\", \"seals\": %lld}",
	                                 key_store_uuid_text(arena, &old->kek.id), old->used);
	const char *provider = db_number(arena, request->provider_id);
	const char *former = db_number(arena, old->id);
	this->made = escrow_store_confirmed(db, arena, &keyd->vault, &keyd->officers,
	                                    request->provider_id, officers, err)
	             && db_run(db, STMT_KEYD_KEK_RETIRE, DB_PARAMS(provider, former), NULL, err)
	             && key_store_kek(db, arena, &keyd->vault, request->provider_id,
	                              &old->kek.provider, "provider", &id, &kek, err)
	             && escrow_store_split(db, arena, &keyd->vault, request->provider_id, id, &kek,
	                                   officers, quorum, err)
	             && (old->used > 0
	                 || db_run(db, STMT_KEYD_SHARE_DROP, DB_PARAMS(provider, former), NULL,
	                           err))
	             && key_store_request_add(db, arena, request, id, 1, err)
	             && key_store_event(db, arena, request, 0, key_store_uuid_text(arena, &kek.id),
	                                "escrow.reissue",
	                                "a new key for the provider, with new shares", detail, err);
	return this->made && escrow_store_keks(db, arena, request->provider_id, this->keks, err);
}

/* ---- sealing again ---- */

/* What is sealed is opened again and compared before it is stored. */
static bool reseal_key(const struct reissue *this, struct db *db, struct arena *arena,
                       const struct stored_key *key, const struct stored_kek *from,
                       const struct stored_kek *to, struct err *err)
{
	const struct vault *vault = &this->call->keyd->vault;
	struct vault_key name = key->name;
	struct secret plain = { 0 };
	struct secret again = { 0 };
	struct sealed sealed;

	name.version++;
	bool ok = vault_open_key(vault, &from->kek, &key->name, &key->sealed, &plain, err)
	          && vault_seal_key(vault, &to->kek, &name, &plain, arena, &sealed, err)
	          && vault_open_key(vault, &to->kek, &name, &sealed, &again, err)
	          && (secret_same(&plain, &again)
	              || err_set(err, ERR_CRYPTO, _("sealing gives another result than it should")))
	          && db_run(db, STMT_KEYD_SECRET_RESEAL,
	                    DB_PARAMS(db_number(arena, provider_of(this)),
	                              db_number(arena, key->id), db_number(arena, name.version),
	                              db_number(arena, to->id),
	                              db_bytes(arena, sealed.bytes, sealed.size)),
	                    NULL, err);
	secret_drop(&plain);
	secret_drop(&again);
	return ok;
}

static bool reseal_password(const struct reissue *this, struct db *db, struct arena *arena,
                            long long smarthost_id, const struct stored_password *password,
                            const struct stored_kek *from, const struct stored_kek *to,
                            struct err *err)
{
	const struct vault *vault = &this->call->keyd->vault;
	const struct vault_password *name = &password->name;
	struct secret plain = { 0 };
	struct secret again = { 0 };
	struct sealed sealed;
	bool ok = vault_open_password(vault, &from->kek, name, &password->sealed, &plain, err)
	          && vault_seal_password(vault, &to->kek, name, &plain, arena, &sealed, err)
	          && vault_open_password(vault, &to->kek, name, &sealed, &again, err)
	          && (secret_same(&plain, &again)
	              || err_set(err, ERR_CRYPTO, _("sealing gives another result than it should")))
	          && db_run(db, STMT_KEYD_PASSWORD_RESEAL,
	                    DB_PARAMS(db_number(arena, provider_of(this)),
	                              db_number(arena, smarthost_id),
	                              db_number(arena, name->version), db_number(arena, to->id),
	                              db_bytes(arena, sealed.bytes, sealed.size)),
	                    NULL, err);

	secret_drop(&plain);
	secret_drop(&again);
	return ok;
}

static bool reseal_piece(struct reissue *this, struct db *db, struct arena *arena,
                         const struct stored_kek *from, const struct stored_kek *to,
                         struct err *err)
{
	struct sealed_keys *keys = arena_take(arena, sizeof *keys);
	struct sealed_passwords *passwords = arena_take(arena, sizeof *passwords);

	if (!escrow_sealed_keys(db, arena, provider_of(this), from->id, 0, keys, err))
		return false;
	for (size_t i = 0; i < keys->count; i++)
		if (!reseal_key(this, db, arena, &keys->items[i], from, to, err))
			return false;
	this->moved += (long long)keys->count;
	if (keys->count > 0)
		return true;
	if (!escrow_sealed_passwords(db, arena, provider_of(this), from->id, 0, 0, passwords, err))
		return false;
	for (size_t i = 0; i < passwords->count; i++)
		if (!reseal_password(this, db, arena, passwords->items[i].smarthost_id,
		                     &passwords->items[i].password, from, to, err))
			return false;
	this->moved += (long long)passwords->count;
	return true;
}

/* The former key seals nothing any more. */
static bool finish(const struct reissue *this, struct db *db, struct arena *arena,
                   const struct stored_kek *old, struct err *err)
{
	const struct key_request *request = &this->asked.request;

	return db_run(db, STMT_KEYD_SHARE_DROP,
	              DB_PARAMS(db_number(arena, request->provider_id), db_number(arena, old->id)),
	              NULL, err)
	       && key_store_event(db, arena, request, 0, key_store_uuid_text(arena, &old->kek.id),
	                          "escrow.reissued",
	                          "everything is sealed by the new key; the former shares are gone",
	                          NULL, err);
}

static bool step(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct reissue *this = context;
	const struct key_request *request = &this->asked.request;
	long long subject = 0;
	int version = 0;
	bool known = false;

	this->keks = arena_take(arena, sizeof *this->keks);
	this->made = false;
	this->moved = this->left = 0;
	if (!key_store_request_find(db, arena, request, &known, &subject, &version, err)
	    || !escrow_store_keks(db, arena, request->provider_id, this->keks, err))
		return false;
	if (this->keks->count == 0 || this->keks->items[0].retired)
		return err_set(err, ERR_REFUSED, _("this provider has no key yet"));
	this->resumed = this->keks->count > 1;
	if (this->begin && !known && !this->resumed && !make(this, db, arena, err))
		return false;
	this->used_quorum = this->keks->items[0].quorum;
	if (this->keks->count < 2)
		return true;
	const struct stored_kek *old = &this->keks->items[1];
	if (!reseal_piece(this, db, arena, old, &this->keks->items[0], err))
		return false;
	for (size_t i = 1; i < this->keks->count; i++)
		this->left += this->keks->items[i].used;
	this->left -= this->moved;
	return old->used > this->moved || finish(this, db, arena, old, err);
}

bool op_escrow_reissue(struct call *call, struct err *err)
{
	struct reissue this = { .call = call };
	char detail[32];

	this.begin = tree_as_bool(tree_get(call->question, "begin"), false);
	this.quorum = (int)tree_as_number(tree_get(call->question, "quorum"), 0);
	if (this.quorum < 0 || this.quorum > ESCROW_SHARES)
		return err_set(err, ERR_INPUT, _("a quorum is a number from 1 to %d"),
		               ESCROW_SHARES);
	(void)snprintf(detail, sizeof detail, "%d|%d", this.begin, this.quorum);
	if (!keyd_asked(call, detail, &this.asked, err)
	    || !key_store_run(&call->keyd->store, DB_WRITE, step, &this, err))
		return false;
	tree_put_bool(call->answer, "made", this.made);
	tree_put_bool(call->answer, "resumed", this.resumed);
	tree_put_number(call->answer, "moved", this.moved);
	tree_put_number(call->answer, "left", this.left);
	tree_put_number(call->answer, "quorum", this.used_quorum);
	return true;
}

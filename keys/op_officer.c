#include <string.h>
#include <time.h>

#include "core/base/words.h"
#include "keys/escrow_store.h"
#include "keys/operation.h"

/* Officers: registered by one operator, confirmed by another within an hour. */

enum { PATIENCE = 3600 };

struct officer_call {
	struct call *call;
	struct asked asked;
	const char *name;
	uint8_t public_key[ESCROW_PUBLIC]; /* adding */
	char fingerprint[FINGERPRINT_TEXT];
	const char *expected; /* confirming: what was read aloud */
	bool confirmed;       /* the outcome */
};

/* Nobody but root and ourselves may ask anything here: there is no second one
 * to wait for. */
static bool alone(const struct call *call)
{
	return call->keyd->peers.count == 0;
}

/* Which master key makes the MAC: its name and version as parameters. */
#define MASTER(call, arena) \
	key_store_uuid_text(arena, &(call)->keyd->vault.master.id), \
		db_number(arena, (call)->keyd->vault.master.version)

static bool begin(struct call *call, struct officer_call *this, const char *detail, struct err *err)
{
	this->call = call;
	this->name = tree_find_text(call->question, "name");
	if (this->name == NULL || *this->name == '\0')
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "name");
	char text[256];
	(void)snprintf(text, sizeof text, "%s|%s", this->name, detail != NULL ? detail : "");
	return keyd_asked(call, text, &this->asked, err);
}

static bool note(struct db *db, struct arena *arena, const struct officer_call *this,
                 const struct stored_officer *officer, const char *what, const char *why,
                 struct err *err)
{
	const struct key_request *request = &this->asked.request;

	return key_store_request_add(db, arena, request, officer->id, 1, err)
	       && key_store_event(db, arena, request, 0,
	                          arena_print(arena, "officer %s", officer->seal.name), what, why,
	                          arena_print(arena, "{\"fingerprint\": \"%s\"}",
	                                      officer->fingerprint),
	                          err);
}

static bool known(struct db *db, struct arena *arena, const struct officer_call *this, bool *is,
                  struct err *err)
{
	long long subject = 0;
	int version = 0;

	return key_store_request_find(db, arena, &this->asked.request, is, &subject, &version, err);
}

/* ---- add ---- */

static bool may_stand(const struct officer_call *this, const char *fingerprint, struct err *err)
{
	if (officer_list_allows(&this->call->keyd->officers, fingerprint))
		return true;
	(void)err_set(err, ERR_REFUSED,
	              _("officer %s (%s) is not in the list of officers that this machine's root "
	                "keeps"),
	              this->name, fingerprint);
	return err_hint(err, _("add the fingerprint there and start the service again, or retire "
	                       "the officer"));
}

static bool insert(struct db *db, struct arena *arena, struct officer_call *this,
                   struct stored_officer *new, struct err *err)
{
	const struct key_request *request = &this->asked.request;
	uint8_t mac[VAULT_MAC];
	const struct row *row;
	struct vault_officer *seal = &new->seal;

	seal->name = this->name;
	seal->officer = uuid_make();
	seal->state = this->confirmed ? OFFICER_CONFIRMED : OFFICER_WAITING;
	seal->added_uid = this->call->peer->uid;
	seal->added_at = (uint64_t)time(NULL);
	memcpy(seal->public_key, this->public_key, ESCROW_PUBLIC);
	new->fingerprint = this->fingerprint;
	vault_escrow_mac_officer(&this->call->keyd->vault, seal, mac);
	if (!db_one(db, STMT_KEYD_OFFICER_ADD,
	            DB_PARAMS(db_number(arena, request->provider_id),
	                      key_store_uuid_text(arena, &seal->officer), seal->name,
	                      db_bytes(arena, seal->public_key, ESCROW_PUBLIC), new->fingerprint,
	                      db_bytes(arena, mac, sizeof mac), request->actor,
	                      db_number(arena, seal->added_uid),
	                      db_number(arena, (long long)seal->added_at),
	                      this->confirmed ? request->actor : NULL, MASTER(this->call, arena)),
	            &row, err))
		return false;
	new->id = row_number(row, "id");
	return true;
}

/* An officer of that name: the same again, one nobody confirmed in time, or
 * somebody else. */
static bool in_the_way(struct db *db, struct arena *arena, const struct officer_call *this,
                       const struct stored_officer *old, bool *same, struct err *err)
{
	uint64_t now = (uint64_t)time(NULL);

	*same = memcmp(old->seal.public_key, this->public_key, ESCROW_PUBLIC) == 0
	        && (old->seal.state == OFFICER_CONFIRMED || now < old->seal.added_at + PATIENCE);
	if (*same)
		return true;
	if (old->seal.state == OFFICER_CONFIRMED) {
		(void)err_set(err, ERR_CONFLICT, _("there is an officer %s already, with key %s"),
		              old->seal.name, old->fingerprint);
		return err_hint(err, _("a new key is a new officer: retire the former one first"));
	}
	struct vault_officer gone = old->seal;
	uint8_t mac[VAULT_MAC];
	gone.state = OFFICER_RETIRED;
	vault_escrow_mac_officer(&this->call->keyd->vault, &gone, mac);
	return db_run(db, STMT_KEYD_OFFICER_RETIRE,
	              DB_PARAMS(db_number(arena, this->asked.request.provider_id),
	                        db_number(arena, old->id), db_bytes(arena, mac, sizeof mac),
	                        MASTER(this->call, arena)),
	              NULL, err);
}

static bool add(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct officer_call *this = context;
	const char *provider = db_number(arena, this->asked.request.provider_id);
	struct stored_officers *officers = arena_take(arena, sizeof *officers);
	struct stored_officer new = { .id = 0 };
	const struct row *row;
	bool done = false;

	if (!known(db, arena, this, &done, err)
	    || !escrow_store_officers(db, arena, this->asked.request.provider_id, officers, err))
		return false;
	const struct stored_officer *old = escrow_store_find(officers, this->name);
	this->confirmed = alone(this->call);
	if (old != NULL && !done && !in_the_way(db, arena, this, old, &done, err))
		return false;
	if (done) {
		this->confirmed = old != NULL && old->seal.state == OFFICER_CONFIRMED;
		return true;
	}
	if (!db_one(db, STMT_KEYD_PROVIDER, DB_PARAMS(provider), &row, err)
	    || !key_store_uuid(row, "uuid", &new.seal.provider, err))
		return false;
	return insert(db, arena, this, &new, err)
	       && note(db, arena, this, &new, "officer.add",
	               this->confirmed ? "an officer was registered; nobody else may ask this "
	                                 "service, so nobody confirms"
	                               : "an officer was registered and waits for a second "
	                                 "operator",
	               err);
}

bool op_officer_add(struct call *call, struct err *err)
{
	const char *key = tree_find_text(call->question, "key");
	const char *expected = tree_find_text(call->question, "fingerprint");
	struct officer_call this = { .call = call };

	if (!officer_key_parse(key, this.public_key, err))
		return false;
	fingerprint_render(this.public_key, ESCROW_PUBLIC, this.fingerprint);
	if (!begin(call, &this, key, err))
		return false;
	if (expected != NULL && strcmp(expected, this.fingerprint) != 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("the fingerprint is %s, not the one that was read out"),
		              this.fingerprint);
		return err_hint(err, _("this key is not the officer's; fetch it again"));
	}
	if (!may_stand(&this, this.fingerprint, err)
	    || !key_store_run(&call->keyd->store, DB_WRITE, add, &this, err))
		return false;
	tree_put_text(call->answer, "fingerprint", this.fingerprint);
	tree_put_bool(call->answer, "confirmed", this.confirmed);
	tree_put_bool(call->answer, "alone", alone(call));
	return true;
}

/* ---- confirm ---- */

/* Another person, in time, and the row as we wrote it. */
static bool may_confirm(const struct officer_call *this, const struct stored_officer *officer,
                        struct err *err)
{
	const struct vault_officer *seal = &officer->seal;

	if (!vault_escrow_check_officer(&this->call->keyd->vault, seal, officer->mac,
	                                officer->mac_size, err))
		return false;
	if (seal->added_uid == this->call->peer->uid && !alone(this->call)) {
		(void)err_set(err, ERR_REFUSED, _("officer %s was registered by you"), seal->name);
		return err_hint(err, _("another operator has to confirm him"));
	}
	if ((uint64_t)time(NULL) >= seal->added_at + PATIENCE) {
		(void)err_set(err, ERR_REFUSED,
		              _("officer %s was registered more than an hour ago"), seal->name);
		return err_hint(err, _("register him again"));
	}
	return may_stand(this, officer->fingerprint, err);
}

/* The officer whom the call names; NULL: it was answered before. */
static bool find(struct db *db, struct arena *arena, struct officer_call *this,
                 struct stored_officer **officer, struct err *err)
{
	struct stored_officers *officers = arena_take(arena, sizeof *officers);
	bool done = false;

	*officer = NULL;
	if (!known(db, arena, this, &done, err))
		return false;
	if (done)
		return true;
	if (!escrow_store_officers(db, arena, this->asked.request.provider_id, officers, err))
		return false;
	*officer = escrow_store_find(officers, this->name);
	return *officer != NULL
	       || err_set(err, ERR_NOT_FOUND, _("this provider has no officer %s"), this->name);
}

static bool confirm(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct officer_call *this = context;
	const struct key_request *request = &this->asked.request;
	struct stored_officer *officer = NULL;
	uint8_t mac[VAULT_MAC];

	if (!find(db, arena, this, &officer, err))
		return false;
	if (officer == NULL)
		return true;
	if (strcmp(this->expected, officer->fingerprint) != 0)
		return err_set(err, ERR_REFUSED,
		               _("the fingerprint is %s, not the one that was read out"),
		               officer->fingerprint);
	/* the state is part of the MAC: written into the table it does not pass */
	if (officer->seal.state == OFFICER_CONFIRMED)
		return vault_escrow_check_officer(&this->call->keyd->vault, &officer->seal,
		                                  officer->mac, officer->mac_size, err);
	if (!may_confirm(this, officer, err))
		return false;
	officer->seal.state = OFFICER_CONFIRMED;
	vault_escrow_mac_officer(&this->call->keyd->vault, &officer->seal, mac);
	return db_run(db, STMT_KEYD_OFFICER_CONFIRM,
	              DB_PARAMS(db_number(arena, request->provider_id),
	                        db_number(arena, officer->id), db_bytes(arena, mac, sizeof mac),
	                        request->actor, MASTER(this->call, arena)),
	              NULL, err)
	       && note(db, arena, this, officer, "officer.confirm",
	               "a second operator compared the fingerprint", err);
}

bool op_officer_confirm(struct call *call, struct err *err)
{
	struct officer_call this = { .call = call };

	this.expected = tree_find_text(call->question, "fingerprint");
	if (this.expected == NULL)
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "fingerprint");
	return begin(call, &this, this.expected, err)
	       && key_store_run(&call->keyd->store, DB_WRITE, confirm, &this, err);
}

/* ---- retire ---- */

static bool retire(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct officer_call *this = context;
	const struct key_request *request = &this->asked.request;
	struct stored_officer *officer = NULL;
	uint8_t mac[VAULT_MAC];

	if (!find(db, arena, this, &officer, err))
		return false;
	if (officer == NULL)
		return true;
	/* a row that is not ours may go as well: that is how one gets rid of it */
	officer->seal.state = OFFICER_RETIRED;
	vault_escrow_mac_officer(&this->call->keyd->vault, &officer->seal, mac);
	return db_run(db, STMT_KEYD_OFFICER_RETIRE,
	              DB_PARAMS(db_number(arena, request->provider_id),
	                        db_number(arena, officer->id), db_bytes(arena, mac, sizeof mac),
	                        MASTER(this->call, arena)),
	              NULL, err)
	       && note(db, arena, this, officer, "officer.retire", "an officer leaves", err);
}

bool op_officer_retire(struct call *call, struct err *err)
{
	struct officer_call this = { .call = call };

	return begin(call, &this, NULL, err)
	       && key_store_run(&call->keyd->store, DB_WRITE, retire, &this, err);
}

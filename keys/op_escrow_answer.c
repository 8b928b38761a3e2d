#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/escrow_hearing.h"
#include "keys/escrow_trial.h"
#include "keys/operation.h"

/* `escrow-answer`: what the officers answered, and what follows from it: a
 * proof is noted, a drill is tried in an empty vault, a recovery puts the keys
 * under the master key of today. */

enum { ANSWERS_MOST = 1024 * 1024 };

struct answering {
	struct call *call;
	struct asked asked;
	uint8_t *bytes;
	size_t size;
	/* what came of it, outlasting the transaction */
	struct arena kept;
	struct escrow_hearing hearing;
	struct escrow_witness witness;
	long long keys;
	long long passwords;
	size_t others; /* officers who did not answer, and have to come again */
};

static long long provider_of(const struct answering *this)
{
	return this->asked.request.provider_id;
}

/* ---- a recovery ---- */

/* Under the master key of today, and all that it seals opens. */
static bool rewrap(struct answering *this, struct db *db, struct arena *arena, size_t index,
                   struct err *err)
{
	struct keyd *keyd = this->call->keyd;
	struct stored_kek *kek = &this->hearing.keks.items[index];
	const struct secret *key = &this->hearing.recovered[index];
	const struct escrow_kek name = vault_escrow_name(&kek->kek);
	uint8_t column[VAULT_ESCROW_COMMIT];
	uint8_t commit[ESCROW_COMMIT];

	escrow_commit(&name, key, commit);
	vault_escrow_put_commit(&keyd->vault, &name, commit, column);
	return vault_wrap_kek(&keyd->vault, &kek->kek, key, arena, err)
	       && db_run(db, STMT_KEYD_KEK_RECOVER,
	                 DB_PARAMS(db_number(arena, provider_of(this)), db_number(arena, kek->id),
	                           key_store_uuid_text(arena, &kek->kek.master),
	                           db_number(arena, kek->kek.master_version),
	                           db_bytes(arena, kek->kek.sealed.bytes, kek->kek.sealed.size),
	                           db_bytes(arena, column, sizeof column)),
	                 NULL, err)
	       && escrow_trial_all(&keyd->vault, db, arena, provider_of(this), kek, &this->keys,
	                           &this->passwords, err)
	       && (this->witness.domain != NULL
	           || escrow_trial_sign(keyd, &keyd->vault, db, arena, provider_of(this), kek->id,
	                                &kek->kek, &this->witness, err));
}

/* Officers whose shares gave the key back are officers, whatever key made
 * their MAC.  Of the others nobody knows: they are registered again. */
static bool judge_officer(struct answering *this, struct db *db, struct arena *arena,
                          struct stored_officer *officer, struct err *err)
{
	const char *provider = db_number(arena, provider_of(this));
	const char *id = db_number(arena, officer->id);
	bool proved = false;
	uint8_t mac[VAULT_MAC];

	for (size_t i = 0; i < this->hearing.officers.count; i++)
		proved = proved
		         || (this->hearing.officers.items[i].id == officer->id
		             && (this->hearing.honest >> i & 1) != 0);
	officer->seal.state = proved ? OFFICER_CONFIRMED : OFFICER_RETIRED;
	vault_escrow_mac_officer(&this->call->keyd->vault, &officer->seal, mac);
	const struct master_key *master = &this->call->keyd->vault.master;
	const char *uuid = key_store_uuid_text(arena, &master->id);
	const char *version = db_number(arena, master->version);
	if (proved)
		return db_run(db, STMT_KEYD_OFFICER_CONFIRM,
		              DB_PARAMS(provider, id, db_bytes(arena, mac, sizeof mac),
		                        this->asked.request.actor, uuid, version),
		              NULL, err);
	this->others++;
	return db_run(db, STMT_KEYD_OFFICER_RETIRE,
	              DB_PARAMS(provider, id, db_bytes(arena, mac, sizeof mac), uuid, version),
	              NULL, err);
}

static bool recover(struct answering *this, struct db *db, struct arena *arena, struct err *err)
{
	const struct master_key *master = &this->call->keyd->vault.master;
	const char *uuid = key_store_uuid_text(arena, &master->id);
	struct stored_officers *all = arena_take(arena, sizeof *all);

	if (!key_store_note_master(db, arena, &master->id, master->version, err))
		return false;
	for (size_t i = 0; i < this->hearing.keks.count; i++)
		if (!rewrap(this, db, arena, i, err))
			return false;
	if (!escrow_store_officers(db, arena, provider_of(this), all, err))
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (!judge_officer(this, db, arena, &all->items[i], err))
			return false;
	return db_run(db, STMT_KEYD_POOL_LOST, DB_PARAMS(db_number(arena, provider_of(this)), uuid),
	              NULL, err)
	       && db_run(db, STMT_KEYD_SIGNER_LOST, DB_PARAMS(uuid), NULL, err);
}

/* ---- a drill ---- */

static bool drill(struct answering *this, struct db *db, struct arena *arena, struct err *err)
{
	const struct stored_kek *kek = &this->hearing.keks.items[0];

	return escrow_trial_drill(this->call->keyd, db, arena, provider_of(this), kek,
	                          &this->hearing.recovered[0], &this->witness, err)
	       && db_run(db, STMT_KEYD_KEK_DRILLED,
	                 DB_PARAMS(db_number(arena, provider_of(this)), db_number(arena, kek->id)),
	                 NULL, err);
}

/* ---- all three ---- */

static bool note_proved(struct answering *this, struct db *db, struct arena *arena, struct err *err)
{
	const struct escrow_hearing *hearing = &this->hearing;
	const char *ids[ESCROW_OFFICERS];
	size_t count = 0;

	for (size_t i = 0; i < hearing->officers.count; i++)
		if ((hearing->honest >> i & 1) != 0)
			ids[count++] = db_number(arena, hearing->officers.items[i].id);
	return db_run(db, STMT_KEYD_OFFICER_PROVED,
	              DB_PARAMS(db_number(arena, provider_of(this)), db_list(arena, ids, count)),
	              NULL, err);
}

static bool note_event(const struct answering *this, struct db *db, struct arena *arena, bool good,
                       struct err *err)
{
	static const char *const whys[][2] = {
		[ESCROW_RECOVER] = { "the officers' answers did not bring the key back",
		                     "officers brought the key of the provider back" },
		[ESCROW_DRILL] = { "the officers' answers did not bring the key back",
		                   "officers brought the key back into an empty vault, and it signed" },
		[ESCROW_PROVE] = { "an officer's proof was not accepted",
		                   "officers proved that they have their keys" },
	};
	const struct escrow_hearing *hearing = &this->hearing;
	const char *word = escrow_letter_word(hearing->request.purpose);
	const char *detail = arena_print(
		arena,
		"{\"officers\": \"%s\", \"suspects\": \"%s\", \"keys\": %lld, \"passwords\": %lld}",
		escrow_hearing_names(hearing, arena, hearing->answered),
		escrow_hearing_names(hearing, arena, hearing->suspect), this->keys,
		this->passwords);

	return key_store_event(db, arena, &this->asked.request, 0, word,
	                       arena_print(arena, "escrow.%s%s", word, good ? "" : "-failed"),
	                       whys[hearing->request.purpose][good], detail, err);
}

static bool hear(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct answering *this = context;
	struct escrow_hearing *hearing = &this->hearing;
	struct keyd *keyd = this->call->keyd;

	escrow_hearing_drop(hearing); /* of a first try */
	this->keys = this->passwords = 0;
	this->others = 0;
	this->witness = (struct escrow_witness){ .domain = NULL };
	if (!escrow_hearing_open(hearing, db, &this->kept, keyd, provider_of(this), this->bytes,
	                         this->size, err)
	    || (hearing->request.purpose != ESCROW_RECOVER && !keyd_ready(keyd, err))
	    || !escrow_hearing_combine(hearing, db, &this->kept, keyd, provider_of(this), err))
		return false;
	bool ok = hearing->request.purpose == ESCROW_RECOVER ? recover(this, db, &this->kept, err)
	          : hearing->request.purpose == ESCROW_DRILL ? drill(this, db, &this->kept, err)
	                                                     : true;
	return ok && note_proved(this, db, arena, err)
	       && escrow_store_end_request(db, arena, provider_of(this), &hearing->request.request,
	                                   err)
	       && note_event(this, db, arena, true, err);
}

/* A failed drill is as important as a good one. */
static bool note_failure(struct db *db, struct arena *arena, void *context, struct err *err)
{
	return note_event(context, db, arena, false, err);
}

static bool read_answers(struct answering *this, struct err *err)
{
	int fd = this->call->fds->count == 1 ? this->call->fds->fd[0] : -1;
	struct stat is;

	if (fd < 0 || fstat(fd, &is) != 0 || !S_ISREG(is.st_mode) || is.st_size <= 0
	    || is.st_size > ANSWERS_MOST)
		return err_set(err, ERR_INPUT, _("answers come in a file of at most %d bytes"),
		               ANSWERS_MOST);
	this->size = (size_t)is.st_size;
	this->bytes = malloc(this->size);
	if (this->bytes == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	return pread(fd, this->bytes, this->size, 0) == (ssize_t)this->size
	       || err_errno(err, _("cannot read the answers"));
}

static void put_names(struct answering *this, const char *name, uint64_t members)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < this->hearing.officers.count; i++)
		if ((members >> i & 1) != 0)
			tree_push_text(list, this->hearing.officers.items[i].seal.name);
	tree_put(this->call->answer, name, list);
}

static void describe(struct answering *this)
{
	struct tree *answer = this->call->answer;
	struct err later = { 0 };

	tree_put_text(answer, "purpose", escrow_letter_word(this->hearing.request.purpose));
	put_names(this, "proved", this->hearing.honest);
	put_names(this, "suspects", this->hearing.suspect);
	tree_put_text(answer, "domain", this->witness.domain);
	tree_put_text(answer, "selector", this->witness.selector);
	if (this->hearing.request.purpose != ESCROW_RECOVER)
		return;
	tree_put_number(answer, "keys", this->keys);
	tree_put_number(answer, "passwords", this->passwords);
	tree_put_number(answer, "others", (long long)this->others);
	/* the last provider that came back lets the service work again */
	tree_put_bool(answer, "ready", keyd_ready(this->call->keyd, &later));
}

bool op_escrow_answer(struct call *call, struct err *err)
{
	struct answering *this = calloc(1, sizeof *this);
	struct err ignored = { 0 };
	bool ok = false;

	if (this == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	this->call = call;
	ok = read_answers(this, err) && keyd_asked(call, "", &this->asked, err)
	     && key_store_run(&call->keyd->store, DB_WRITE, hear, this, err);
	if (ok)
		describe(this);
	else if (this->hearing.request.purpose != 0 && err->code != ERR_DATABASE
	         && !key_store_run(&call->keyd->store, DB_WRITE, note_failure, this, &ignored))
		log_warn("escrow", "%s", ignored.text);
	escrow_hearing_drop(&this->hearing);
	arena_reset(&this->kept);
	free(this->bytes);
	free(this);
	return ok;
}

#include <string.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/operation.h"
#include "keys/secret_line.h"

enum { PASSPHRASE_LIMIT = 1024 };

/* ---- status ---- */

static const struct master_file *file_of(const struct keyd *keyd, uint32_t version)
{
	for (size_t i = 0; i < keyd->masters.count; i++)
		if (keyd->masters.files[i].version == version)
			return &keyd->masters.files[i];
	return NULL;
}

struct listing {
	const struct keyd *keyd;
	struct tree *list;
};

static bool list_version(const struct row *row, void *context, struct err *err)
{
	const struct listing *listing = context;
	const struct keyd *keyd = listing->keyd;
	uint32_t version = (uint32_t)row_number(row, "version");
	const struct master_file *file = NULL;
	struct tree *item = tree_map();
	struct uuid id;

	if (row_is_null(row, "uuid") || !uuid_parse(row_text(row, "uuid"), &id, err))
		id = (struct uuid){ .bytes = { 0 } };
	else if (uuid_same(&id, &keyd->vault.master.id))
		file = file_of(keyd, version);
	tree_put_text(item, "master", row_text(row, "uuid"));
	tree_put_number(item, "version", version);
	tree_put_bool(item, "newest", vault_is_newest(&keyd->vault, &id, version));
	tree_put_text(item, "file", file != NULL ? file->name : NULL);
	tree_put_bool(item, "passphrase", file != NULL && file->locked);
	tree_put_text(item, "made_at", row_text(row, "made_at"));
	tree_put_text(item, "retired_at", row_text(row, "retired_at"));
	tree_put_number(item, "keks", row_number(row, "keks"));
	tree_put_number(item, "signers", row_number(row, "signers"));
	tree_put_number(item, "relays", row_number(row, "relays"));
	tree_put_number(item, "officers", row_number(row, "officers"));
	tree_push(listing->list, item);
	return true;
}

static bool list_versions(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct listing *listing = context;

	UNUSED(arena);
	tree_drop(listing->list); /* of an attempt that is repeated */
	listing->list = tree_list();
	return db_each(db, STMT_KEYD_MASTER_ROWS, DB_NO_PARAMS, list_version, listing, err);
}

bool op_master_status(struct call *call, struct err *err)
{
	const struct rewrap *rewrap = &call->keyd->rewrap;
	const bool progress = tree_as_bool(tree_get(call->question, "progress"), false);
	struct listing listing = { .keyd = call->keyd };

	if (!peer_may(&call->keyd->peers, call->peer, "status", NULL))
		return err_set(err, ERR_DENIED, _("%s may not ask the key service for \"%s\" here"),
		               call->peer->name, "master-status");
	/* who waits asks ten times a second; counting would take longer than wrapping */
	if (!progress
	    && !key_store_run(&call->keyd->store, DB_READ, list_versions, &listing, err)) {
		tree_drop(listing.list);
		return false;
	}
	if (!progress)
		tree_put(call->answer, "versions", listing.list);
	tree_put_bool(call->answer, "running", rewrap->running);
	tree_put_number(call->answer, "done", rewrap->done);
	tree_put_number(call->answer, "failed", rewrap->failed);
	return true;
}

/* ---- rotate ---- */

/* The one that the caller brought, if he did; it must be that of the files. */
static bool read_passphrase(const struct call *call, struct secret *passphrase, struct err *err)
{
	const struct master_files *masters = &call->keyd->masters;

	if (call->fds->count == 1)
		return secret_line_read(call->fds->fd[0], _("the passphrase"), PASSPHRASE_LIMIT,
		                        passphrase, err)
		       && (passphrase->size > 0
		           || err_set(err, ERR_INPUT, _("the passphrase is empty")))
		       && master_files_check(masters, passphrase, err);
	if (!master_files_locked(masters))
		return true;
	(void)err_set(err, ERR_REFUSED, _("%s needs its passphrase"), masters->path);
	return err_hint(err, _("its successor is kept under the same; say --passphrase"));
}

/* Is a former version waiting for its end? */
static bool unfinished(const struct keyd *keyd, struct err *err)
{
	uint32_t oldest = keyd->vault.master.version;

	if (keyd->vault.former_count == 0)
		return false;
	for (size_t i = 0; i < keyd->vault.former_count; i++)
		if (keyd->vault.former[i].master.version < oldest)
			oldest = keyd->vault.former[i].master.version;
	(void)err_set(err, ERR_REFUSED, _("version %u of the master key is not retired yet"),
	              (unsigned)oldest);
	(void)err_hint(err, _("senderctl key master retire %u"), (unsigned)oldest);
	return true;
}

static bool add_version(struct keyd *keyd, const struct secret *passphrase, struct err *err)
{
	struct master_key next = { .version = 0 };
	bool ok = master_key_succeed(&keyd->vault.master, &next, err)
	          && master_files_add(&keyd->masters, &next, passphrase, err)
	          && vault_add_master(&keyd->vault, &next, err);

	master_key_drop(&next);
	if (ok)
		log_info("master key", "version %u was made", (unsigned)keyd->vault.master.version);
	return ok;
}

bool op_master_rotate(struct call *call, struct err *err)
{
	struct keyd *keyd = call->keyd;
	struct secret passphrase = { 0 };
	bool resumed = keyd->rewrap.running || keyd->rewrap.failed > 0;

	if (!keyd_owner_only(call, err) || (!resumed && unfinished(keyd, err)))
		return false;
	bool ok = resumed
	          || (read_passphrase(call, &passphrase, err)
	              && add_version(keyd, passphrase.size > 0 ? &passphrase : NULL, err));
	secret_drop(&passphrase);
	if (!ok)
		return false;
	if (!keyd->rewrap.running)
		rewrap_begin(&keyd->rewrap);
	tree_put_number(call->answer, "version", (long long)keyd->vault.master.version);
	tree_put_bool(call->answer, "resumed", resumed);
	return true;
}

/* ---- retire ---- */

struct retiring {
	struct keyd *keyd;
	uint32_t version;
	long long rows; /* that still name it */
};

static bool count_rows(const struct row *row, void *context, struct err *err)
{
	struct retiring *retiring = context;

	UNUSED(err);
	if (row_number(row, "version") == retiring->version)
		retiring->rows += row_number(row, "keks") + row_number(row, "signers")
		                  + row_number(row, "relays") + row_number(row, "officers");
	return true;
}

static bool retire_row(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct retiring *retiring = context;

	retiring->rows = 0;
	if (!db_each(db, STMT_KEYD_MASTER_ROWS, DB_NO_PARAMS, count_rows, retiring, err))
		return false;
	if (retiring->rows > 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("%lld rows of the database hang on version %u of the master key"),
		              retiring->rows, (unsigned)retiring->version);
		return err_hint(err, _("\"senderctl key master rotate\" goes on with them"));
	}
	return db_run(db, STMT_KEYD_MASTER_RETIRE,
	              DB_PARAMS(key_store_uuid_text(arena, &retiring->keyd->vault.master.id),
	                        db_number(arena, retiring->version)),
	              NULL, err);
}

bool op_master_retire(struct call *call, struct err *err)
{
	struct keyd *keyd = call->keyd;
	struct retiring retiring = { .keyd = keyd };
	long long version = 0;

	if (!keyd_owner_only(call, err) || !keyd_number(call, "version", &version, err))
		return false;
	if (version >= (long long)keyd->vault.master.version)
		return err_set(err, ERR_REFUSED, _("version %lld is not a former one"), version);
	retiring.version = (uint32_t)version;
	/* the row first: what follows can be repeated, and nothing is wrapped under it meanwhile */
	if (!key_store_run(&keyd->store, DB_WRITE, retire_row, &retiring, err)
	    || !master_files_remove(&keyd->masters, retiring.version, err))
		return false;
	vault_drop_master(&keyd->vault, retiring.version);
	log_info("master key", "version %u was retired", (unsigned)retiring.version);
	tree_put_number(call->answer, "version", version);
	tree_put_bool(call->answer, "credential", keyd->masters.credential);
	return true;
}

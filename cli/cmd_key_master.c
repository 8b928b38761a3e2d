/* `key unlock`, `key master ...`: the key above all keys; never the key itself. */

#include "cli/commands.h"

#include <stdint.h>
#include <stdlib.h>

#include "cli/print.h"
#include "cli/typing.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "keys/client.h"

struct unlock_args {
	long passphrase_fd;
};

static const struct option_row unlock_options[] = {
	NUMBER(struct unlock_args, passphrase_fd, "--passphrase-fd", "N",
	       N_("read it from this descriptor; without it, from the terminal")),
	OPTIONS_END,
};

static bool unlock_run(struct session *session, const void *given, struct err *err)
{
	const struct unlock_args *args = given;
	struct keys_client *keys = NULL;
	struct keys_status status;
	struct typing typing;
	bool changed = false;

	if (!session_keys(session, &keys, err) || !keys_status(keys, &status, err))
		return false;
	if (status.sealed && !session->options->dry_run) {
		bool ok = typing_begin(&typing, (int)args->passphrase_fd, _("Passphrase:"), err)
		          && keys_unlock(keys, (int)args->passphrase_fd, &changed, err);
		typing_end(&typing);
		if (!ok)
			return false;
	}
	struct tree *answer = tree_map();
	tree_put_bool(answer, "changed", changed);
	tree_put_bool(answer, "sealed", status.sealed && !changed);
	print_line(session, !status.sealed ? _("the key service is not sealed; nothing was changed")
	                    : changed      ? _("the key service is unlocked")
	                                   : _("the key service would be unlocked"));
	print_json(session, answer);
	return true;
}

/* ---- master ---- */

struct no_args {
	bool unused;
};

static const struct option_row no_options[] = { OPTIONS_END };

static const struct print_column version_columns[] = {
	{ "version", N_("version"), PRINT_RIGHT },
	{ "file", N_("file"), PRINT_LEFT },
	{ "made_at", N_("made"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	{ "keks", N_("provider keys"), PRINT_RIGHT },
	{ "signers", N_("signing keys"), PRINT_RIGHT },
	{ "relays", N_("relays"), PRINT_RIGHT },
	{ "officers", N_("officers"), PRINT_RIGHT },
	PRINT_COLUMNS_END,
};

static bool status_run(struct session *session, const void *given, struct err *err)
{
	struct keys_client *keys = NULL;
	struct tree *status = NULL;

	UNUSED(given);
	if (!session_keys(session, &keys, err) || !keys_master_status(keys, &status, err))
		return false;
	if (tree_as_bool(tree_get(status, "running"), false))
		print_line(session, _("everything is being wrapped under the newest version"));
	print_table(session, tree_get(status, "versions"), version_columns);
	print_json(session, status);
	return true;
}

struct rotate_args {
	bool passphrase;
	long passphrase_fd;
	bool no_wait;
};

static const struct option_row rotate_options[] = {
	FLAG(struct rotate_args, passphrase, "--passphrase",
	     N_("the new version is kept under a passphrase: that of the present one, if it has one")),
	NUMBER(struct rotate_args, passphrase_fd, "--passphrase-fd", "N",
	       N_("read it from this descriptor; without it, from the terminal")),
	FLAG(struct rotate_args, no_wait, "--no-wait",
	     N_("do not wait until everything is wrapped")),
	OPTIONS_END,
};

/* Does one of them lie under a passphrase?  Then the next one does, too. */
static bool wants_passphrase(const struct tree *status)
{
	const struct tree *versions = tree_get(status, "versions");
	bool wants = false;

	for (size_t i = 0; i < tree_count(versions); i++)
		wants = wants || tree_as_bool(tree_get(tree_at(versions, i), "passphrase"), false);
	return wants;
}

/* Until nothing is left to wrap; the last status is the caller's. */
static bool wait_for_wraps(struct keys_client *keys, struct tree **status, struct err *err)
{
	do {
		tree_drop(*status);
		*status = NULL;
		clock_wait(100);
		if (!keys_master_progress(keys, status, err))
			return false;
	} while (tree_as_bool(tree_get(*status, "running"), false));
	return true;
}

static bool begin(struct keys_client *keys, const struct rotate_args *args, bool wants,
                  int *version, bool *resumed, struct err *err)
{
	const int fd = (int)args->passphrase_fd;
	struct typing typing;

	if (!wants && !args->passphrase && args->passphrase_fd == 0)
		return keys_master_rotate(keys, -1, version, resumed, err);
	bool ok = typing_begin(&typing, fd, _("Passphrase:"), err)
	          && keys_master_rotate(keys, fd, version, resumed, err);
	typing_end(&typing);
	return ok;
}

static void say_rotated(struct session *session, const struct tree *status, int version,
                        bool waited)
{
	long long failed = tree_as_number(tree_get(status, "failed"), 0);

	if (!waited)
		print_line(session,
		           _("version %d is there; \"key master status\" shows how far it is"),
		           version);
	else if (failed > 0)
		print_line(session,
		           _("%lld rows do not open; the log of the key service names them"),
		           failed);
	else
		print_line(session,
		           _("everything hangs on version %d now; keep a copy of its file, then: "
		             "senderctl key master retire %d"),
		           version, version - 1);
	session->status = waited && failed > 0;
}

static bool rotate_run(struct session *session, const void *given, struct err *err)
{
	const struct rotate_args *args = given;
	struct keys_client *keys = NULL;
	struct tree *status = NULL;
	int version = 0;
	bool resumed = false;

	if (!session_keys(session, &keys, err) || !keys_master_status(keys, &status, err))
		return false;
	if (session->options->dry_run) {
		print_line(session, _("a new version of the master key would be made"));
		tree_drop(status);
		return true;
	}
	bool ok = session_confirm(session, err,
	                          _("make a new version of the master key and wrap everything "
	                            "under it?"))
	          && begin(keys, args, wants_passphrase(status), &version, &resumed, err)
	          && (args->no_wait || wait_for_wraps(keys, &status, err));
	if (ok) {
		struct tree *answer = tree_map();
		tree_put_number(answer, "version", version);
		tree_put_bool(answer, "resumed", resumed);
		if (!args->no_wait)
			tree_put_number(answer, "failed",
			                tree_as_number(tree_get(status, "failed"), 0));
		say_rotated(session, status, version, !args->no_wait);
		print_json(session, answer);
	}
	tree_drop(status);
	return ok;
}

struct retire_args {
	const char *version;
};

static const struct option_row retire_options[] = {
	PLACE(struct retire_args, version, "VERSION", N_("a former one: \"key master status\"")),
	OPTIONS_END,
};

static bool retire_run(struct session *session, const void *given, struct err *err)
{
	const struct retire_args *args = given;
	struct keys_client *keys = NULL;
	bool credential = false;
	char *end = NULL;
	long version = strtol(args->version, &end, 10);

	if (*end != '\0' || version < 1 || version > INT32_MAX)
		return err_set(err, ERR_USAGE, _("\"%s\" is not a version"), args->version);
	if (!session_confirm(session, err,
	                     _("dumps of the database from its time open with version %ld alone; "
	                       "remove its file here?"),
	                     version))
		return false;
	if (!session->options->dry_run
	    && (!session_keys(session, &keys, err)
	        || !keys_master_retire(keys, (int)version, &credential, err)))
		return false;
	struct tree *answer = tree_map();
	tree_put_number(answer, "version", version);
	print_line(session,
	           session->options->dry_run ? _("version %ld would be retired")
	           : credential ? _("version %ld is retired; hand over its successor alone")
	                        : _("version %ld is retired; its file is gone"),
	           version);
	print_json(session, answer);
	return true;
}

const struct command cmd_key_master[] = {
	{ "key unlock", N_("give the key service the passphrase of its master key"), ACCESS_NOTHING,
	  unlock_options, sizeof(struct unlock_args), unlock_run, "senderctl key unlock\n" },
	{ "key master status", N_("versions of the master key, and what hangs on each"),
	  ACCESS_NOTHING, no_options, sizeof(struct no_args), status_run,
	  "senderctl key master status\n" },
	{ "key master rotate", N_("relieve the master key while the service works"), ACCESS_NOTHING,
	  rotate_options, sizeof(struct rotate_args), rotate_run, "senderctl key master rotate\n" },
	{ "key master retire", N_("remove a version that nothing hangs on any more"),
	  ACCESS_NOTHING, retire_options, sizeof(struct retire_args), retire_run,
	  "senderctl key master retire 1\n" },
	COMMANDS_END,
};

#include "cli/commands.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/print.h"
#include "cli/relay_host.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/install.h"
#include "core/export/plan.h"
#include "core/export/release.h"
#include "core/model/generation.h"

struct export_args {
	const char *relay;
	const char *output;
	const char *root;
	const char *against;
	bool install;
	bool include_unverified;
	bool no_reload;
};

static const struct option_row export_options[] = {
	PLACE(struct export_args, relay, "RELAY", N_("a relay: lms/mx1")),
	ALLOWED(struct export_args, output, "--output", "DIR",
	        N_("write the files and the sealed bundle there")),
	FLAG(struct export_args, install, "--install",
	     N_("this machine is the relay: validate, swap, reload, acknowledge")),
	FLAG(struct export_args, include_unverified, "--include-unverified",
	     N_("also senders whose records are not verified")),
	ALLOWED(struct export_args, root, "--root", "DIR",
	        N_("the relay's folder of generations, if it is not the default")),
	FLAG(struct export_args, no_reload, "--no-reload",
	     N_("with --install: swap without reloading")),
	OPTIONS_END,
};

static const struct option_row diff_options[] = {
	PLACE(struct export_args, relay, "RELAY", N_("a relay: lms/mx1")),
	PLACE_MAYBE(struct export_args, against, "DIR",
	            N_("an older export; without it, what is installed on this machine")),
	FLAG(struct export_args, include_unverified, "--include-unverified",
	     N_("also senders whose records are not verified")),
	ALLOWED(struct export_args, root, "--root", "DIR",
	        N_("the relay's folder of generations, if it is not the default")),
	OPTIONS_END,
};

/* ---------------------------------------------------------------- a place for a while */

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	UNUSED(about);
	UNUSED(kind);
	UNUSED(walk);
	return remove(path);
}

/* The folder is named whole, for what is said of it must hold wherever one
 * stands: a TMPDIR that is relative counts as none. */
static bool take_folder(struct session *session, char **folder, struct err *err)
{
	const char *below = conf_environment("TMPDIR");

	if (below == NULL || below[0] != '/')
		below = "/tmp";
	*folder = arena_print(&session->arena, "%s/senderctl-export.XXXXXX", below);
	if (mkdtemp(*folder) != NULL)
		return true;
	*folder = NULL;
	return err_errno(err, _("cannot make a temporary folder"));
}

static void drop_folder(const char *folder)
{
	if (folder != NULL)
		(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---------------------------------------------------------------- the answer */

static const struct print_column withheld_columns[] = { { "sender", N_("withheld"), PRINT_NAME },
	                                                { "reason", N_("because"), PRINT_WRAP },
	                                                PRINT_COLUMNS_END };

static const struct print_column change_columns[] = { { "file", N_("file"), PRINT_LEFT },
	                                              { "change", N_("change"), PRINT_LEFT },
	                                              { "added", N_("rows added"), PRINT_RIGHT },
	                                              { "removed", N_("rows removed"),
	                                                PRINT_RIGHT },
	                                              PRINT_COLUMNS_END };

/* The stable keys of product.md; takes what the release holds of trees. */
static struct tree *answer_of(struct release *release)
{
	struct tree *answer = tree_map();

	tree_put_text(answer, "relay", release->relay.full_name);
	tree_put_number(answer, "generation", release->number);
	tree_put_text(answer, "digest", release->digest);
	tree_put(answer, "files", release->files);
	tree_put_number(answer, "senders", release->senders);
	tree_put(answer, "withheld", release->withheld);
	tree_put_bool(answer, "changed", release->changed);
	tree_put_number(answer, "keys", release->secrets);
	release->files = NULL;
	release->withheld = NULL;
	return answer;
}

static void say(struct session *session, const struct release *release, const struct tree *answer)
{
	const struct tree *withheld = tree_get(answer, "withheld");

	print_line(session,
	           release->changed ? _("relay %s: generation %lld, new, digest %.16s...")
	                            : _("relay %s: generation %lld, unchanged, digest %.16s..."),
	           release->relay.full_name, release->number, release->digest);
	print_line(session, _("%lld senders, %lld keys, %zu senders withheld"), release->senders,
	           release->secrets, tree_count(withheld));
	if (!session->options->quiet)
		print_table(session, withheld, withheld_columns);
	if (tree_count(withheld) > 0)
		session->status = 1;
}

static const char *root_of(struct session *session, const struct export_args *args)
{
	return args->root != NULL ? args->root : relay_host_root(session, args->relay);
}

/* ---------------------------------------------------------------- export */

/* Rendered, shown, forgotten: what an export would do. */
static bool preview(struct session *session, const struct export_args *args, const char *against,
                    bool rows, struct err *err)
{
	struct release release = { 0 };
	struct tree *changes = NULL;
	struct text lines = { 0 };
	char *folder = NULL;
	bool differs = false;
	bool ok = take_folder(session, &folder, err);
	const struct release_wish wish = {
		.relay = args->relay,
		.root = root_of(session, args),
		.folder = folder,
		.include_unverified = args->include_unverified,
		.preview = true,
	};

	ok = ok && release_make(session->db, NULL, &session->arena, &wish, &release, err)
	     && (against == NULL
	         || plan_compare(&session->arena, against, folder, &changes, rows ? &lines : NULL,
	                         &differs, err));
	if (ok) {
		struct tree *answer = answer_of(&release);
		say(session, &release, answer);
		if (changes != NULL) {
			if (!session->options->quiet)
				print_table(session, changes, change_columns);
			print_raw(session, text_string(&lines));
			tree_put(answer, "changes", changes);
			changes = NULL;
		}
		if (rows && differs)
			session->status = 1;
		if (!rows)
			print_line(session, "%s",
			           _("nothing was written: --output DIR writes it, --install "
			             "installs it on this machine"));
		print_json(session, answer);
	}
	tree_drop(changes);
	text_free(&lines);
	release_drop(&release);
	drop_folder(folder);
	return ok;
}

static bool write_out(struct session *session, const struct export_args *args,
                      struct keys_client *keys, struct err *err)
{
	struct release release = { 0 };
	const struct release_wish wish = {
		.relay = args->relay,
		.root = root_of(session, args),
		.folder = args->output,
		.include_unverified = args->include_unverified,
	};
	bool ok = release_make(session->db, keys, &session->arena, &wish, &release, err);

	if (ok) {
		struct tree *answer = answer_of(&release);
		say(session, &release, answer);
		print_line(session, _("written to %s; on the relay: senderctl relay install %s"),
		           args->output, args->output);
		print_json(session, answer);
	}
	release_drop(&release);
	return ok;
}

static bool install(struct session *session, const struct export_args *args,
                    struct keys_client *keys, struct err *err)
{
	struct release release = { 0 };
	struct install_report report = { 0 };
	struct keys_status service;
	char *folder = NULL;
	bool ok = keys_status(keys, &service, err) && take_folder(session, &folder, err);
	const struct release_wish wish = {
		.relay = args->relay,
		.root = root_of(session, args),
		.folder = folder,
		.include_unverified = args->include_unverified,
	};

	ok = ok && release_make(session->db, keys, &session->arena, &wish, &release, err)
	     && relay_host_install(session, folder, wish.root, service.signing_key, args->no_reload,
	                           &report, err)
	     && relay_host_ack(session, &release.relay, release.number, err);
	if (ok) {
		struct tree *answer = answer_of(&release);
		say(session, &release, answer);
		print_raw(session, text_string(&report.notes));
		print_line(session,
		           report.already ? _("%s runs it already")
		                          : _("installed in %s and acknowledged"),
		           wish.root);
		tree_put_bool(answer, "installed", true);
		print_json(session, answer);
	}
	text_free(&report.notes);
	release_drop(&release);
	drop_folder(folder);
	return ok;
}

static bool export_run(struct session *session, const void *given, struct err *err)
{
	const struct export_args *args = given;
	struct keys_client *keys;

	if (args->output != NULL && args->install)
		return err_set(err, ERR_USAGE, _("--output and --install exclude each other"));
	if ((args->output == NULL && !args->install) || session->options->dry_run) {
		const char *current = arena_print(&session->arena, "%s/current",
		                                  root_of(session, args));
		return preview(session, args, file_exists(current) ? current : NULL, false, err);
	}
	if (!session_keys(session, &keys, err))
		return false;
	return args->install ? install(session, args, keys, err)
	                     : write_out(session, args, keys, err);
}

static bool diff_run(struct session *session, const void *given, struct err *err)
{
	const struct export_args *args = given;
	const char *against = args->against;

	if (against == NULL)
		against = arena_print(&session->arena, "%s/current", root_of(session, args));
	if (!file_exists(against)) {
		(void)err_set(err, ERR_NOT_FOUND, _("there is nothing at %s to compare with"),
		              against);
		return err_hint(
			err,
			_("name the folder of an older export: senderctl export diff RELAY DIR"));
	}
	return preview(session, args, against, true, err);
}

const struct command cmd_export[] = {
	{ "export", N_("render a relay's configuration: show it, write it, install it"),
	  ACCESS_OPEN, export_options, sizeof(struct export_args), export_run,
	  "senderctl export lms/mx1\nsenderctl export lms/mx1 --output /tmp/mx1\n"
	  "senderctl export lms/mx1 --install\n" },
	{ "export diff", N_("what an export would change, row by row"), ACCESS_OPEN, diff_options,
	  sizeof(struct export_args), diff_run,
	  "senderctl export diff lms/mx1\nsenderctl export diff lms/mx1 /tmp/mx1\n" },
	COMMANDS_END,
};

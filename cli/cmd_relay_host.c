/* The verbs of `relay` that a relay itself needs. */

#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/relay_host.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "core/export/unseal.h"

struct install_args {
	const char *folder;
	const char *root;
	const char *signer;
	bool no_reload;
};

static const struct option_row install_options[] = {
	PLACE(struct install_args, folder, "DIR", N_("a folder made by \"export --output\"")),
	ALLOWED(struct install_args, root, "--root", "DIR",
	        N_("the folder of generations, if it is not the configured one")),
	ALLOWED(struct install_args, signer, "--signer", "KEY",
	        N_("who may send bundles, \"sks1:...\", if the configuration does not say")),
	FLAG(struct install_args, no_reload, "--no-reload", N_("swap without reloading")),
	OPTIONS_END,
};

struct ack_args {
	const char *relay;
	const char *number;
};

static const struct option_row ack_options[] = {
	PLACE(struct ack_args, relay, "RELAY", N_("a relay: lms/mx1")),
	PLACE(struct ack_args, number, "GENERATION", N_("the number it runs now")),
	OPTIONS_END,
};

struct keygen_args {
	const char *identity;
};

static const struct option_row keygen_options[] = {
	ALLOWED(struct keygen_args, identity, "--identity", "FILE",
	        N_("where the private half goes, if not where the configuration says")),
	OPTIONS_END,
};

static bool keygen_run(struct session *session, const void *given, struct err *err)
{
	const struct keygen_args *args = given;
	const char *file = args->identity != NULL ? args->identity : relay_host_identity(session);
	const char *identity, *fingerprint;
	bool made;

	if (session->options->dry_run && !file_exists(file)) {
		print_line(session, _("would make %s"), file);
		return true;
	}
	if (!unseal_identity(&session->arena, file, &identity, &fingerprint, &made, err))
		return false;
	struct tree *answer = tree_map();
	tree_put_text(answer, "identity", identity);
	tree_put_text(answer, "fingerprint", fingerprint);
	tree_put_text(answer, "file", file);
	tree_put_bool(answer, "made", made);
	print_line(session, made ? _("made %s") : _("%s was there already"), file);
	print_line(session, _("identity     %s"), identity);
	print_line(session, _("fingerprint  %s"), fingerprint);
	print_line(session, _("where the registry is: senderctl relay enrol RELAY %s"), identity);
	print_json(session, answer);
	return true;
}

static bool install_run_here(struct session *session, const void *given, struct err *err)
{
	const struct install_args *args = given;
	const char *root = args->root != NULL ? args->root : session->conf->relay.root;
	struct install_report report = { 0 };
	struct tree *answer = tree_map();
	bool ok;

	if (session->options->dry_run)
		ok = install_read(&session->arena, args->folder, &report.plan, err);
	else
		ok = relay_host_install(session, args->folder, root, args->signer, args->no_reload,
		                        &report, err);
	if (ok) {
		const struct install_plan *plan = &report.plan;
		tree_put_text(answer, "relay", plan->relay);
		tree_put_number(answer, "generation", plan->number);
		tree_put_text(answer, "digest", plan->digest);
		tree_put_bool(answer, "already", report.already);
		print_raw(session, text_string(&report.notes));
		print_line(session,
		           session->options->dry_run
		                   ? _("relay %s, generation %lld: every file is whole")
		           : report.already ? _("relay %s runs generation %lld already")
		                            : _("relay %s runs generation %lld now"),
		           plan->relay, plan->number);
		print_line(session, _("tell the registry: senderctl relay ack %s %lld"),
		           plan->relay, plan->number);
		print_json(session, answer);
		answer = NULL;
	}
	tree_drop(answer);
	text_free(&report.notes);
	return ok;
}

static bool ack_run(struct session *session, const void *given, struct err *err)
{
	const struct ack_args *args = given;
	struct generation_relay relay;
	char *end;

	errno = 0;
	long long number = strtoll(args->number, &end, 10);
	if (errno != 0 || *end != '\0' || number < 1)
		return err_set(err, ERR_USAGE, _("\"%s\" is not the number of a generation"),
		               args->number);
	if (!db_begin(session->db, DB_READ, err)
	    || !generation_relay_load(session->db, &session->arena, args->relay, &relay, err))
		return false;
	db_rollback(session->db);
	if (!session->options->dry_run && !relay_host_ack(session, &relay, number, err))
		return false;
	struct tree *answer = tree_map();
	tree_put_text(answer, "relay", relay.full_name);
	tree_put_number(answer, "generation", number);
	print_line(session, _("relay %s runs generation %lld"), relay.full_name, number);
	print_json(session, answer);
	return true;
}

const struct command cmd_relay_host[] = {
	{ "relay keygen", N_("on the relay: make its identity, or show it"), ACCESS_NOTHING,
	  keygen_options, sizeof(struct keygen_args), keygen_run, "senderctl relay keygen\n" },
	{ "relay install", N_("on the relay: unseal, validate, swap, reload"), ACCESS_NOTHING,
	  install_options, sizeof(struct install_args), install_run_here,
	  "senderctl relay install /tmp/mx1\n" },
	{ "relay ack", N_("record that a relay runs a generation"), ACCESS_OPEN, ack_options,
	  sizeof(struct ack_args), ack_run, "senderctl relay ack lms/mx1 7\n" },
	COMMANDS_END,
};

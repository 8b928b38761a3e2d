/* The verbs of `relay` that a relay itself needs. */

#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "cli/relay_host.h"
#include "core/base/words.h"

struct install_args {
	const char *folder;
	const char *root;
	bool no_reload;
};

static const struct option_row install_options[] = {
	PLACE(struct install_args, folder, "DIR", N_("a folder made by \"export --output\"")),
	ALLOWED(struct install_args, root, "--root", "DIR",
	        N_("the folder of generations, if it is not the configured one")),
	FLAG(struct install_args, no_reload, "--no-reload", N_("swap without reloading")),
	OPTIONS_END
};

struct ack_args {
	const char *relay;
	const char *number;
};

static const struct option_row ack_options[] = {
	PLACE(struct ack_args, relay, "RELAY", N_("a relay: lms/mx1")),
	PLACE(struct ack_args, number, "GENERATION", N_("the number it runs now")),
	OPTIONS_END
};

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
		ok = relay_host_install(session, args->folder, root, args->no_reload, &report, err);
	if (ok) {
		const struct install_plan *plan = &report.plan;
		tree_put_text(answer, "relay", plan->relay);
		tree_put_number(answer, "generation", plan->number);
		tree_put_text(answer, "digest", plan->digest);
		tree_put_bool(answer, "already", report.already);
		print_raw(session, text_string(&report.notes));
		print_line(session, session->options->dry_run ? _("relay %s, generation %lld: every file is whole")
		                    : report.already ? _("relay %s runs generation %lld already")
		                                     : _("relay %s runs generation %lld now"),
		           plan->relay, plan->number);
		print_line(session, _("tell the registry: senderctl relay ack %s %lld"), plan->relay,
		           plan->number);
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
		return err_set(err, ERR_USAGE, _("\"%s\" is not the number of a generation"), args->number);
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
	{ "relay install", N_("on the relay: unseal, validate, swap, reload"), ACCESS_NOTHING,
	  install_options, sizeof(struct install_args), install_run_here,
	  "senderctl relay install /tmp/mx1\n" },
	{ "relay ack", N_("record that a relay runs a generation"), ACCESS_OPEN, ack_options,
	  sizeof(struct ack_args), ack_run, "senderctl relay ack lms/mx1 7\n" },
	COMMANDS_END
};

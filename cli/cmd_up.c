#include "cli/commands.h"

#include "cli/print.h"
#include "core/base/words.h"
#include "core/ops/doctor.h"
#include "core/ops/embedded.h"

struct no_args {
	bool unused;
};

static const struct option_row no_options[] = { OPTIONS_END };

/* With a connection string of its own the database is somebody else's; the
 * embedded one would only confuse. */
static bool embedded_wanted(const struct session *session, struct err *err)
{
	if (session->conf->connection == NULL)
		return true;
	(void)err_set(err, ERR_REFUSED,
	              _("%s names a database of its own; the embedded environment "
	                "is not for it"),
	              session->conf->file);
	return err_hint(err, _("\"senderctl db init\" prepares that database; remove "
	                       "database.connection to use the embedded one"));
}

static void put_place(struct tree *answer, const struct embedded *place)
{
	tree_put_text(answer, "state", place->state);
	tree_put_text(answer, "database_socket", place->cluster.sockets);
	tree_put_text(answer, "keys_socket", place->keys_socket);
	tree_put_text(answer, "user", place->person);
	tree_put_bool(answer, "separate_users", place->as_root);
}

/* One line for each thing that was done; none when all was there. */
static void say_done(struct session *session, const struct embedded *place,
                     const struct embedded_report *report)
{
	if (report->users_made)
		print_line(session, _("made the system users senderctl and senderkeyd"));
	if (report->cluster_made)
		print_line(session, _("made a private PostgreSQL in %s"), place->cluster.folder);
	if (report->cluster_started)
		print_line(session, _("started the database on %s"), place->cluster.sockets);
	if (report->migrations > 0)
		print_line(session, _("brought the schema up to date (%d migrations)"),
		           report->migrations);
	if (report->person_let_in)
		print_line(session, _("let in \"%s\" as manager, operator and exporter"),
		           place->person);
	if (report->master_made)
		print_line(session,
		           _("made the master key in %s: keep a copy of it apart from "
		             "backups of the database"),
		           place->keys_folder);
	if (report->keys_started)
		print_line(session, _("started the key service on %s"), place->keys_socket);
}

struct up_args {
	bool recover;
};

static const struct option_row up_options[] = {
	FLAG(struct up_args, recover, "--recover",
	     N_("start the key service although its master key opens nothing here, for \"key escrow "
	        "recover\"")),
	OPTIONS_END,
};

static bool up_run(struct session *session, const void *given, struct err *err)
{
	const struct up_args *args = given;
	struct embedded place;
	struct embedded_report report;

	if (!embedded_wanted(session, err)
	    || !embedded_place(session->conf, &session->arena, &place, err))
		return false;
	place.recover = args->recover;
	if (session->options->dry_run) {
		bool runs = cluster_answers(&place.cluster) && embedded_keys_answer(&place);
		print_line(session,
		           runs ? _("everything runs already")
		                : _("would make or start what is missing in %s"),
		           place.state);
		struct tree *plan = tree_map();
		tree_put_bool(plan, "changed", !runs);
		put_place(plan, &place);
		print_json(session, plan);
		return true;
	}
	if (!embedded_up(&place, &report, err))
		return false;
	bool changed = report.users_made || report.cluster_made || report.cluster_started
	               || report.database_made || report.migrations > 0 || report.person_let_in
	               || report.master_made || report.keys_started;
	say_done(session, &place, &report);
	if (!changed)
		print_line(session, _("everything runs already; nothing was changed"));
	if (!place.as_root && (report.master_made || report.keys_started))
		print_line(session,
		           _("note: database, key service and you share one user: the keys are "
		             "protected against a stolen dump, not against this user"));
	struct tree *answer = tree_map();
	tree_put_bool(answer, "changed", changed);
	tree_put_bool(answer, "cluster_made", report.cluster_made);
	tree_put_bool(answer, "cluster_started", report.cluster_started);
	tree_put_number(answer, "migrations", report.migrations);
	tree_put_bool(answer, "master_made", report.master_made);
	tree_put_bool(answer, "keys_started", report.keys_started);
	put_place(answer, &place);
	print_json(session, answer);
	return true;
}

static bool down_run(struct session *session, const void *given, struct err *err)
{
	struct embedded place;
	struct embedded_report report = { 0 };

	UNUSED(given);
	if (!embedded_wanted(session, err)
	    || !embedded_place(session->conf, &session->arena, &place, err))
		return false;
	if (!session->options->dry_run && !embedded_down(&place, &report, err))
		return false;
	if (session->options->dry_run)
		print_line(session, _("would stop what runs in %s"), place.state);
	else if (!report.keys_stopped && !report.cluster_stopped)
		print_line(session, _("nothing runs; nothing was changed"));
	if (report.keys_stopped)
		print_line(session, _("stopped the key service"));
	if (report.cluster_stopped)
		print_line(session, _("stopped the database; the data stays in %s"), place.state);
	struct tree *answer = tree_map();
	tree_put_bool(answer, "changed", report.keys_stopped || report.cluster_stopped);
	tree_put_bool(answer, "keys_stopped", report.keys_stopped);
	tree_put_bool(answer, "cluster_stopped", report.cluster_stopped);
	put_place(answer, &place);
	print_json(session, answer);
	return true;
}

static bool put_finding(const struct finding *finding, void *context, struct err *err)
{
	struct tree *item = tree_map();

	UNUSED(err);
	tree_put_text(item, "state", finding_word(finding->state));
	tree_put_text(item, "subject", finding->subject);
	tree_put_text(item, "finding", finding->text);
	tree_put_text(item, "remedy", finding->remedy);
	tree_push(context, item);
	return true;
}

static const struct print_column finding_columns[] = {
	{ "state", N_("state"), PRINT_LEFT },
	{ "subject", N_("subject"), PRINT_LEFT },
	{ "finding", N_("finding"), PRINT_WRAP },
	{ "remedy", N_("what to do"), PRINT_WRAP },
	PRINT_COLUMNS_END,
};

static bool doctor_run(struct session *session, const void *given, struct err *err)
{
	struct tree *list = tree_list();
	enum finding_state worst = FINDING_FINE;

	UNUSED(given);
	if (!doctor_examine(session->conf, &session->arena, put_finding, list, &worst, err)) {
		tree_drop(list);
		return false;
	}
	session->status = worst == FINDING_BROKEN;
	print_list(session, list, finding_columns);
	return true;
}

const struct command cmd_up[] = {
	{ "up", N_("make and start the embedded database and key service"), ACCESS_NOTHING,
	  up_options, sizeof(struct up_args), up_run, "senderctl up\n" },
	{ "down", N_("stop the embedded database and key service"), ACCESS_NOTHING, no_options,
	  sizeof(struct no_args), down_run, "senderctl down\n" },
	{ "doctor", N_("say what is wrong with this machine, and what to do"), ACCESS_NOTHING,
	  no_options, sizeof(struct no_args), doctor_run,
	  "senderctl doctor\nsenderctl doctor --json\n" },
	COMMANDS_END,
};

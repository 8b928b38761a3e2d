#include "cli/cmd_check.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/model/report.h"

enum { ATTEMPTS = 8 };

struct done_args {
	const char *scope;
	const char *note;
	bool no_check;
};

static const struct option_row done_options[] = {
	PLACE(struct done_args, scope, "CLIENT|DOMAIN", N_("who said so, or about which domain")),
	ALLOWED(struct done_args, note, "--note", "TEXT", N_("who, when, by which way")),
	FLAG(struct done_args, no_check, "--no-check",
	     N_("note it only; a monitor looks, or you do later")),
	OPTIONS_END,
};

/* What was reported, and what is looked at because of it. */
struct done {
	struct scope scope;
	struct facts facts;
	struct survey survey;
};

static bool note_report(struct session *session, const struct done_args *args, struct done *done,
                        struct err *err)
{
	struct db *db = session->db;

	*done = (struct done){ .survey.list.arena = &session->arena };
	if (!scope_find(db, &session->arena, args->scope, &done->scope, err)
	    || !facts_load(db, &session->arena, &done->scope, &done->facts, err))
		return false;
	if (done->facts.domain_count == 0)
		return err_set(err, ERR_REFUSED, _("%s has no sender domain yet"),
		               done->scope.words);
	return report_add(db, &done->scope, &done->facts, args->note, err)
	       && survey_list_add(&done->survey.list, db, &done->scope, err);
}

static bool commit_report(struct session *session, const struct done_args *args, struct done *done,
                          struct err *err)
{
	bool ok = db_begin(session->db, DB_WRITE, err) && note_report(session, args, done, err);

	if (ok && session->options->dry_run)
		db_rollback(session->db);
	else
		ok = ok && db_commit(session->db, err);
	if (!ok)
		db_rollback(session->db);
	return ok;
}

/* The report counts from its own commit on, whatever the look finds. */
static bool report(struct session *session, const struct done_args *args, struct done *done,
                   struct err *err)
{
	for (int attempt = 1; !commit_report(session, args, done, err); attempt++) {
		if (err->code != ERR_AGAIN || attempt == ATTEMPTS)
			return false;
		clock_wait(10 * attempt * attempt);
		*err = (struct err){ 0 };
	}
	return true;
}

static bool look(struct session *session, struct done *done, struct tree *answer, struct err *err)
{
	struct cmd_check check = { .survey = &done->survey };

	return asking_settings(session, &check.dns, err)
	       && cmd_check_all(session, &check, answer, err);
}

static bool done_run(struct session *session, const void *given, struct err *err)
{
	const struct done_args *args = given;
	struct done done;

	if (!report(session, args, &done, err))
		return false;

	struct tree *answer = tree_map(), *reported = tree_list();
	for (size_t i = 0; i < done.facts.domain_count; i++) {
		print_line(session, _("noted: the records of %s are said to be set"),
		           done.facts.domains[i].name);
		tree_push_text(reported, done.facts.domains[i].name);
	}
	if (args->no_check)
		print_line(session, _("senderctl check %s looks whether they are"),
		           done.scope.words);
	tree_put(answer, "reported", reported);
	session->spool_name = "domains";
	bool ok = args->no_check || look(session, &done, answer, err);
	if (ok && session->status != 0)
		print_line(session, "%s",
		           _("a monitor looks again, first after minutes, for 72 hours, and tells "
		             "you"));
	if (ok)
		print_json(session, answer);
	else
		tree_drop(answer);
	return ok;
}

const struct command cmd_report[] = {
	{ "report-done", N_("note that the customer says the records are set, and look"),
	  ACCESS_OPEN, done_options, sizeof(struct done_args), done_run,
	  "senderctl report-done lms/acme --note \"Ms Example, by telephone\"\n"
	  "senderctl report-done acme.example --no-check\n" },
	COMMANDS_END,
};

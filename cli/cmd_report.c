#include "cli/cmd_check.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/report.h"

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
	struct arena *arena;
	const struct done_args *args;
	struct scope scope;
	struct facts facts;
	struct survey survey;
};

static bool report(struct db *db, void *context, struct err *err)
{
	struct done *done = context;
	struct arena *arena = done->arena;

	*done = (struct done){ .arena = arena, .args = done->args, .survey.list.arena = arena };
	if (!scope_find(db, arena, done->args->scope, &done->scope, err)
	    || !facts_load(db, arena, &done->scope, &done->facts, err))
		return false;
	if (done->facts.domain_count == 0)
		return err_set(err, ERR_REFUSED, _("%s has no sender domain yet"),
		               done->scope.words);
	return report_add(db, &done->scope, &done->facts, done->args->note, err)
	       && survey_list_add(&done->survey.list, db, &done->scope, err);
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
	struct done done = { .arena = &session->arena, .args = args };

	/* It counts from its own commit on, whatever the look finds. */
	if (!db_again(session->db, session_write(session), report, &done, err))
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

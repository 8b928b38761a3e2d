#include "cli/commands.h"

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/report.h"

struct done_args {
	const char *scope;
	const char *note;
};

static const struct option_row done_options[] = {
	PLACE(struct done_args, scope, "CLIENT|DOMAIN", N_("who said so, or about which domain")),
	ALLOWED(struct done_args, note, "--note", "TEXT", N_("who, when, by which way")),
	OPTIONS_END,
};

static bool done_run(struct session *session, const void *given, struct err *err)
{
	const struct done_args *args = given;
	struct scope scope;
	struct facts facts;

	if (!scope_find(session->db, &session->arena, args->scope, &scope, err)
	    || !facts_load(session->db, &session->arena, &scope, &facts, err))
		return false;
	if (facts.domain_count == 0)
		return err_set(err, ERR_REFUSED, _("%s has no sender domain yet"), scope.words);
	if (!report_add(session->db, &scope, &facts, args->note, err))
		return false;

	struct tree *answer = tree_map(), *domains = tree_list();
	for (size_t i = 0; i < facts.domain_count; i++) {
		print_line(session, _("noted: the records of %s are said to be set"),
		           facts.domains[i].name);
		tree_push_text(domains, facts.domains[i].name);
	}
	print_line(session, _("senderctl check %s looks whether they are"), scope.words);
	tree_put(answer, "reported", domains);
	print_json(session, answer);
	return true;
}

const struct command cmd_report[] = {
	{ "report-done", N_("note that the customer says the records are set"), ACCESS_WRITE,
	  done_options, sizeof(struct done_args), done_run,
	  "senderctl report-done lms/acme --note \"Ms Example, by telephone\"\n" },
	COMMANDS_END,
};

#include "cli/cmd_check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/check_file.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/field.h"
#include "core/record/address.h"

enum { MOST_A_SECOND = 1000000, MOST_AT_A_SERVER = 10000 };

struct check_args {
	struct option_list scopes;
	const char *file;
	bool all;
	const char *not_since;
	const char *rate;
	const char *per_server;
	bool progress;
	const char *send_test;
};

static const struct option_row check_options[] = {
	PLACES(struct check_args, scopes, "DOMAIN|CLIENT",
	       N_("what to look at: acme.example, or lms/acme")),
	ALLOWED(struct check_args, file, "--file", "FILE",
	        N_("what to look at, a domain or client in each line; - is standard input")),
	FLAG(struct check_args, all, "--all", N_("every domain of every client")),
	ALLOWED(struct check_args, not_since, "--not-since", "WHEN",
	        N_("only what was not looked at since then: 2026-11-25T18:00:00Z, or \"2 hours\" ago")),
	ALLOWED(struct check_args, rate, "--rate", "N",
	        N_("ask at most so many questions a second, all servers together")),
	ALLOWED(struct check_args, per_server, "--per-server", "N",
	        N_("have at most so many questions under way at one server")),
	FLAG(struct check_args, progress, "--progress",
	     N_("say every ten seconds how far it is, also without a terminal")),
	ALLOWED(struct check_args, send_test, "--send-test", "ADDRESS",
	        N_("one domain in mode direct: send a test mail through its server")),
	OPTIONS_END,
};

/* ---- which domains ---- */

struct all_providers {
	struct session *session;
	struct survey *survey;
};

static bool add_provider(const struct row *row, void *context, struct err *err)
{
	struct all_providers *all = context;
	struct session *session = all->session;
	struct scope scope;
	const char *name = arena_copy(&session->arena, row_text(row, "name"));

	return scope_find_provider(session->db, &session->arena, name, &scope, err)
	       && survey_list_add(&all->survey->list, session->db, &scope, err);
}

static bool add_all(struct session *session, const struct check_args *args, struct survey *survey,
                    struct err *err)
{
	struct all_providers all = { session, survey };
	struct scope scope;

	if (args->all)
		return db_each(session->db, STMT_CHECK_PROVIDERS, DB_NO_PARAMS, add_provider, &all,
		               err);
	if (args->file)
		return check_file_load(session, args->file, survey, err);
	for (size_t i = 0; i < args->scopes.count; i++)
		if (!scope_find(session->db, &session->arena, args->scopes.items[i], &scope, err)
		    || !survey_list_add(&survey->list, session->db, &scope, err))
			return false;
	return true;
}

/* "2026-11-25T18:00:00Z" as it is, or the moment so long ago. */
static bool read_moment(struct session *session, const char *text, const char **moment,
                        struct err *err)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	int day = tm.tm_mday;
	const char *span = NULL;

	if (end && *end == '\0' && timegm(&tm) != -1 && tm.tm_mday == day) {
		*moment = text;
		return true;
	}
	if (end || !field_span(NULL, &session->arena, text, &span, err)) {
		(void)err_set(err, ERR_USAGE, _("--not-since does not take \"%.60s\""), text);
		return err_hint(err, _("a moment such as 2026-11-25T18:00:00Z, or a span of time: "
		                       "\"2 hours\""));
	}
	return survey_list_moment(session->db, &session->arena, span, moment, err);
}

static bool make_list(struct session *session, const struct check_args *args,
                      struct cmd_check *check, struct err *err)
{
	if (!survey_list_moment(session->db, &session->arena, "0 s", &check->since, err)
	    || !add_all(session, args, check->survey, err))
		return false;
	if (!args->not_since)
		return true;
	return read_moment(session, args->not_since, &check->since, err)
	       && survey_list_skip(&check->survey->list, session->db, check->since, err);
}

static bool load(struct session *session, const struct check_args *args, struct cmd_check *check,
                 struct err *err)
{
	bool ok = false;

	if (args->all + (args->file != NULL) + (args->scopes.count > 0) != 1) {
		(void)err_set(err, ERR_USAGE,
		              _("name domains or clients, or a file, or say --all"));
		return err_hint(err, _("for instance: senderctl check lms/acme"));
	}
	if (!db_begin(session->db, DB_READ, err))
		return false;
	ok = make_list(session, args, check, err);
	db_rollback(session->db);
	return ok;
}

/* ---- how ---- */

static bool read_limit(const char *option, const char *text, long most, long *number,
                       struct err *err)
{
	char *end = NULL;

	*number = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || *number < 1 || *number > most)
		return err_set(err, ERR_USAGE, _("%s takes a number between 1 and %ld"), option,
		               most);
	return true;
}

static bool read_limits(struct session *session, const struct check_args *args,
                        struct resolver_settings *dns, struct err *err)
{
	long rate = 0;
	long per_server = 0;

	if (!asking_settings(session, dns, err)
	    || (args->rate && !read_limit("--rate", args->rate, MOST_A_SECOND, &rate, err))
	    || (args->per_server
	        && !read_limit("--per-server", args->per_server, MOST_AT_A_SERVER, &per_server,
	                       err)))
		return false;
	if (rate > 0)
		dns->rate = (double)rate;
	if (per_server > 0)
		dns->per_server = (size_t)per_server;
	return true;
}

/* The one domain that is looked at, with its senders. */
static bool load_only(struct session *session, const struct survey *survey, struct facts *facts,
                      struct err *err)
{
	bool ok = false;

	*facts = (struct facts){ 0 };
	if (survey->list.count != 1)
		return true;
	ok = db_begin(session->db, DB_READ, err)
	     && facts_load_some(session->db, &session->arena, survey->list.domains[0].provider_id,
	                        &survey->list.domains[0].domain_id, 1, facts, err);
	db_rollback(session->db);
	return ok;
}

/* A test mail goes through one server, from its first sender. */
static bool want_test(struct session *session, const struct check_args *args,
                      struct cmd_check *check, struct err *err)
{
	struct address address;
	struct facts facts;
	const struct facts_domain *domain = NULL;

	if (!args->send_test)
		return true;
	if (!address_parse(&session->arena, args->send_test, &address, err)
	    || !load_only(session, check->survey, &facts, err))
		return false;
	if (facts.domain_count == 1)
		domain = &facts.domains[0];
	if (!domain || !domain->smarthost || domain->sender_count == 0) {
		(void)err_set(err, ERR_USAGE,
		              _("--send-test needs one domain in mode direct that has a sender"));
		return err_hint(err, _("for instance: senderctl check acme.example --send-test "
		                       "you@vendor.example"));
	}
	if (session->options->dry_run)
		print_line(session, _("would send a test mail from %s to %s through %s"),
		           domain->senders[0].address, address.text, domain->smarthost);
	check->test_to = address.text;
	return true;
}

static bool check_run(struct session *session, const void *given, struct err *err)
{
	const struct check_args *args = given;
	struct survey survey = { .list.arena = &session->arena };
	struct cmd_check check = { .survey = &survey, .lines = args->progress };
	struct tree *answer = tree_map();
	bool ok = read_limits(session, args, &check.dns, err) && load(session, args, &check, err)
	          && want_test(session, args, &check, err)
	          && cmd_check_all(session, &check, answer, err);

	print_json(session, answer);
	return ok;
}

const struct command cmd_check[] = {
	{ "check", N_("look at DNS and servers: is everything there that was agreed on?"),
	  ACCESS_OPEN, check_options, sizeof(struct check_args), check_run,
	  "senderctl check acme.example\n"
	  "senderctl check lms/acme --resolver 192.0.2.53\n"
	  "senderctl check --file domains.txt --rate 200\n"
	  "senderctl check --all --json\n"
	  "senderctl check --all --not-since \"2 hours\"\n"
	  "senderctl check acme.example --send-test you@vendor.example\n" },
	COMMANDS_END,
};

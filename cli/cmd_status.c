#include "cli/commands.h"

#include <string.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/standing.h"

/* A word without a slash and a dot may be a client or a provider. */
static bool find_scope(struct session *session, const char *word, struct scope *scope,
                       struct err *err)
{
	struct err first = { 0 };

	if (scope_find(session->db, &session->arena, word, scope, &first))
		return true;
	if (first.code == ERR_NOT_FOUND && strpbrk(word, "./") == NULL
	    && scope_find_provider(session->db, &session->arena, word, scope, err))
		return true;
	*err = first;
	return false;
}

/* ---- status -------------------------------------------------------------------------- */

struct status_args {
	const char *scope;
	const char *state;
};

static const struct option_row status_options[] = {
	PLACE_MAYBE(struct status_args, scope, "SCOPE",
	            N_("a client, a domain or a provider; all when missing")),
	ALLOWED(struct status_args, state, "--state",
	        "draft|handed-over|reported|verified|live|degraded|retired",
	        N_("only senders in this state")),
	OPTIONS_END,
};

static const struct print_column status_columns[] = {
	{ "client", N_("client"), PRINT_LEFT },
	{ "sender", N_("sender"), PRINT_NAME },
	{ "mode", N_("mode"), PRINT_LEFT },
	{ "state", N_("state"), PRINT_LEFT },
	{ "since", N_("since"), PRINT_LEFT },
	{ "reasons", N_("what is missing"), PRINT_WRAP },
	PRINT_COLUMNS_END,
};

static bool status_run(struct session *session, const void *given, struct err *err)
{
	const struct status_args *args = given;
	struct scope scope;
	struct standing standing;

	if (args->scope != NULL && !find_scope(session, args->scope, &scope, err))
		return false;
	if (!standing_load(session->db, args->scope != NULL ? &scope : NULL, args->state, &standing,
	                   err))
		return false;
	size_t count = tree_count(standing.senders);
	print_list(session, standing.senders, status_columns);
	if (count > 0)
		print_line(session, _("senders: %zu; with something missing: %zu"), count,
		           standing.incomplete);
	session->status = standing.incomplete > 0 ? 1 : 0;
	return true;
}

/* ---- history ------------------------------------------------------------------------- */

struct history_args {
	const char *subject;
	long limit;
};

static const struct option_row history_options[] = {
	PLACE_MAYBE(
		struct history_args, subject, "SUBJECT",
		N_("a client, a domain, a provider, or a subject as history shows it; all when missing")),
	NUMBER(struct history_args, limit, "--limit", "N", N_("at most so many, the newest (50)")),
	OPTIONS_END,
};

static const struct print_column history_columns[] = {
	{ "at", N_("when"), PRINT_LEFT },         { "who", N_("who"), PRINT_LEFT },
	{ "subject", N_("subject"), PRINT_NAME }, { "what", N_("what"), PRINT_LEFT },
	{ "why", N_("why"), PRINT_WRAP },         PRINT_COLUMNS_END,
};

static bool add_event(const struct row *row, void *context, struct err *err)
{
	static const char *const columns[] = { "at", "who", "provider", "subject", "what", "why" };
	struct tree *event = tree_map();
	struct tree *detail;
	const char *json = row_text(row, "detail");

	for (size_t i = 0; i < LENGTH(columns); i++)
		tree_put_text(event, columns[i], row_text(row, columns[i]));
	if (!tree_parse(json, strlen(json), &detail, err)) {
		tree_drop(event);
		return false;
	}
	tree_put(event, "detail", detail);
	tree_push(context, event);
	return true;
}

static bool history_run(struct session *session, const void *given, struct err *err)
{
	const struct history_args *args = given;
	struct arena *arena = &session->arena;
	struct scope scope = { 0 };
	struct err ignored = { 0 };
	const char *subject = NULL;

	if (args->limit < 0)
		return err_set(err, ERR_USAGE, _("--limit cannot be negative"));
	/* "relay mx1" and the like are no names of the registry, but subjects of events */
	if (args->subject != NULL && !find_scope(session, args->subject, &scope, &ignored))
		subject = args->subject;
	else if (scope.domain_id != 0)
		subject = scope.domain;
	struct tree *events = tree_list();
	bool by_client = scope.client_id != 0 && subject == NULL;
	if (!db_each(session->db, STMT_EVENT_LIST,
	             DB_PARAMS(scope.provider_id != 0 ? db_number(arena, scope.provider_id) : NULL,
	                       by_client ? db_number(arena, scope.client_id) : NULL, subject,
	                       db_number(arena, args->limit > 0 ? args->limit : 50)),
	             add_event, events, err)) {
		tree_drop(events);
		return false;
	}
	if (tree_count(events) == 0 && subject != NULL && scope.provider_id == 0) {
		tree_drop(events);
		(void)err_set(err, ERR_NOT_FOUND, _("nothing ever happened to \"%s\""), subject);
		return err_hint(err, _("\"senderctl history\" shows what there is"));
	}
	print_list(session, events, history_columns);
	return true;
}

const struct command cmd_status[] = {
	{ "status", N_("where each sender stands, and what is missing"), ACCESS_READ,
	  status_options, sizeof(struct status_args), status_run,
	  "senderctl status\nsenderctl status lms/acme\nsenderctl status --state degraded\n" },
	{ "history", N_("who did what, when and why"), ACCESS_READ, history_options,
	  sizeof(struct history_args), history_run,
	  "senderctl history lms/acme\nsenderctl history --limit 10\n" },
	COMMANDS_END,
};

#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/scope.h"
#include "core/ops/history_check.h"
#include "keys/client.h"
#include "keys/hex.h"

struct verify_args {
	const char *provider;
	const char *noted;
};

static const struct option_row verify_options[] = {
	PLACE_MAYBE(struct verify_args, provider, "PROVIDER",
	            N_("whose history; that of all providers when missing")),
	ALLOWED(struct verify_args, noted, "--noted", "POSITION:LINK",
	        N_("an end that was noted down earlier must still be part of the chain")),
	OPTIONS_END,
};

static const struct print_column verify_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "links", N_("links"), PRINT_RIGHT },
	{ "sealed", N_("sealed up to"), PRINT_RIGHT },
	{ "waiting", N_("waiting"), PRINT_RIGHT },
	{ "end", N_("end"), PRINT_LEFT },
	{ "fault", N_("fault"), PRINT_WRAP },
	{ "event", N_("event"), PRINT_WRAP },
	PRINT_COLUMNS_END,
};

struct verifying {
	struct session *session;
	struct history_asked asked; /* --noted */
	struct tree *list;
	bool faulty;
	bool late;
};

static bool read_noted(const char *noted, struct history_asked *asked, struct err *err)
{
	char *end = NULL;
	size_t size = 0;

	if (noted == NULL)
		return true;
	asked->position = strtoll(noted, &end, 10);
	if (asked->position <= 0 || *end != ':'
	    || !hex_parse(end + 1, asked->noted, sizeof asked->noted, &size)
	    || size != sizeof asked->noted) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" is not the end of a chain"), noted);
		return err_hint(err, _("\"senderctl history verify PROVIDER\" prints one"));
	}
	return true;
}

static void report(struct verifying *verifying, const char *name, const struct history_check *check)
{
	char hex[2 * EVENT_LINK + 1];
	struct tree *map = tree_map();

	hex_render(check->end, EVENT_LINK, hex);
	tree_put_text(map, "provider", name);
	tree_put_number(map, "links", check->links);
	tree_put_number(map, "sealed", check->sealed);
	tree_put_number(map, "seals", check->seals);
	tree_put_number(map, "waiting", check->waiting);
	tree_put_text(map, "end",
	              arena_print(&verifying->session->arena, "%lld:%s", check->links, hex));
	tree_put_text(map, "fault", check->fault);
	tree_put_text(map, "event", check->event);
	tree_push(verifying->list, map);
	verifying->faulty = verifying->faulty || check->fault != NULL;
	verifying->late = verifying->late || check->waiting > 0;
}

static bool verify_one(const struct row *row, void *context, struct err *err)
{
	struct verifying *verifying = context;
	struct session *session = verifying->session;
	struct history_asked asked = verifying->asked;
	struct history_check check;
	struct keys_client *keys;
	const char *name = arena_copy(&session->arena, row_text(row, "name"));

	asked.provider_id = row_number(row, "provider_id");
	asked.provider_uuid = arena_copy(&session->arena, row_text(row, "uuid"));
	if (!session_keys(session, &keys, err)
	    || !keys_seal_history(keys, asked.provider_id, asked.signer, err)
	    || !db_begin(session->db, DB_READ, err))
		return false;
	if (!history_check(session->db, &session->arena, &asked, &check, err)) {
		db_rollback(session->db);
		return false;
	}
	report(verifying, name, &check);
	return db_commit(session->db, err);
}

static bool verify_run(struct session *session, const void *given, struct err *err)
{
	const struct verify_args *args = given;
	struct verifying verifying = { .session = session };
	struct scope scope = { 0 };

	if (!read_noted(args->noted, &verifying.asked, err))
		return false;
	if (args->noted != NULL && args->provider == NULL)
		return err_set(err, ERR_USAGE, _("--noted is about one provider: name it"));
	if (args->provider != NULL
	    && !scope_find_provider(session->db, &session->arena, args->provider, &scope, err))
		return false;
	const char *provider = scope.provider_id != 0
	                               ? db_number(&session->arena, scope.provider_id)
	                               : NULL;
	verifying.list = tree_list();
	if (!db_each(session->db, STMT_CHAIN_PROVIDER, DB_PARAMS(provider), verify_one, &verifying,
	             err)) {
		tree_drop(verifying.list);
		return false;
	}
	print_list(session, verifying.list, verify_columns);
	if (verifying.faulty)
		print_line(session,
		           _("the history was changed by somebody who may write to the database"));
	else if (verifying.late)
		print_line(session, _("nothing was changed; some events wait for their link: is "
		                      "senderkeyd well?"));
	else
		print_line(session, _("nothing was changed"));
	session->status = verifying.faulty || verifying.late ? 1 : 0;
	return true;
}

const struct command cmd_history[] = {
	{ "history verify", N_("prove that the history was not rewritten"), ACCESS_OPEN,
	  verify_options, sizeof(struct verify_args), verify_run,
	  "senderctl history verify\nsenderctl history verify lms\n" },
	COMMANDS_END,
};

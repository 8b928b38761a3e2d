#include "cli/commands.h"

#include <string.h>

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/provider.h"

#define FACTS \
	SAID(CLIENT_TITLE, "--title", "TEXT", N_("the customer's name in sheets")), \
		SAID(CLIENT_LANGUAGE, "--language", "LANGUAGE", \
	             N_("of its sheets: de or en; empty: the provider's")), \
		SAID(CLIENT_CONTACT, "--contact", "TEXT", N_("who receives the sheets")), \
		SAID(CLIENT_REPLY_TO, "--reply-to", "ADDRESS", \
	             N_("where answers to hosted senders go")), \
		NOUN_WHY

static const struct option_row add_options[] = {
	NOUN_NAME("CLIENT", N_("provider and short name: lms/acme")),
	FACTS,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("CLIENT", N_("lms/acme, or acme if only one provider has it")),
	FACTS,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("CLIENT", N_("lms/acme, or acme if only one provider has it")),
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("CLIENT", N_("lms/acme, or acme if only one provider has it")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "title", N_("title"), PRINT_LEFT },
	{ "senders", N_("senders"), PRINT_RIGHT },
	{ "contact", N_("contact"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },  { "client", N_("client"), PRINT_LEFT },
	{ "title", N_("title"), PRINT_LEFT },        { "language", N_("language"), PRINT_LEFT },
	{ "contact", N_("contact"), PRINT_LEFT },    { "reply_to", N_("replies to"), PRINT_LEFT },
	{ "senders", N_("senders"), PRINT_LEFT },    { "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT }, PRINT_COLUMNS_END,
};

/* Something new has no provider yet to be found by: it must be said, unless there is one only. */
static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	const char *slash = strchr(args->name, '/');
	struct noun_one provider, one;

	if (slash == NULL) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" does not say of which provider"),
		              args->name);
		return err_hint(err, _("write provider/client, for instance lms/%s"), args->name);
	}
	const char *of = arena_copy_part(&session->arena, args->name, (size_t)(slash - args->name));
	return noun_above(session, &provider_noun, of, &provider, err)
	       && noun_add(session->db, &session->arena, &client_noun, &provider, slash + 1,
	                   args->said, args->why, &one, err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *args, struct err *err)
{
	return noun_set_run(session, &client_noun, args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &client_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &client_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &client_noun, args, err);
}

const struct command cmd_client[] = {
	{ "client add", N_("register a client"), ACCESS_WRITE, add_options,
	  sizeof(struct noun_args), add_run,
	  "senderctl client add lms/acme --title \"Acme Ltd\" --contact it@acme.example\n" },
	{ "client set", N_("change a client"), ACCESS_WRITE, set_options, sizeof(struct noun_args),
	  set_run,
	  "senderctl client set lms/acme --language en\n"
	  "senderctl client set lms/acme --contact \"\"\n" },
	{ "client show", N_("show one client"), ACCESS_READ, one_options, sizeof(struct noun_args),
	  show_run, "senderctl client show lms/acme\n" },
	{ "client list", N_("list clients"), ACCESS_READ, list_options, sizeof(struct noun_args),
	  list_run, "senderctl client list --provider lms\n" },
	{ "client retire", N_("take a client out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl client retire lms/acme\n" },
	COMMANDS_END,
};

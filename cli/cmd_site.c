#include "cli/commands.h"

#include <string.h>

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/site.h"

static const struct option_row add_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("URL", N_("where the client uses the product")),
	SAID(SITE_AUDIENCE, "--audience", "TEXT", N_("for whom: employees, partners")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("SITE", N_("its URL or host")),
	SAID(SITE_URL, "--url", "URL", N_("where it is now")),
	SAID(SITE_AUDIENCE, "--audience", "TEXT", N_("for whom: employees, partners")),
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_WHY,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("SITE", N_("its URL or host")),
	NOUN_PROVIDER,
	NOUN_CLIENT,
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("SITE", N_("its URL or host")), NOUN_PROVIDER, NOUN_CLIENT, NOUN_WHY, OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },  { "client", N_("client"), PRINT_LEFT },
	{ "site", N_("site"), PRINT_LEFT },          { "audience", N_("audience"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT }, PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },  { "client", N_("client"), PRINT_LEFT },
	{ "site", N_("site"), PRINT_LEFT },          { "host", N_("host"), PRINT_LEFT },
	{ "audience", N_("audience"), PRINT_LEFT },  { "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT }, PRINT_COLUMNS_END,
};

static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	struct noun_one client, one;

	if (strstr(args->name, "://") == NULL) {
		(void)err_set(err, ERR_INPUT, _("\"%s\" is not a URL"), args->name);
		return err_hint(err, "https://%s/", args->name);
	}
	return noun_above(session, &client_noun, args->client, &client, err)
	       && noun_add(session->db, &session->arena, &site_noun, &client, args->name,
	                   args->said, args->why, &one, err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *args, struct err *err)
{
	return noun_set_run(session, &site_noun, args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &site_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &site_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &site_noun, args, err);
}

const struct command cmd_site[] = {
	{ "site add", N_("register a URL under which a client uses the product"), ACCESS_WRITE,
	  add_options, sizeof(struct noun_args), add_run,
	  "senderctl site add lms/acme https://learn.acme.example/ --audience employees\n" },
	{ "site set", N_("change a site"), ACCESS_WRITE, set_options, sizeof(struct noun_args),
	  set_run,
	  "senderctl site set learn.acme.example --audience \"employees and partners\"\n" },
	{ "site show", N_("show one site"), ACCESS_READ, one_options, sizeof(struct noun_args),
	  show_run, "senderctl site show https://learn.acme.example/\n" },
	{ "site list", N_("list sites"), ACCESS_READ, list_options, sizeof(struct noun_args),
	  list_run, "senderctl site list --client lms/acme\n" },
	{ "site retire", N_("take a site out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl site retire learn.acme.example\n" },
	COMMANDS_END,
};

#include "cli/commands.h"

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/login.h"

static const struct option_row add_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("LOGIN", N_("the account its application submits with")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("LOGIN", N_("the account")),
	NOUN_PROVIDER,
	NOUN_WHY,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("LOGIN", N_("the account")),
	NOUN_PROVIDER,
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("LOGIN", N_("the account")),
	NOUN_PROVIDER,
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "login", N_("login"), PRINT_LEFT },
	{ "senders", N_("for these senders alone"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	struct noun_one client, one;

	return noun_above(session, &client_noun, args->client, &client, err)
	       && noun_add(session->db, &session->arena, &login_noun, &client, args->name,
	                   args->said, args->why, &one, err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *args, struct err *err)
{
	return noun_set_run(session, &login_noun, args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &login_noun, args, columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &login_noun, args, columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &login_noun, args, err);
}

const struct command cmd_login[] = {
	{ "login add", N_("register an account with which a client submits mail"), ACCESS_WRITE,
	  add_options, sizeof(struct noun_args), add_run,
	  "senderctl login add lms/acme acme-app\n" },
	{ "login set", N_("bring a login back"), ACCESS_WRITE, set_options,
	  sizeof(struct noun_args), set_run, "senderctl login set acme-app --reactivate\n" },
	{ "login show", N_("show one login"), ACCESS_READ, one_options, sizeof(struct noun_args),
	  show_run, "senderctl login show acme-app\n" },
	{ "login list", N_("list logins"), ACCESS_READ, list_options, sizeof(struct noun_args),
	  list_run, "senderctl login list --client lms/acme\n" },
	{ "login retire", N_("take a login out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl login retire acme-app\n" },
	COMMANDS_END,
};

#include "cli/commands.h"

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/user.h"

struct user_args {
	const char *person;
	const char *role;
	struct option_list providers;
};

static const struct option_row grant_options[] = {
	PLACE(struct user_args, person, "USER",
	      N_("name of the database role, on a machine of its own the login name")),
	NEEDED(struct user_args, role, "--role", "manager|operator|exporter",
	       N_("what the user may do")),
	LIST(struct user_args, providers, "--provider", "NAME",
	     N_("whose rows the user may see; repeatable")),
	OPTIONS_END,
};

static const struct option_row revoke_options[] = {
	PLACE(struct user_args, person, "USER", N_("name of the database role")),
	ALLOWED(struct user_args, role, "--role", "manager|operator|exporter",
	        N_("take this role away")),
	LIST(struct user_args, providers, "--provider", "NAME",
	     N_("take this provider away; repeatable")),
	OPTIONS_END,
};

static const struct option_row no_options[] = { OPTIONS_END };

static bool grant_run(struct session *session, const void *given, struct err *err)
{
	const struct user_args *args = given;

	if (!user_grant(session->db, &session->arena, args->person, args->role,
	                args->providers.items, args->providers.count, err))
		return false;
	print_line(session, _("%s may now work as %s"), args->person, args->role);
	if (args->providers.count == 0)
		print_line(
			session,
			_("no provider was named: senderctl user grant %s --role %s --provider NAME"),
			args->person, args->role);
	return true;
}

static bool revoke_run(struct session *session, const void *given, struct err *err)
{
	const struct user_args *args = given;

	if (args->role == NULL && args->providers.count == 0) {
		(void)err_set(err, ERR_USAGE, _("it is not said what to take away"));
		return err_hint(err, _("--role or --provider"));
	}
	if (!user_revoke(session->db, &session->arena, args->person, args->role,
	                 args->providers.items, args->providers.count, err))
		return false;
	print_line(session, _("taken away from %s"), args->person);
	return true;
}

static const struct print_column list_columns[] = {
	{ "user", N_("user"), PRINT_LEFT },
	{ "roles", N_("roles"), PRINT_LEFT },
	{ "providers", N_("providers"), PRINT_WRAP },
	PRINT_COLUMNS_END,
};

static bool list_run(struct session *session, const void *given, struct err *err)
{
	struct tree *users;

	UNUSED(given);
	if (!user_list(session->db, &users, err))
		return false;
	print_list(session, users, list_columns);
	return true;
}

const struct command cmd_user[] = {
	{ "user add", N_("let a person in, as manager, operator or exporter"), ACCESS_WRITE,
	  grant_options, sizeof(struct user_args), grant_run,
	  "senderctl user add mara --role manager --provider lms\n" },
	{ "user grant", N_("give a person another role or provider"), ACCESS_WRITE, grant_options,
	  sizeof(struct user_args), grant_run,
	  "senderctl user grant mara --role operator --provider lms --provider crm\n" },
	{ "user revoke", N_("take a role or a provider away from a person"), ACCESS_WRITE,
	  revoke_options, sizeof(struct user_args), revoke_run,
	  "senderctl user revoke mara --provider crm\n" },
	{ "user list", N_("who works here, as what, for which providers"), ACCESS_READ, no_options,
	  sizeof(struct user_args), list_run, "senderctl user list\n" },
	COMMANDS_END,
};

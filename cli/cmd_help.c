#include "cli/commands.h"

#include "cli/help.h"
#include "cli/print.h"
#include "core/base/words.h"

struct no_args {
	bool unused;
};

static const struct option_row no_options[] = { OPTIONS_END };

static bool completion_run(struct session *session, const void *given, struct err *err)
{
	UNUSED(given);
	UNUSED(err);
	help_completion(&session->out);
	return true;
}

static bool manual_run(struct session *session, const void *given, struct err *err)
{
	UNUSED(given);
	UNUSED(err);
	help_manual(&session->out);
	return true;
}

static bool version_run(struct session *session, const void *given, struct err *err)
{
	UNUSED(given);
	UNUSED(err);
	struct tree *answer = tree_map();
	tree_put_text(answer, "version", PACKAGE_VERSION);
	print_line(session, "senderctl %s", PACKAGE_VERSION);
	print_json(session, answer);
	return true;
}

const struct command cmd_help[] = {
	{ "completion", N_("print the completion for bash"), ACCESS_NOTHING, no_options,
	  sizeof(struct no_args), completion_run, "source <(senderctl completion)\n" },
	{ "manual", N_("print the command part of the manual page, in scdoc"), ACCESS_NOTHING,
	  no_options, sizeof(struct no_args), manual_run, "senderctl manual\n" },
	{ "version", N_("print the version"), ACCESS_NOTHING, no_options, sizeof(struct no_args),
	  version_run, "senderctl version\n" },
	COMMANDS_END,
};

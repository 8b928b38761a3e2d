#include "cli/commands.h"

#include "cli/print.h"
#include "core/base/words.h"
#include "core/export/zone_folder.h"

struct zone_args {
	const char *provider;
	const char *output;
	const char *reload;
};

static const struct option_row zone_options[] = {
	PLACE(struct zone_args, provider, "PROVIDER", N_("whose keys: lms")),
	ALLOWED(struct zone_args, output, "--output", "DIR",
	        N_("write the zone files there; without it they are printed")),
	ALLOWED(struct zone_args, reload, "--reload-command", "COMMAND",
	        N_("what makes the name server read them, run by the shell when one changed")),
	OPTIONS_END,
};

static void say(struct session *session, const struct zone_written *written, const char *folder)
{
	for (size_t i = 0; i < tree_count(written->zones); i++) {
		const struct tree *zone = tree_at(written->zones, i);
		print_line(session,
		           tree_as_bool(tree_get(zone, "changed"), false)
		                   ? _("%s: %lld records, serial %lld, written")
		                   : _("%s: %lld records, serial %lld, unchanged"),
		           tree_find_text(zone, "file"),
		           tree_as_number(tree_get(zone, "records"), 0),
		           tree_as_number(tree_get(zone, "serial"), 0));
	}
	if (tree_count(written->zones) == 0)
		print_line(session, _("no key stands in a zone of ours"));
	if (written->keys > 0)
		print_line(session,
		           ngettext("%zu key is in %s; the next check looks for it",
		                    "%zu keys are in %s; the next check looks for them",
		                    written->keys),
		           written->keys, folder);
}

static bool zone_run(struct session *session, const void *given, struct err *err)
{
	const struct zone_args *args = given;
	const struct zone_wish wish = {
		.provider = args->provider,
		.folder = session->options->dry_run ? NULL : args->output,
		.reload = args->reload,
	};
	struct zone_written written = { 0 };

	if (args->reload != NULL && args->output == NULL)
		return err_set(err, ERR_USAGE, _("--reload-command needs --output"));
	if (!zone_folder_write(session->db, &session->arena, &wish, &written, err)) {
		zone_folder_drop(&written);
		return false;
	}
	if (wish.folder == NULL)
		print_raw(session, text_string(&written.text));
	else
		say(session, &written, args->output);
	struct tree *answer = tree_map();
	tree_put_text(answer, "provider", args->provider);
	tree_put(answer, "zones", written.zones);
	written.zones = NULL;
	tree_put_number(answer, "changed", (long long)written.changed);
	tree_put_number(answer, "keys", (long long)written.keys);
	print_json(session, answer);
	zone_folder_drop(&written);
	return true;
}

const struct command cmd_zone[] = {
	{ "export zone", N_("write the records of keys that stand in our own zones"), ACCESS_OPEN,
	  zone_options, sizeof(struct zone_args), zone_run,
	  "senderctl export zone lms\n"
	  "senderctl export zone lms --output /etc/nsd/senderctl \\\n"
	  "    --reload-command \"nsd-control reload\"\n" },
	COMMANDS_END,
};

#include "cli/commands.h"

#include <string.h>

#include "cli/print.h"
#include "cli/progress.h"
#include "core/base/words.h"
#include "core/model/import.h"
#include "core/record/address.h"
#include "core/record/name.h"

struct import_args {
	const char *file;
	const char *provider;
	const char *format;
	bool prune; /* apply only */
};

static const struct option_row import_options[] = {
	PLACE(struct import_args, file, "FILE", N_("clients and senders, in CSV or JSON")),
	ALLOWED(struct import_args, provider, "--provider", "NAME",
	        N_("whose clients they are; not needed when there is only one provider")),
	ALLOWED(struct import_args, format, "--format", "csv|json",
	        N_("of the file; taken from its name when not given")),
	OPTIONS_END,
};

static const struct option_row apply_options[] = {
	PLACE(struct import_args, file, "FILE", N_("all that shall be, in JSON")),
	ALLOWED(struct import_args, provider, "--provider", "NAME",
	        N_("whose clients they are, when the file does not say")),
	FLAG(struct import_args, prune, "--prune",
	     N_("retire what is registered and not in the file, after asking")),
	OPTIONS_END,
};

/* ---- the answer -------------------------------------------------------------------- */

static struct tree *counts_of(const struct import_answer *answer)
{
	struct tree *counts = tree_map();

	for (size_t i = 0; i < IMPORT_NOUNS; i++) {
		struct tree *map = tree_map();
		tree_put_number(map, "added", answer->counts[i].added);
		tree_put_number(map, "changed", answer->counts[i].changed);
		tree_put_number(map, "unchanged", answer->counts[i].unchanged);
		tree_put_number(map, "missing", answer->counts[i].missing);
		tree_put(counts, import_noun_word((enum import_noun)i), map);
	}
	return counts;
}

static struct tree *answer_tree(const struct session *session, const struct import_args *args,
                                const struct import_answer *answer)
{
	struct tree *tree = tree_map();
	struct tree *changes = tree_list();

	tree_put_text(tree, "file", args->file);
	tree_put_text(tree, "sha256", answer->sha256);
	tree_put_bool(tree, "dry_run", session->options->dry_run);
	tree_put_bool(tree, "changed", answer->done > 0);
	tree_put(tree, "counts", counts_of(answer));
	for (size_t i = 0; i < answer->change_count; i++) {
		const struct import_change *change = &answer->changes[i];
		struct tree *map = tree_map();
		tree_put_text(map, "verb", change->verb);
		tree_put_text(map, "noun", change->noun);
		tree_put_text(map, "name", change->name);
		tree_put_text(map, "place", change->place[0] != '\0' ? change->place : NULL);
		tree_put_text(map, "detail", change->detail[0] != '\0' ? change->detail : NULL);
		tree_push(changes, map);
	}
	tree_put(tree, "changes", changes);
	tree_put_number(tree, "more", answer->change_total - (long long)answer->change_count);
	return tree;
}

static void say_change(struct session *session, const struct import_change *change)
{
	const char *sign = strcmp(change->verb, "add") == 0      ? "+"
	                   : strcmp(change->verb, "change") == 0 ? "~"
	                   : strcmp(change->verb, "retire") == 0 ? "-"
	                                                         : "?";
	const char *color = sign[0] == '+'   ? print_green(session)
	                    : sign[0] == '~' ? print_yellow(session)
	                                     : print_red(session);
	const char *name = strcmp(change->noun, "domain") == 0
	                           ? name_show(&session->arena, change->name)
	                   : strcmp(change->noun, "sender") == 0
	                           ? address_show(&session->arena, change->name)
	                           : change->name;

	print_line(session, "%s%s %s %s%s%s%s%s%s%s%s", color, sign, _(change->noun), name,
	           print_plain(session), change->detail[0] != '\0' ? "  " : "", change->detail,
	           change->place[0] != '\0' ? "  (" : "", change->place,
	           change->place[0] != '\0' ? ")" : "",
	           sign[0] == '?' ? _("  is not in the file") : "");
}

static void say_counts(struct session *session, const struct import_answer *answer, bool will)
{
	for (size_t i = 0; i < IMPORT_NOUNS; i++) {
		const struct import_count *count = &answer->counts[i];
		if (count->added + count->changed + count->unchanged + count->missing == 0)
			continue;
		print_line(session,
		           will ? _("%-10s %9lld would be added %9lld changed %9lld unchanged")
		                : _("%-10s %9lld added %9lld changed %9lld unchanged"),
		           _(import_noun_word((enum import_noun)i)), count->added, count->changed,
		           count->unchanged);
	}
}

static long long missing_of(const struct import_answer *answer)
{
	long long missing = 0;

	for (size_t i = 0; i < IMPORT_NOUNS; i++)
		missing += answer->counts[i].missing;
	return missing;
}

static void say(struct session *session, const struct import_args *args,
                const struct import_answer *answer)
{
	long long missing = missing_of(answer);

	if (answer->change_total == 0) {
		print_line(session, _("%s: all of it is registered already; nothing was changed"),
		           args->file);
		return;
	}
	for (size_t i = 0; i < answer->change_count; i++)
		say_change(session, &answer->changes[i]);
	if (answer->change_total > (long long)answer->change_count)
		print_line(session, _("... and %lld more"),
		           answer->change_total - (long long)answer->change_count);
	say_counts(session, answer, session->options->dry_run);
	if (missing > 0 && args->prune)
		print_line(session,
		           session->options->dry_run ? _("%lld would be retired")
		                                     : _("%lld retired"),
		           missing);
	else if (missing > 0)
		print_line(session, _("%lld registered but not in the file; --prune retires them"),
		           missing);
}

/* What a careful reader should know about the domains that are new. */
static void warn(struct session *session, const struct import_answer *answer, struct tree *tree)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < answer->change_count; i++) {
		const struct import_change *change = &answer->changes[i];
		const char *warnings[NAME_WARNINGS];
		if (strcmp(change->noun, "domain") != 0 || strcmp(change->verb, "add") != 0)
			continue;
		size_t count = name_warn(&session->arena, change->name, warnings);
		for (size_t j = 0; j < count; j++) {
			const char *line = arena_print(&session->arena, "%s: %s: %s", change->place,
			                               change->name, warnings[j]);
			tree_push_text(list, line);
			print_line(session, _("%swarning:%s %s"), print_yellow(session),
			           print_plain(session), line);
		}
	}
	tree_put(tree, "warnings", list);
}

static void keep_findings(struct session *session, const struct import_findings *findings)
{
	session->findings = tree_list();
	for (size_t i = 0; i < findings->count; i++) {
		const struct import_finding *finding = &findings->kept[i];
		struct tree *map = tree_map();
		tree_put_text(map, "line", import_finding_line(findings, i));
		tree_put_text(map, "place", finding->place);
		tree_put_text(map, "message", finding->text);
		tree_put_text(map, "hint", finding->hint[0] != '\0' ? finding->hint : NULL);
		tree_push(session->findings, map);
	}
}

/* ---- the commands -------------------------------------------------------------------- */

static void show_step(void *context, const char *step, long long done, long long of)
{
	struct progress *progress = context;

	progress->what = step;
	progress_step(progress, (size_t)done, (size_t)of);
}

static bool run(struct session *session, const struct import_args *args, bool whole,
                struct err *err)
{
	struct import_findings findings = { .arena = &session->arena, .file = args->file };
	struct import_answer *answer = arena_take(&session->arena, sizeof *answer);
	struct progress progress = progress_begin(session, args->file);
	const struct import_request request = {
		.path = args->file,
		.provider = args->provider,
		.format = args->format == NULL               ? IMPORT_BY_NAME
		          : strcmp(args->format, "csv") == 0 ? IMPORT_CSV
		                                             : IMPORT_JSON,
		.whole = whole,
		.prune = args->prune,
		.progress = show_step,
		.context = &progress,
	};

	bool ok = import_run(session->db, &request, &findings, answer, err);
	progress_end(&progress);
	if (!ok) {
		keep_findings(session, &findings);
		return false;
	}
	long long missing = missing_of(answer);
	if (args->prune && missing > 0 && !session->options->dry_run
	    && !session_confirm(session, err, _("%lld that are not in %s will be retired. Go on?"),
	                        missing, args->file))
		return false;
	say(session, args, answer);
	struct tree *tree = answer_tree(session, args, answer);
	warn(session, answer, tree);
	print_json(session, tree);
	return true;
}

static bool import_file(struct session *session, const void *given, struct err *err)
{
	return run(session, given, false, err);
}

static bool apply_file(struct session *session, const void *given, struct err *err)
{
	struct import_args args = *(const struct import_args *)given;

	args.format = "json";
	return run(session, &args, true, err);
}

const struct command cmd_import[] = {
	{ "import", N_("register clients and senders of a file: all of it, or nothing"),
	  ACCESS_WRITE, import_options, sizeof(struct import_args), import_file,
	  "senderctl import clients.csv --provider lms --dry-run\n"
	  "senderctl import clients.csv --provider lms\n"
	  "senderctl import vendor.json\n" },
	{ "apply", N_("make the registry say what a file says, and show what is missing there"),
	  ACCESS_WRITE, apply_options, sizeof(struct import_args), apply_file,
	  "senderctl apply vendor.json --dry-run\n"
	  "senderctl apply vendor.json --prune\n" },
	COMMANDS_END,
};

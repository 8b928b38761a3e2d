#include "cli/check_answer.h"
#include "cli/cmd_check.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/base/words.h"

enum { COULD_NOT_TELL = 3 };

/* One run: what its callbacks need. */
struct run {
	struct session *session;
	const struct cmd_check *check;
	struct asking asking;
	struct progress progress;
	struct progress_part parts[SURVEY_OUTCOMES];
	bool tested; /* a test mail was sent */
};

/* ---- while it runs ---- */

static void show(void *context, const struct survey *survey)
{
	struct run *run = context;

	for (size_t i = 0; i < SURVEY_OUTCOMES; i++)
		run->parts[i].count = survey->outcomes[i];
	progress_step(&run->progress, survey->looked + survey->retired, survey->list.count);
}

static bool test_was_sent(const struct domain_check *check)
{
	bool sent = false;

	for (size_t i = 0; i < check->verdict_count && !sent; i++) {
		struct tree *probe = check_answer_probe(&check->verdicts[i]);

		sent = tree_as_bool(tree_get(probe, "test_sent"), false);
		tree_drop(probe);
	}
	return sent;
}

static bool say_one(struct run *run, const struct checkup_item *item, struct err *err)
{
	struct session *session = run->session;
	struct arena arena = { 0 };
	struct tree *tree = NULL;
	bool ok = true;

	check_answer_say(session, &arena, &item->check, item->confirmed);
	if (session->options->json) {
		tree = check_answer_tree(&arena, &item->check, item->confirmed);
		ok = spool_add(&session->spool, tree, err);
		tree_drop(tree);
	}
	if (run->check->test_to)
		run->tested = run->tested || test_was_sent(&item->check);
	arena_reset(&arena);
	return ok;
}

static bool say_some(void *context, struct checkup_item *const items[], size_t count,
                     struct err *err)
{
	struct run *run = context;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = say_one(run, items[i], err);
	if (run->session->out.length > 0) {
		progress_wipe(&run->progress);
		print_flush(run->session);
	}
	return ok;
}

/* ---- at the end ---- */

static void counts_put(struct tree *answer, const struct survey *survey)
{
	struct tree *counts = tree_map();

	for (size_t i = 0; i < SURVEY_OUTCOMES; i++)
		tree_put_number(counts, survey_word((enum survey_outcome)i),
		                (long long)survey->outcomes[i]);
	tree_put(answer, "counts", counts);
}

/* "  ok 390  missing 8", with --json on standard error. */
static void say_counts(struct session *session, const struct survey *survey)
{
	struct text line = { 0 };

	for (size_t i = 0; i < SURVEY_OUTCOMES; i++)
		if (survey->outcomes[i] > 0)
			text_addf(&line, "  %s %zu", survey_word((enum survey_outcome)i),
			          survey->outcomes[i]);
	if (survey->looked > 1)
		print_line(session, "%s", text_string(&line));
	if (survey->looked > 1 && session->options->json && !session->options->quiet)
		(void)fprintf(stderr, "%zu%s\n", survey->looked, text_string(&line));
	text_free(&line);
}

static void say_survey(struct run *run, struct tree *answer)
{
	struct session *session = run->session;
	const struct survey *survey = run->check->survey;
	size_t deaths = spf_worker_deaths(run->asking.worker);

	print_line(session, ngettext("%zu domain checked", "%zu domains checked", survey->looked),
	           survey->looked);
	say_counts(session, survey);
	if (survey->list.skipped > 0)
		print_line(session,
		           ngettext("%zu domain left out: it was looked at since then",
		                    "%zu domains left out: they were looked at since then",
		                    survey->list.skipped),
		           survey->list.skipped);
	if (deaths > 0)
		print_line(session,
		           _("%zu evaluations of SPF records ended with an internal error"),
		           deaths);
	tree_put_number(answer, "checked", (long long)survey->looked);
	tree_put_number(answer, "skipped", (long long)survey->list.skipped);
	tree_put_number(answer, "internal_errors", (long long)deaths);
	tree_put_bool(answer, "interrupted", survey_is_cut(survey));
	counts_put(answer, survey);
}

/* Who waited for a long time wants to hear that it was not for nothing. */
static void say_cut(const struct run *run)
{
	const struct session *session = run->session;
	const struct survey *survey = run->check->survey;
	size_t of = survey->list.count - survey->retired;

	(void)fprintf(stderr, "senderctl: ");
	if (session->options->dry_run)
		(void)fprintf(stderr, _("ended early: %zu of %zu domains were looked at"),
		              survey->looked, of);
	else
		(void)fprintf(stderr, _("ended early: %zu of %zu domains are looked at and stored"),
		              survey->looked, of);
	(void)fputc('\n', stderr);
	if (run->check->since && !session->options->dry_run) {
		(void)fprintf(stderr, "%s: ", _("hint"));
		(void)fprintf(stderr, _("the same command with --not-since %s does the rest"),
		              run->check->since);
		(void)fputc('\n', stderr);
	}
}

/* Who asked for a test mail must not take silence for one. */
static void say_test(const struct run *run)
{
	if (!run->check->test_to || run->tested || run->session->options->dry_run)
		return;
	print_line(run->session, _("no test mail was sent"));
	if (run->session->status == 0)
		run->session->status = COULD_NOT_TELL;
}

/* ---- the run ---- */

/* A dry run uses no password: that would be an event. */
static bool prepare(struct run *run, struct err *err)
{
	struct session *session = run->session;
	struct domain_probe_settings *probing = &run->asking.probing;

	if (!asking_open_with(&run->check->dns, &run->asking, err))
		return false;
	probing->ca_file = session->conf->ca_file;
	probing->test_to = run->check->test_to;
	for (size_t i = 0; i < SURVEY_OUTCOMES; i++)
		run->parts[i].word = survey_word((enum survey_outcome)i);
	run->progress = progress_begin(session, _("checking"));
	run->progress.parts = run->parts;
	run->progress.part_count = SURVEY_OUTCOMES;
	if (run->check->lines)
		progress_lines(&run->progress);
	return session->options->dry_run
	       || session_keys_socket(session, &probing->keys_socket, err);
}

static bool look(struct run *run, struct err *err)
{
	struct survey_world world = {
		.resolver = run->asking.resolver,
		.worker = run->asking.worker,
		.probing = run->asking.probing,
		.db = run->session->db,
		.dry_run = run->session->options->dry_run,
		.kept = say_some,
		.progress = show,
		.context = run,
	};
	bool ok = interrupt_watch(&world.stop, err) && survey_run(run->check->survey, &world, err);

	progress_end(&run->progress);
	if (survey_is_cut(run->check->survey))
		say_cut(run);
	return ok;
}

bool cmd_check_all(struct session *session, const struct cmd_check *check, struct tree *answer,
                   struct err *err)
{
	struct run run = { .session = session, .check = check };
	bool ok = false;

	session->spool_name = "domains";
	ok = prepare(&run, err) && look(&run, err);
	if (ok) {
		say_test(&run);
		say_survey(&run, answer);
		if (survey_is_cut(check->survey))
			session->status = INTERRUPTED;
	}
	/* In this order: what is under way waits for the resolver. */
	asking_close(&run.asking);
	survey_close(check->survey);
	return ok;
}

#include "core/verify/spf_trial.h"

#include <string.h>

enum { BUCKETS = 64 };

/* What DNS said, or that it is not known yet (NULL). */
struct known {
	struct known *next;
	const char *name;
	int type;
	const struct dns_answer *answer;
};

struct spf_trial_run {
	struct arena *arena;
	struct arena scratch; /* of one evaluation */
	const struct spf_trial *trial;
	const struct spf_check_source *source;
	struct spf_check_job *job;
	const struct dns_answer **views;
	size_t view; /* that stands there now */
	struct known *buckets[BUCKETS];
};

const struct dns_answer *spf_trial_answer(struct arena *arena, const struct spf_trial_view *view)
{
	struct dns_answer *answer = arena_take(arena, sizeof(*answer));
	struct dns_record *records = arena_take(arena, (view->count + 1) * sizeof(*records));

	for (size_t i = 0; i < view->count; i++)
		records[i] = (struct dns_record){ .type = DNS_TXT,
			                          .text = view->texts[i],
			                          .text_length = strlen(view->texts[i]) };
	answer->outcome = view->count > 0 ? DNS_FOUND : DNS_NO_DATA;
	answer->records = records;
	answer->record_count = view->count;
	return answer;
}

static struct known **bucket_of(struct spf_trial_run *run, const char *name, int type)
{
	size_t hash = (size_t)type;

	for (; *name; name++)
		hash = hash * 31 + (unsigned char)*name;
	return &run->buckets[hash % BUCKETS];
}

static const struct dns_answer *ask(void *context, const char *name, int type)
{
	struct spf_trial_run *run = context;
	struct known **bucket = bucket_of(run, name, type);
	struct known *known = *bucket;

	if (type == DNS_TXT && strcmp(name, run->trial->domain) == 0)
		return run->views[run->view];
	while (known && (known->type != type || strcmp(known->name, name) != 0))
		known = known->next;
	if (!known) {
		known = arena_take(run->arena, sizeof(*known));
		*known = (struct known){ *bucket, arena_copy(run->arena, name), type, NULL };
		known->answer = run->source->ask(run->source->context, name, type);
		*bucket = known;
	}
	return known->answer;
}

struct spf_trial_run *spf_trial_open(struct arena *arena, const struct spf_trial *trial,
                                     const struct spf_check_source *source)
{
	struct spf_trial_run *run = arena_take(arena, sizeof(*run));

	run->arena = arena;
	run->trial = trial;
	run->source = source;
	run->job = spf_check_job_open(arena, true);
	run->views = arena_take(arena, (trial->view_count + 1) * sizeof(struct dns_answer *));
	for (size_t i = 0; i < trial->view_count; i++)
		run->views[i] = spf_trial_answer(arena, &trial->views[i]);
	return run;
}

enum spf_result spf_trial_evaluate(struct spf_trial_run *run, size_t view, const char *address)
{
	struct spf_check_source source = { ask, run };
	struct spf_check_verdict verdict;
	struct spf_check_request request = {
		.address = address,
		.mail_from = run->trial->mail_from,
		.helo = run->trial->helo,
		.now = run->trial->now,
	};

	if (!run->job || view >= run->trial->view_count)
		return SPF_UNKNOWN;
	run->view = view;
	spf_check_job_run(run->job, &run->scratch, &request, &source, &verdict);
	arena_reset(&run->scratch);
	return verdict.result;
}

void spf_trial_close(struct spf_trial_run *run)
{
	if (!run)
		return;
	spf_check_job_close(run->job);
	arena_reset(&run->scratch);
}

#include "cli/dns_ask.h"

#include "cli/asking.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/verify/zone_cut.h"

struct dns_ask {
	struct ask ask;
	struct asking asking;
};

/* One question at a time: the planner needs an answer before it asks the next. */
static void run(struct dns_ask *dns, inquiry_step_fn step, void *context, struct inquiry **inquiry)
{
	struct inquiry_job job = { .step = step, .context = context };

	inquiry_run(dns->asking.resolver, &job, 1, 1, NULL, NULL);
	*inquiry = job.inquiry;
}

/* ---- TXT ---------------------------------------------------------------------- */

struct question {
	const char *name;
	const struct dns_answer *answer;
};

static bool question_step(struct inquiry *inquiry, void *context)
{
	struct question *question = context;

	question->answer = inquiry_ask(inquiry, question->name, DNS_TXT);
	return question->answer != NULL;
}

static void answer_take(struct arena *arena, const struct dns_answer *from,
                        struct ask_answer *answer)
{
	*answer = (struct ask_answer){ .state = ASK_NONE };
	if (from->outcome == DNS_IMPOSSIBLE)
		return;
	if (!dns_message_definite(from)) {
		answer->state = ASK_UNKNOWN;
		answer->why = dns_message_outcome_sentence(from->outcome);
		return;
	}
	if (from->record_count == 0)
		return;
	answer->state = ASK_FOUND;
	answer->count = from->record_count;
	answer->texts = arena_take(arena, from->record_count * sizeof *answer->texts);
	for (size_t i = 0; i < from->record_count; i++)
		answer->texts[i] = (struct spf_text){ arena_copy_part(arena, from->records[i].text,
			                                              from->records[i].text_length),
			                              from->records[i].text_length };
}

static bool ask_txt(void *context, struct arena *arena, const char *name, struct ask_answer *answer,
                    struct err *err)
{
	struct question question = { .name = name };
	struct inquiry *inquiry;

	UNUSED(err);
	*answer = (struct ask_answer){ .state = ASK_UNKNOWN, .why = _("no answer") };
	run(context, question_step, &question, &inquiry);
	if (question.answer != NULL)
		answer_take(arena, question.answer, answer);
	inquiry_close(inquiry);
	return true;
}

/* ---- does it pass? ------------------------------------------------------------- */

struct evaluation {
	struct spf_worker *worker;
	struct spf_check_request request;
	struct spf_check_verdict verdict;
};

static bool evaluation_step(struct inquiry *inquiry, void *context)
{
	struct evaluation *evaluation = context;
	struct spf_check_source source = spf_worker_source(inquiry);

	spf_worker_check(evaluation->worker, inquiry_arena(inquiry), &evaluation->request, &source,
	                 &evaluation->verdict);
	return evaluation->verdict.result != SPF_INCOMPLETE;
}

static bool ask_passes(void *context, struct arena *arena, const char *domain, const char *address,
                       const char *helo, bool *passes, struct err *err)
{
	struct dns_ask *dns = context;
	struct inquiry *inquiry;
	struct evaluation evaluation = {
		.worker = dns->asking.worker,
		.request = { .address = address,
		             .mail_from = arena_print(arena, "postmaster@%s", domain),
		             .helo = helo,
		             .now = clock_now() },
	};

	UNUSED(err);
	run(dns, evaluation_step, &evaluation, &inquiry);
	*passes = evaluation.verdict.result == SPF_PASS;
	inquiry_close(inquiry);
	return true;
}

/* ---- whose zone is it? ------------------------------------------------------------ */

struct cutting {
	const char *name;
	struct zone_cut cut;
};

static bool cutting_step(struct inquiry *inquiry, void *context)
{
	struct cutting *cutting = context;

	return zone_cut_find(inquiry, cutting->name, &cutting->cut);
}

static bool ask_zone(void *context, struct arena *arena, const char *name, const char **zone,
                     struct err *err)
{
	struct cutting cutting = { .name = name };
	struct inquiry *inquiry;

	UNUSED(err);
	run(context, cutting_step, &cutting, &inquiry);
	*zone = cutting.cut.problem == NULL ? arena_copy(arena, cutting.cut.apex) : NULL;
	inquiry_close(inquiry);
	return true;
}

/* ---- open and close --------------------------------------------------------------- */

bool dns_ask_begin(struct session *session, struct dns_ask **dns, struct err *err)
{
	struct dns_ask *opened = arena_take(&session->arena, sizeof *opened);

	*dns = NULL;
	if (!asking_open(session, &opened->asking, err))
		return false;
	opened->ask = (struct ask){
		.txt = ask_txt,
		.passes = ask_passes,
		.zone = ask_zone,
		.context = opened,
	};
	*dns = opened;
	return true;
}

bool dns_ask_open(struct session *session, bool wanted, struct dns_ask **dns, struct err *err)
{
	*dns = NULL;
	if (!wanted && session->options->resolvers.count == 0)
		return true;
	return dns_ask_begin(session, dns, err);
}

const struct ask *dns_ask_function(const struct dns_ask *dns)
{
	return dns != NULL ? &dns->ask : NULL;
}

void dns_ask_close(struct dns_ask *dns)
{
	if (dns != NULL)
		asking_close(&dns->asking);
}

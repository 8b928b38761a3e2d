#include "cli/dns_ask.h"

#include "cli/asking.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/verify/spf_proof.h"
#include "core/verify/spf_view.h"
#include "core/verify/zone_cut.h"

struct dns_ask {
	struct ask ask;
	struct asking asking;
};

/* One question at a time: the planner needs an answer before it asks the next. */
static void run(struct dns_ask *dns, inquiry_step_fn step, void *context, struct inquiry **inquiry)
{
	struct inquiry_job job = { .step = step, .context = context };

	inquiry_run(dns->asking.resolver, &job, 1, 1);
	*inquiry = job.inquiry;
}

/* ---- records ---------------------------------------------------------------------- */

struct question {
	const char *name;
	int type;
	const struct dns_answer *answer;
};

static bool question_step(struct inquiry *inquiry, void *context)
{
	struct question *question = context;

	question->answer = inquiry_ask(inquiry, question->name, question->type);
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

static bool ask_records(void *context, struct arena *arena, const char *name, enum ask_what what,
                        struct ask_answer *answer, struct err *err)
{
	static const int types[ASK_WHATS] = {
		[ASK_TXT] = DNS_TXT,
		[ASK_A] = DNS_A,
		[ASK_AAAA] = DNS_AAAA,
		[ASK_MX] = DNS_MX,
	};
	struct question question = { .name = name, .type = types[what] };
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
	const struct ask_spf *question;
	const char *domain; /* canonical */
	struct spf_check_request request;
	struct spf_check_verdict verdict;
};

static bool evaluation_step(struct inquiry *inquiry, void *context)
{
	struct evaluation *evaluation = context;
	struct spf_view view = { .inquiry = inquiry, .domain = evaluation->domain };
	struct spf_check_source source = evaluation->question->record != NULL
	                                         ? spf_view_source(&view)
	                                         : spf_worker_source(inquiry);

	spf_view_text(&view, evaluation->question->record);
	spf_worker_check(evaluation->worker, inquiry_arena(inquiry), &evaluation->request, &source,
	                 &evaluation->verdict);
	return evaluation->verdict.result != SPF_INCOMPLETE;
}

static const char *kept(struct arena *arena, const char *text)
{
	return text != NULL ? arena_copy(arena, text) : NULL;
}

/* The inquiry ends; what the planner reads of the verdict stays. */
static void verdict_keep(struct arena *arena, const struct spf_check_verdict *from,
                         struct spf_check_verdict *to)
{
	*to = *from;
	to->domain = kept(arena, from->domain);
	to->text = kept(arena, from->text);
	to->mechanism = kept(arena, from->mechanism);
	to->record = kept(arena, from->record);
	to->explanation = kept(arena, from->explanation);
	to->problem = kept(arena, from->problem);
	to->problem_record = kept(arena, from->problem_record);
	to->steps = NULL;
	to->step_count = 0;
}

static bool ask_spf(void *context, struct arena *arena, const struct ask_spf *question,
                    struct spf_check_verdict *verdict, struct err *err)
{
	struct dns_ask *dns = context;
	struct inquiry *inquiry;
	struct evaluation evaluation = {
		.worker = dns->asking.worker,
		.question = question,
		.domain = question->domain,
		.request = { .address = question->address,
		             .mail_from = arena_print(arena, "postmaster@%s", question->domain),
		             .helo = question->helo,
		             .now = clock_now() },
	};

	UNUSED(err);
	run(dns, evaluation_step, &evaluation, &inquiry);
	verdict_keep(arena, &evaluation.verdict, verdict);
	inquiry_close(inquiry);
	return true;
}

/* ---- does a change do what it should? ------------------------------------------ */

static const char *first_bad(struct arena *arena, const struct spf_proof *proof)
{
	for (size_t i = 0; i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];
		if (!row->good && !row->unsure)
			return arena_print(arena, _("%s gets %s, today %s"), row->address,
			                   spf_check_word(row->after), spf_check_word(row->before));
	}
	return NULL;
}

static bool ask_prove(void *context, struct arena *arena, const struct ask_change *change,
                      struct ask_proof *answer, struct err *err)
{
	struct dns_ask *dns = context;
	struct inquiry *inquiry;
	struct spf_proof proof = { .domain = change->domain,
		                   .before = change->before,
		                   .before_count = change->before_count,
		                   .after = change->after,
		                   .terms = change->terms,
		                   .term_count = change->term_count,
		                   .relays = change->relays,
		                   .relay_count = change->relay_count,
		                   .worker = dns->asking.worker };

	UNUSED(err);
	run(dns, spf_proof_step, &proof, &inquiry);
	*answer = (struct ask_proof){ .tried = proof.row_count,
		                      .unsure = proof.unsure,
		                      .bad = first_bad(arena, &proof) };
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
		.records = ask_records,
		.spf = ask_spf,
		.prove = ask_prove,
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

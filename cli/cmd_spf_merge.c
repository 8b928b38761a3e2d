#include "cli/commands.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "cli/asking.h"
#include "cli/dns_ask.h"
#include "cli/merge_answer.h"
#include "core/base/words.h"
#include "core/plan/spf_outsider.h"
#include "core/record/name.h"

struct merge_args {
	const char *record;
	const char *domain;
	struct option_list add;
	struct option_list relays;
	bool direct;
	bool sends_now;
	bool prove;
};

/* Where a record stands that was given as text alone. */
static const char nowhere[] = "record.invalid";

static const struct option_row merge_options[] = {
	ALLOWED(struct merge_args, record, "--record", "TEXT", N_("the record as it is published")),
	ALLOWED(struct merge_args, domain, "--domain", "NAME",
	        N_("ask DNS what it publishes; with --record: where that stands")),
	LIST(struct merge_args, add, "--add", "TERM",
	     N_("what shall be authorised: include:_spf.vendor.example")),
	LIST_NEEDED(struct merge_args, relays, "--relay", "IP", N_("an address that shall pass")),
	FLAG(struct merge_args, direct, "--direct",
	     N_("list the addresses of the relays themselves, in place of the include")),
	FLAG(struct merge_args, sends_now, "--sends-now",
	     N_("a domain that published \"v=spf1 -all\" shall send from now on")),
	FLAG(struct merge_args, prove, "--prove", N_("show every address that was tried")),
	OPTIONS_END,
};

static bool relays_check(const struct merge_args *args, struct err *err)
{
	unsigned char octets[16];

	for (size_t i = 0; i < args->relays.count; i++)
		if (inet_pton(AF_INET, args->relays.items[i], octets) != 1
		    && inet_pton(AF_INET6, args->relays.items[i], octets) != 1)
			return err_set(err, ERR_USAGE, _("--relay: \"%s\" is no IP address"),
			               args->relays.items[i]);
	return true;
}

/* What a merge is about, and what becomes of it. */
struct merge_work {
	const struct merge_args *args;
	const struct ask *ask; /* NULL: without DNS */
	const char *domain;    /* canonical; `nowhere` when it is not known */
	struct ask_answer texts;
	struct spf_merge_wish wish;
	struct spf_merge merge;
	struct spf_limit limit;
	struct spf_alternatives advice;
	struct spf_proof proof;
	struct inquiry *inquiry; /* of the proof */
	bool homeless;
};

/* The texts at the name: those given, or those DNS has. */
static bool texts_find(struct session *session, struct merge_work *work, struct err *err)
{
	const struct merge_args *args = work->args;
	const struct ask *ask = work->ask;
	struct ask_answer *answer = &work->texts;

	if (args->domain != NULL
	    && !name_parse(&session->arena, args->domain, NAME_RECORD, &work->domain, err))
		return false;
	if (args->record != NULL) {
		answer->texts = arena_take(&session->arena, sizeof *answer->texts);
		answer->texts[0] = (struct spf_text){ args->record, strlen(args->record) };
		answer->count = 1;
		return true;
	}
	if (!ask->records(ask->context, &session->arena, work->domain, ASK_TXT, answer, err))
		return false;
	if (answer->state != ASK_UNKNOWN)
		return true;
	(void)err_set(err, ERR_DNS, _("could not tell what %s publishes: %s"), work->domain,
	              answer->why);
	return err_hint(err, _("try again, or name another --resolver"));
}

/* Without an answer nothing is known, not even that somebody fails. */
static bool is_definite(enum spf_result result)
{
	return result == SPF_FAIL || result == SPF_SOFTFAIL || result == SPF_NEUTRAL;
}

/* S19: who passes already is found by evaluation, not by looking for a word. */
static bool relays_try(struct session *session, struct merge_work *work, struct err *err)
{
	struct spf_merge_wish *wish = &work->wish;
	size_t passed = 0;

	for (size_t i = 0; work->ask != NULL && work->domain != nowhere && i < wish->relay_count;
	     i++) {
		struct ask_spf question = { .domain = work->domain,
			                    .record = work->args->record,
			                    .address = wish->relays[i],
			                    .helo = work->domain };
		struct spf_check_verdict verdict;

		if (!work->ask->spf(work->ask->context, &session->arena, &question, &verdict, err))
			return false;
		passed += verdict.result == SPF_PASS;
		wish->fails_today = wish->fails_today || is_definite(verdict.result);
	}
	if (passed > 0 && passed == wish->relay_count)
		wish->term_count = 0;
	return true;
}

static bool wish_make(struct session *session, struct merge_work *work, struct err *err)
{
	const struct merge_args *args = work->args;

	work->wish = (struct spf_merge_wish){
		.records = work->texts.texts,
		.record_count = work->texts.count,
		.terms = args->add.items,
		.term_count = args->add.count,
		.relays = args->relays.items,
		.relay_count = args->relays.count,
		.sends_now = args->sends_now,
	};
	if (args->direct) {
		work->wish.terms = spf_alternative_direct_terms(&session->arena, args->relays.items,
		                                                args->relays.count);
		work->wish.term_count = args->relays.count;
	}
	return relays_try(session, work, err);
}

/* The SPF records among the texts. */
static const char **present_records(struct session *session, const struct ask_answer *answer,
                                    size_t *count)
{
	const char **records = arena_take(&session->arena, (answer->count + 1) * sizeof *records);

	*count = 0;
	for (size_t i = 0; i < answer->count; i++)
		if (spf_record_is(answer->texts[i].text, answer->texts[i].length))
			records[(*count)++] = answer->texts[i].text;
	return records;
}

/* Nothing is advised that was not tried: ours must pass, others keep what they get. */
static bool prove(struct session *session, struct merge_work *work, struct err *err)
{
	struct spf_proof *proof = &work->proof;
	struct inquiry_job job = { .step = spf_proof_step, .context = proof };
	struct asking asking;

	if (!asking_open(session, &asking, err))
		return false;
	*proof = (struct spf_proof){
		.domain = work->domain,
		.after = work->merge.record,
		.terms = work->wish.terms,
		.term_count = work->wish.term_count,
		.relays = work->wish.relays,
		.relay_count = work->wish.relay_count,
		.worker = asking.worker,
	};
	proof->before = present_records(session, &work->texts, &proof->before_count);
	inquiry_run(asking.resolver, &job, 1, 1);
	work->inquiry = job.inquiry;
	asking_close(&asking);
	if (proof->bad > 0)
		spf_merge_refuse(&work->merge,
		                 _("tried out, the record does not do what it should; --prove "
		                   "shows for which address"));
	else if (proof->ours_unsure > 0)
		spf_merge_warn(&work->merge, _("it could not be proven that all relays pass: DNS "
		                               "did not answer; try again"));
	else if (proof->unsure > 0)
		spf_merge_warn(
			&work->merge,
			_("it could not be proven that nobody else's result changes: DNS did "
		          "not answer; try again"));
	if (proof->cut)
		spf_merge_warn(&work->merge,
		               arena_print(&session->arena,
		                           _("the records speak about more addresses than the %zu "
		                             "that were tried"),
		                           proof->row_count));
	return true;
}

/* %{d} and its like: of the domain, the sender, the greeting. */
static bool own_macro(const char *spec)
{
	for (const char *at = strstr(spec, "%{"); at != NULL; at = strstr(at + 1, "%{"))
		if (at[2] != '\0' && strchr("dDoOsShHpP", at[2]) != NULL)
			return true;
	return false;
}

/* The first term that leads to the domain the record stands at; NULL. */
static const char *own_term(struct session *session, const char *text)
{
	struct spf_record record;
	struct err ignored = { 0 };

	if (!spf_record_parse(&session->arena, text, strlen(text), &record, &ignored))
		return NULL;
	for (size_t i = 0; i < record.term_count; i++) {
		const struct spf_term *term = &record.terms[i];
		bool host = term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX
		            || term->kind == SPF_TERM_PTR;

		if (term->domain == NULL ? host : own_macro(term->domain))
			return term->text;
	}
	return NULL;
}

/* Without a home "mx" is the mail server of nobody. */
static void home_check(struct session *session, struct merge_work *work)
{
	const char *term = NULL;

	if (work->ask == NULL || work->domain != nowhere || work->merge.record == NULL)
		return;
	term = own_term(session, work->merge.record);
	if (term == NULL)
		return;
	work->homeless = true;
	spf_merge_warn(&work->merge,
	               arena_print(&session->arena,
	                           _("\"%s\" could not be tried, so nothing is proven: name the "
	                             "domain where the record stands with --domain"),
	                           term));
}

/* A relay outside of what shall be added is the first thing to be said. */
static bool outsider_check(struct session *session, struct merge_work *work, bool *outside,
                           struct err *err)
{
	const char *reason = NULL;

	*outside = false;
	if (work->merge.record == NULL || work->merge.outcome == SPF_MERGE_UNCHANGED
	    || (work->merge.outcome == SPF_MERGE_REFUSED && work->merge.would_be == NULL))
		return true;
	if (!spf_outsider_find(&session->arena, work->ask, work->domain, &work->wish, &reason, err))
		return false;
	*outside = reason != NULL;
	if (*outside)
		spf_merge_refuse(&work->merge, reason);
	return true;
}

static bool merge_all(struct session *session, struct merge_work *work, struct err *err)
{
	struct spf_alternative_question question = {
		.domain = work->domain != nowhere ? work->domain : NULL,
		.ask = work->ask,
		.wish = &work->wish,
		.merge = &work->merge,
		.limit = &work->limit,
	};

	if (!wish_make(session, work, err)
	    || !spf_merge(&session->arena, &work->wish, &work->merge, err)
	    || !spf_limit_check(&session->arena, work->ask, work->domain, &work->merge,
	                        &work->limit, err))
		return false;
	if (work->args->direct && work->merge.outcome == SPF_MERGE_MERGED)
		spf_merge_warn(&work->merge, spf_alternative_direct_warning());
	if (work->ask != NULL && work->merge.outcome != SPF_MERGE_REFUSED
	    && !prove(session, work, err))
		return false;
	home_check(session, work);
	if (!outsider_check(session, work, &question.outside, err)
	    || !spf_alternative_find(&session->arena, &question, &work->advice, err))
		return false;
	merge_answer_say(session, &(struct merge_answer){ .texts = &work->texts,
	                                                  .merge = &work->merge,
	                                                  .limit = &work->limit,
	                                                  .advice = &work->advice,
	                                                  .proof = &work->proof,
	                                                  .tried = work->proof.row_count > 0,
	                                                  .homeless = work->homeless,
	                                                  .show_rows = work->args->prove });
	return true;
}

/* "_spf.vendor.example", "192.0.2.25": what kind of term was meant; NULL. */
static const char *mechanism_of(const char *word)
{
	unsigned char octets[16];

	if (inet_pton(AF_INET, word, octets) == 1)
		return "ip4";
	if (inet_pton(AF_INET6, word, octets) == 1)
		return "ip6";
	return strchr(word, '.') != NULL && strpbrk(word, ":=/ \"") == NULL ? "include" : NULL;
}

static bool adds_check(const struct merge_args *args, struct err *err)
{
	for (size_t i = 0; i < args->add.count; i++) {
		const char *word = args->add.items[i];
		const char *mechanism = mechanism_of(word);

		if (strncasecmp(word, "v=spf1", strlen("v=spf1")) == 0)
			return err_set(err, ERR_USAGE,
			               _("--add: a term is wanted, not a whole record"));
		if (mechanism == NULL)
			continue;
		(void)err_set(err, ERR_USAGE, _("--add: \"%s\" is no term of SPF"), word);
		return err_hint(err, _("did you mean \"%s:%s\"?"), mechanism, word);
	}
	return true;
}

static bool args_check(const struct merge_args *args, struct err *err)
{
	if (args->record == NULL && args->domain == NULL)
		return err_set(err, ERR_USAGE, _("name --record or --domain"));
	if (args->add.count == 0 && !args->direct)
		return err_set(err, ERR_USAGE,
		               _("name what shall be authorised: --add TERM, or --direct"));
	if (args->record != NULL && !spf_record_is(args->record, strlen(args->record))) {
		(void)err_set(err, ERR_USAGE, _("--record: it does not begin with \"v=spf1 \""));
		return err_hint(err, _("senderctl spf lint explains a record"));
	}
	return adds_check(args, err) && relays_check(args, err);
}

static bool merge_run(struct session *session, const void *given, struct err *err)
{
	const struct merge_args *args = given;
	struct merge_work work = { .args = args, .domain = nowhere };
	struct dns_ask *dns = NULL;

	if (!args_check(args, err)
	    || !dns_ask_open(session, args->domain != NULL || args->prove, &dns, err))
		return false;
	work.ask = dns_ask_function(dns);
	bool ok = texts_find(session, &work, err) && merge_all(session, &work, err);
	inquiry_close(work.inquiry);
	dns_ask_close(dns);
	return ok;
}

const struct command cmd_spf_merge[] = {
	{ "spf merge", N_("put an authorisation into an SPF record without changing anything else"),
	  ACCESS_NOTHING, merge_options, sizeof(struct merge_args), merge_run,
	  "senderctl spf merge --record 'v=spf1 mx -all' --add include:_spf.vendor.example "
	  "--relay 192.0.2.25\n"
	  "senderctl spf merge --domain acme.example --add include:_spf.vendor.example "
	  "--relay 192.0.2.25 --prove\n"
	  "senderctl spf merge --record 'v=spf1 mx -all' --direct --relay 192.0.2.25\n"
	  "senderctl spf merge --record 'v=spf1 mx -all' --domain acme.example --direct "
	  "--relay 192.0.2.25 --prove\n" },
	COMMANDS_END,
};

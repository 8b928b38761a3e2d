#include "cli/commands.h"

#include <arpa/inet.h>

#include "cli/asking.h"
#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/plan/spf_price.h"
#include "core/record/spf_lint.h"
#include "core/record/spf_record.h"

enum { COULD_NOT_TELL = 3 };

struct eval_args {
	const char *ip;
	const char *mail_from;
	const char *helo;
	const char *receiver;
	bool trace;
};

static const struct option_row eval_options[] = {
	NEEDED(struct eval_args, ip, "--ip", "IP", N_("address of the sending server")),
	NEEDED(struct eval_args, mail_from, "--mail-from", "ADDRESS",
	       N_("envelope sender; \"\" for a bounce")),
	NEEDED(struct eval_args, helo, "--helo", "NAME", N_("name the server gives in EHLO")),
	ALLOWED(struct eval_args, receiver, "--receiver", "NAME",
	        N_("who checks, for the macro %{r}")),
	FLAG(struct eval_args, trace, "--trace", N_("show every term that was looked at")),
	OPTIONS_END,
};

/* One evaluation, as a check of inquiry.h. */
struct evaluation {
	struct spf_worker *worker;
	struct spf_check_request request;
	struct spf_check_verdict verdict;
};

static bool evaluate_step(struct inquiry *inquiry, void *context)
{
	struct evaluation *evaluation = context;
	struct spf_check_source source = spf_worker_source(inquiry);

	spf_worker_check(evaluation->worker, inquiry_arena(inquiry), &evaluation->request, &source,
	                 &evaluation->verdict);
	return evaluation->verdict.result != SPF_INCOMPLETE;
}

static void put_column(struct tree *map, const char *name, size_t column)
{
	if (column > 0)
		tree_put_number(map, name, (long long)column);
	else
		tree_put(map, name, tree_text(NULL));
}

static struct tree *trace_tree(const struct spf_check_verdict *verdict)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < verdict->step_count; i++) {
		const struct spf_check_step *step = &verdict->steps[i];
		struct tree *map = tree_map();

		tree_put_text(map, "record", step->record);
		tree_put_number(map, "column", (long long)step->column);
		tree_put_text(map, "term", step->term);
		tree_put_text(map, "target", step->target);
		tree_put_text(map, "note", step->note);
		tree_put_number(map, "depth", step->depth);
		tree_put_bool(map, "matched", step->matched);
		tree_push(list, map);
	}
	return list;
}

static struct tree *verdict_tree(const struct spf_check_verdict *verdict)
{
	struct tree *map = tree_map();

	tree_put_text(map, "result", spf_check_word(verdict->result));
	tree_put_text(map, "mechanism", verdict->mechanism);
	tree_put_text(map, "record", verdict->record ? verdict->record : verdict->problem_record);
	put_column(map, "column", verdict->record ? verdict->column : verdict->problem_column);
	tree_put_text(map, "explanation", verdict->explanation);
	tree_put_number(map, "lookups", verdict->lookups);
	tree_put_number(map, "void_lookups", verdict->voids);
	tree_put_text(map, "problem", verdict->problem);
	tree_put(map, "trace", trace_tree(verdict));
	return map;
}

static void print_trace(struct session *session, const struct spf_check_verdict *verdict)
{
	for (size_t i = 0; i < verdict->step_count; i++) {
		const struct spf_check_step *step = &verdict->steps[i];

		print_line(session, "  %*s%s %s %zu: %s%s%s%s%s%s", (int)(2 * step->depth), "",
		           step->matched ? "*" : " ", step->record, step->column, step->term,
		           step->target ? " = " : "", step->target ? step->target : "",
		           *step->note ? " (" : "", step->note, *step->note ? ")" : "");
	}
}

static void print_verdict(struct session *session, const struct eval_args *args,
                          const struct spf_check_verdict *verdict)
{
	const char *color = verdict->result == SPF_PASS ? print_green(session) : print_red(session);

	print_line(session, "%s%s%s", color, spf_check_word(verdict->result), print_plain(session));
	if (verdict->mechanism)
		print_line(session, _("decided by %s, column %zu of the record of %s"),
		           verdict->mechanism, verdict->column, verdict->record);
	if (verdict->problem)
		print_line(session, _("because: %s"), verdict->problem);
	if (verdict->explanation)
		print_line(session, _("the domain explains: %s"), verdict->explanation);
	print_line(session, _("look-ups: %u of %d, without result: %u of %d"), verdict->lookups,
	           SPF_LOOKUPS_MOST, verdict->voids, SPF_VOIDS_MOST);
	if (args->trace)
		print_trace(session, verdict);
}

static bool is_address(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool eval_run(struct session *session, const void *given, struct err *err)
{
	const struct eval_args *args = given;
	struct asking asking;
	struct evaluation evaluation = {
		.request = { .address = args->ip,
		             .mail_from = args->mail_from,
		             .helo = args->helo,
		             .receiver = args->receiver,
		             .now = clock_now() },
	};
	struct inquiry_job job = { .step = evaluate_step, .context = &evaluation };

	if (!is_address(args->ip))
		return err_set(err, ERR_USAGE, _("\"%s\" is not an IP address"), args->ip);
	if (!asking_open(session, &asking, err))
		return false;
	evaluation.worker = asking.worker;
	inquiry_run(asking.resolver, &job, 1, 1, NULL, NULL);
	print_verdict(session, args, &evaluation.verdict);
	print_json(session, verdict_tree(&evaluation.verdict));
	if (evaluation.verdict.result == SPF_TEMPERROR || evaluation.verdict.result == SPF_UNKNOWN)
		session->status = COULD_NOT_TELL;
	inquiry_close(job.inquiry);
	asking_close(&asking);
	return true;
}

struct lint_args {
	const char *record;
	const char *domain;
};

static const struct option_row lint_options[] = {
	ALLOWED(struct lint_args, record, "--record", "TEXT", N_("the record itself")),
	ALLOWED(struct lint_args, domain, "--domain", "NAME", N_("the record of this domain")),
	OPTIONS_END,
};

/* The TXT records of a domain, as a check of inquiry.h. */
struct fetch {
	const char *domain;
	const struct dns_answer *answer;
};

static bool fetch_step(struct inquiry *inquiry, void *context)
{
	struct fetch *fetch = context;

	fetch->answer = inquiry_ask(inquiry, fetch->domain, DNS_TXT);
	return fetch->answer != NULL;
}

static bool choose_record(struct session *session, const struct fetch *fetch, const char **text,
                          struct err *err)
{
	*text = NULL;
	if (!dns_message_definite(fetch->answer))
		return err_set(err, ERR_DNS, _("the TXT records of %s: %s"), fetch->domain,
		               dns_message_outcome_sentence(fetch->answer->outcome));
	for (size_t i = 0; i < fetch->answer->record_count; i++) {
		const struct dns_record *record = &fetch->answer->records[i];

		if (!spf_record_is(record->text, record->text_length))
			continue;
		if (*text) {
			(void)err_set(err, ERR_INPUT, _("%s has more than one SPF record"),
			              fetch->domain);
			return err_hint(
				err, _("receivers take that as an error; \"senderctl spf merge\" "
			               "makes one of them"));
		}
		*text = arena_copy_part(&session->arena, record->text, record->text_length);
	}
	return *text || err_set(err, ERR_NOT_FOUND, _("%s has no SPF record"), fetch->domain);
}

static bool fetch_record(struct session *session, const char *domain, const char **text,
                         struct err *err)
{
	struct asking asking;
	struct fetch fetch = { .domain = domain };
	struct inquiry_job job = { .step = fetch_step, .context = &fetch };
	bool ok = false;

	if (!asking_open(session, &asking, err))
		return false;
	inquiry_run(asking.resolver, &job, 1, 1, NULL, NULL);
	ok = choose_record(session, &fetch, text, err);
	inquiry_close(job.inquiry);
	asking_close(&asking);
	return ok;
}

static const char *severity_word(enum spf_severity severity)
{
	static const char *const words[SPF_SEVERITIES] = { N_("note"), N_("warning"), N_("error") };

	return words[severity];
}

static struct tree *finding_tree(const struct spf_finding *finding)
{
	struct tree *map = tree_map();

	tree_put_text(map, "severity", severity_word(finding->severity));
	put_column(map, "column", finding->column);
	tree_put_text(map, "token", finding->token);
	tree_put_text(map, "text", finding->text);
	return map;
}

/* What the whole tree of includes costs; asked only when the record is a domain's. */
static bool price_tree(struct session *session, const char *domain, const char *text,
                       struct spf_price *price, struct err *err)
{
	struct dns_ask *dns = NULL;
	bool ok = dns_ask_open(session, true, &dns, err)
	          && spf_price(&session->arena, dns_ask_function(dns), domain, text, price, err);

	dns_ask_close(dns);
	return ok;
}

static struct tree *tree_of_price(struct session *session, const struct spf_price *price)
{
	struct tree *map = tree_map();

	print_line(session, _("with all includes, at worst: %zu of %d"), price->lookups,
	           SPF_LOOKUPS_MOST);
	if (price->lookups > SPF_LOOKUPS_MOST)
		print_line(session,
		           _("%serror%s: receivers answer permerror to whom no earlier "
		             "term matches"),
		           print_red(session), print_plain(session));
	if (price->dead)
		print_line(session, _("%serror%s: %s leads to no SPF record: permerror"),
		           print_red(session), print_plain(session), price->dead);
	if (price->unknown > 0)
		print_line(session, _("%zu includes could not be followed"), price->unknown);
	if (price->lookups > SPF_LOOKUPS_MOST || price->dead)
		session->status = 1;
	tree_put_number(map, "lookups", (long long)price->lookups);
	tree_put_number(map, "limit", SPF_LOOKUPS_MOST);
	tree_put_number(map, "unknown", (long long)price->unknown);
	tree_put_text(map, "dead", price->dead);
	return map;
}

static void say_findings(struct session *session, const char *text, const struct spf_lint *lint,
                         const struct spf_price *price)
{
	struct tree *answer = tree_map();
	struct tree *list = tree_list();

	print_line(session, "%s", text);
	for (size_t i = 0; i < lint->count; i++) {
		const struct spf_finding *finding = &lint->findings[i];

		if (finding->column > 0)
			print_line(session, "%*s^", (int)finding->column - 1, "");
		print_line(session, "%s: %s", _(severity_word(finding->severity)), finding->text);
		tree_push(list, finding_tree(finding));
	}
	print_line(session, _("terms that need a look-up in this record: %u of %d"), lint->lookups,
	           SPF_LOOKUPS_MOST);
	tree_put_text(answer, "record", text);
	tree_put_bool(answer, "valid", lint->errors == 0);
	tree_put_number(answer, "lookups", lint->lookups);
	tree_put(answer, "findings", list);
	session->status = lint->errors + lint->warnings > 0;
	if (price)
		tree_put(answer, "tree", tree_of_price(session, price));
	print_json(session, answer);
}

static bool lint_run(struct session *session, const void *given, struct err *err)
{
	const struct lint_args *args = given;
	const char *text = args->record;
	struct spf_lint lint;
	struct spf_price price;

	if (!args->record == !args->domain)
		return err_set(err, ERR_USAGE, _("name either --record or --domain"));
	if (args->domain && !fetch_record(session, args->domain, &text, err))
		return false;
	spf_lint_run(&session->arena, text, strlen(text), NULL, &lint);
	if (args->domain && !price_tree(session, args->domain, text, &price, err))
		return false;
	say_findings(session, text, &lint, args->domain ? &price : NULL);
	return true;
}

const struct command cmd_spf[] = {
	{ "spf eval", N_("say what a receiver makes of a sender"), ACCESS_NOTHING, eval_options,
	  sizeof(struct eval_args), eval_run,
	  "senderctl spf eval --ip 192.0.2.25 --mail-from claim@acme.example --helo "
	  "relay.vendor.example --trace\n" },
	{ "spf lint", N_("explain what is wrong with an SPF record"), ACCESS_NOTHING, lint_options,
	  sizeof(struct lint_args), lint_run,
	  "senderctl spf lint --record 'v=spf1 include:_spf.vendor.example -all'\n"
	  "senderctl spf lint --domain acme.example\n" },
	COMMANDS_END,
};

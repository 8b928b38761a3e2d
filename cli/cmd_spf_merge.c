#include "cli/commands.h"

#include <arpa/inet.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/plan/spf_price.h"
#include "core/plan/spf_merge.h"
#include "core/record/name.h"
#include "core/record/spf_record.h"
#include "core/record/zone_text.h"
#include "core/verify/spf_proof.h"

struct merge_args {
	const char *record;
	const char *domain;
	struct option_list add;
	struct option_list relays;
	bool sends_now;
	bool prove;
};

/* Where a record stands that was given as text alone. */
static const char nowhere[] = "record.invalid";

static const struct option_row merge_options[] = {
	ALLOWED(struct merge_args, record, "--record", "TEXT", N_("the record as it is published")),
	ALLOWED(struct merge_args, domain, "--domain", "NAME", N_("ask DNS what it publishes")),
	LIST_NEEDED(struct merge_args, add, "--add", "TERM",
	            N_("what shall be authorised: include:_spf.vendor.example")),
	LIST_NEEDED(struct merge_args, relays, "--relay", "IP", N_("an address that shall pass")),
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

/* The texts at the name: those given, or those DNS has. */
static bool texts_find(struct session *session, const struct merge_args *args,
                       const struct ask *ask, const char **domain, struct ask_answer *answer,
                       struct err *err)
{
	*domain = NULL;
	if (args->record != NULL) {
		answer->texts = arena_take(&session->arena, sizeof *answer->texts);
		answer->texts[0] = (struct spf_text){ args->record, strlen(args->record) };
		answer->count = 1;
		return true;
	}
	if (!name_parse(&session->arena, args->domain, NAME_RECORD, domain, err)
	    || !ask->records(ask->context, &session->arena, *domain, ASK_TXT, answer, err))
		return false;
	if (answer->state != ASK_UNKNOWN)
		return true;
	(void)err_set(err, ERR_DNS, _("could not tell what %s publishes: %s"), *domain,
	              answer->why);
	return err_hint(err, _("try again, or name another --resolver"));
}

/* S19: by evaluation every relay passes already. */
static bool passes_today(struct session *session, const struct merge_args *args,
                         const struct ask *ask, const char *domain, bool *pass, struct err *err)
{
	*pass = ask != NULL && domain != NULL;
	for (size_t i = 0; i < args->relays.count && *pass; i++) {
		struct ask_spf question = { .domain = domain,
			                    .address = args->relays.items[i],
			                    .helo = domain };
		struct spf_check_verdict verdict;
		if (!ask->spf(ask->context, &session->arena, &question, &verdict, err))
			return false;
		*pass = verdict.result == SPF_PASS;
	}
	return true;
}

/* The one SPF record among the texts; NULL when there is none, or no telling. */
static const char *present_record(const struct ask_answer *answer)
{
	const char *found = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->texts[i].text, answer->texts[i].length))
			continue;
		if (found != NULL)
			return NULL;
		found = answer->texts[i].text;
	}
	return found;
}

/* Nothing is advised that was not tried: ours must pass, others keep what they get. */
static bool prove(struct session *session, const struct merge_args *args, const char *domain,
                  const char *present, struct spf_merge *merge, struct spf_proof *proof,
                  struct inquiry **inquiry, struct err *err)
{
	struct asking asking;
	struct inquiry_job job = { .step = spf_proof_step, .context = proof };

	if (merge->outcome == SPF_MERGE_REFUSED)
		return true;
	if (!asking_open(session, &asking, err))
		return false;
	*proof = (struct spf_proof){ .domain = domain != NULL ? domain : nowhere,
		                     .before = present,
		                     .after = merge->record,
		                     .relays = args->relays.items,
		                     .relay_count = args->relays.count,
		                     .worker = asking.worker };
	inquiry_run(asking.resolver, &job, 1, 1, NULL, NULL);
	*inquiry = job.inquiry;
	asking_close(&asking);
	if (proof->bad > 0) {
		merge->outcome = SPF_MERGE_REFUSED;
		merge->reason = _("tried out, the record does not do what it should; --prove shows "
		                  "for which address");
	}
	return true;
}

static struct tree *proof_tree(const struct spf_proof *proof)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];
		struct tree *map = tree_map();

		tree_put_text(map, "address", row->address);
		tree_put_bool(map, "relay", row->ours);
		tree_put_text(map, "before", spf_check_word(row->before));
		tree_put_text(map, "after", spf_check_word(row->after));
		tree_put_bool(map, "good", row->good && !row->unsure);
		tree_push(list, map);
	}
	return list;
}

static void say_proof(struct session *session, const struct spf_proof *proof, bool all)
{
	for (size_t i = 0; all && i < proof->row_count; i++) {
		const struct spf_proof_row *row = &proof->rows[i];

		print_line(session, "  %s%-39s%s %-9s -> %-9s %s",
		           row->good && !row->unsure ? print_green(session) : print_red(session),
		           row->address, print_plain(session), spf_check_word(row->before),
		           spf_check_word(row->after), row->ours ? _("our relay") : "");
	}
	if (proof->row_count > 0)
		print_line(session, _("  tried for %zu addresses"), proof->row_count);
	if (proof->unsure > 0)
		print_line(session, _("  %s%zu of them could not be told: DNS did not answer%s"),
		           print_yellow(session), proof->unsure, print_plain(session));
}

static struct tree *texts_tree(const char *const texts[], size_t count)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_push_text(list, texts[i]);
	return list;
}

static void say(struct session *session, const struct spf_merge *merge, size_t worst,
                const struct spf_proof *proof, bool all)
{
	struct tree *answer = tree_map(), *strings = tree_list(), *lookups = tree_map();
	bool refused = merge->outcome == SPF_MERGE_REFUSED;

	if (!refused && merge->record != NULL)
		for (const char **s = zone_text_split(&session->arena, merge->record, NULL);
		     *s != NULL; s++)
			tree_push_text(strings, *s);
	tree_put_number(lookups, "worst", (long long)worst);
	tree_put_number(lookups, "limit", SPF_LOOKUP_LIMIT);
	tree_put_text(answer, "outcome", spf_merge_word(merge->outcome));
	tree_put_text(answer, "record", refused ? NULL : merge->record);
	tree_put(answer, "strings", strings);
	tree_put(answer, "lookups", lookups);
	tree_put(answer, "changes", texts_tree(merge->changes, merge->change_count));
	tree_put(answer, "warnings", texts_tree(merge->warnings, merge->warning_count));
	tree_put(answer, "proof", proof_tree(proof));
	if (refused)
		tree_put_text(answer, "reason", merge->reason);

	if (refused)
		print_line(session, _("refused: %s"), merge->reason);
	else
		print_line(session, "%s", merge->record);
	if (merge->outcome == SPF_MERGE_UNCHANGED)
		print_line(session, _("nothing needs to change"));
	for (size_t i = 0; i < merge->change_count && !refused; i++)
		print_line(session, "  %s", merge->changes[i]);
	for (size_t i = 0; i < merge->warning_count; i++)
		print_line(session, "  %s%s%s", print_yellow(session), merge->warnings[i],
		           print_plain(session));
	print_line(session, _("  DNS lookups at worst: %zu of %d"), worst, SPF_LOOKUP_LIMIT);
	say_proof(session, proof, all);
	print_json(session, answer);
	session->status = refused ? 4 : 0; /* refused, as product.md counts */
}

static bool merge_price(struct session *session, const struct ask *ask, const char *domain,
                        struct spf_merge *merge, size_t *worst, struct err *err)
{
	struct spf_price price;

	*worst = merge->lookups;
	if (ask == NULL || merge->outcome == SPF_MERGE_REFUSED)
		return true;
	if (!spf_price(&session->arena, ask, domain, merge->record, &price, err))
		return false;
	*worst = price.lookups;
	if (merge->outcome == SPF_MERGE_MERGED && price.lookups > SPF_LOOKUP_LIMIT) {
		merge->outcome = SPF_MERGE_REFUSED;
		merge->reason =
			arena_print(&session->arena,
		                    _("with all includes the record would need more than %d "
		                      "DNS lookups (%zu counted)"),
		                    SPF_LOOKUP_LIMIT, price.lookups);
	}
	if (price.dead != NULL && merge->warning_count < SPF_MERGE_NOTES)
		merge->warnings[merge->warning_count++] =
			arena_print(&session->arena,
		                    _("include:%s leads to no SPF record: receivers "
		                      "answer permerror"),
		                    price.dead);
	return true;
}

static bool merge_all(struct session *session, const struct merge_args *args, const struct ask *ask,
                      struct err *err)
{
	struct ask_answer answer = { 0 };
	struct spf_merge merge;
	struct spf_proof proof = { 0 };
	struct inquiry *inquiry = NULL;
	const char *domain;
	bool pass = false;
	size_t worst;

	if (!texts_find(session, args, ask, &domain, &answer, err)
	    || !passes_today(session, args, ask, domain, &pass, err))
		return false;
	struct spf_merge_wish wish = {
		.records = answer.texts,
		.record_count = answer.count,
		.terms = args->add.items,
		.term_count = pass ? 0 : args->add.count,
		.relays = args->relays.items,
		.relay_count = args->relays.count,
		.sends_now = args->sends_now,
	};
	if (args->record != NULL && !spf_record_is(args->record, strlen(args->record))) {
		(void)err_set(err, ERR_USAGE, _("--record: it does not begin with \"v=spf1 \""));
		return err_hint(err, _("senderctl spf lint explains a record"));
	}
	if (!spf_merge(&session->arena, &wish, &merge, err)
	    || !merge_price(session, ask, domain != NULL ? domain : nowhere, &merge, &worst, err)
	    || (ask != NULL
	        && !prove(session, args, domain, present_record(&answer), &merge, &proof, &inquiry,
	                  err)))
		return false;
	say(session, &merge, worst, &proof, args->prove);
	inquiry_close(inquiry);
	return true;
}

static bool merge_run(struct session *session, const void *given, struct err *err)
{
	const struct merge_args *args = given;
	struct dns_ask *dns = NULL;

	if ((args->record == NULL) == (args->domain == NULL))
		return err_set(err, ERR_USAGE, _("name either --record or --domain"));
	if (!relays_check(args, err)
	    || !dns_ask_open(session, args->domain != NULL || args->prove, &dns, err))
		return false;
	bool ok = merge_all(session, args, dns_ask_function(dns), err);
	dns_ask_close(dns);
	return ok;
}

const struct command cmd_spf_merge[] = {
	{ "spf merge", N_("put an authorisation into an SPF record without changing anything else"),
	  ACCESS_NOTHING, merge_options, sizeof(struct merge_args), merge_run,
	  "senderctl spf merge --record 'v=spf1 mx -all' --add include:_spf.vendor.example "
	  "--relay 192.0.2.25\n"
	  "senderctl spf merge --domain acme.example --add include:_spf.vendor.example "
	  "--relay 192.0.2.25 --prove\n" },
	COMMANDS_END,
};

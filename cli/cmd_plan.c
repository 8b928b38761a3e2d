#include "cli/commands.h"

#include <string.h>

#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/facts.h"
#include "core/plan/spf_merge.h"
#include "core/plan/way_plan.h"
#include "core/record/name.h"

enum { SOMETHING_MISSING = 1, REFUSED = 4 };

struct show_args {
	const char *domain;
	const char *way;
	bool dns;
};

static const struct option_row show_options[] = {
	PLACE(struct show_args, domain, "DOMAIN", N_("a sender domain")),
	ALLOWED(struct show_args, way, "--way", "WAY",
	        N_("explain this way in full, not the registered one: mailfrom-dkim, spf-dkim, "
	           "dkim, spf, direct, hosted")),
	FLAG(struct show_args, dns, "--dns",
	     N_("ask DNS what is published today (--resolver does so too)")),
	OPTIONS_END,
};

static const struct print_column record_columns[] = {
	{ "owner", N_("who"), PRINT_LEFT },
	{ "action", N_("does"), PRINT_LEFT },
	{ "purpose", N_("what"), PRINT_LEFT },
	{ "weight", N_("weight"), PRINT_LEFT },
	{ "name", N_("name"), PRINT_LEFT },
	{ "type", N_("type"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column way_columns[] = {
	{ "rank", "", PRINT_RIGHT },
	{ "way", N_("way"), PRINT_LEFT },
	{ "customer", N_("customer's records"), PRINT_RIGHT },
	{ "lookups", N_("look-ups"), PRINT_RIGHT },
	{ "spf", N_("SPF"), PRINT_LEFT },
	{ "dkim", N_("DKIM"), PRINT_LEFT },
	{ "dmarc", N_("DMARC"), PRINT_LEFT },
	{ "note", "", PRINT_LEFT },
	PRINT_COLUMNS_END,
};

/* ---- one way in full ------------------------------------------------------------------ */

static struct tree *records_tree(struct session *session, const struct requirement_list *records)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < records->count; i++) {
		const struct requirement *r = &records->items[i];
		struct tree *row = requirement_tree(&session->arena, r);
		tree_put_text(row, "weight",
		              r->waived != NULL ? _("waived")
		              : r->required     ? _("required")
		                                : _("recommended"));
		tree_push(list, row);
	}
	return list;
}

static void say_record(struct session *session, const struct requirement *r)
{
	bool changes = r->action == ACTION_ADD || r->action == ACTION_REPLACE;
	bool value = changes && r->value != NULL;

	if (!value && r->waived == NULL && r->note == NULL)
		return;
	print_line(session, "\n%s %s", r->name, r->type);
	if (value)
		print_line(session, "  %s", r->value);
	if (r->present != NULL && r->action == ACTION_REPLACE)
		print_line(session, _("  instead of: %s"), r->present);
	if (r->waived != NULL)
		print_line(session, _("  waived: %s"), r->waived);
	if (r->note != NULL)
		print_line(session, "  %s%s%s", print_yellow(session), r->note,
		           print_plain(session));
}

/* Values and reasons, below the table: they are too long for a column. */
static void say_records(struct session *session, const struct requirement_list *records)
{
	struct tree *list = records_tree(session, records);

	if (tree_count(list) > 0) {
		print_line(session, "%s", "");
		print_table(session, list, record_columns);
	}
	tree_drop(list);
	for (size_t i = 0; i < records->count; i++)
		say_record(session, &records->items[i]);
}

static void say_check(struct session *session, const char *what, const struct outcome_check *check)
{
	const char *aligned = check->aligned[DMARC_RFC9989] && check->aligned[DMARC_RFC7489]
	                              ? _("aligned")
	                      : check->aligned[DMARC_RFC9989] ? _("aligned by RFC 9989 only")
	                      : check->aligned[DMARC_RFC7489] ? _("aligned by RFC 7489 only")
	                                                      : _("not aligned");

	print_line(session, "  %-6s %s, %s, %s%s%s", what, check->result, check->domain, aligned,
	           check->problem != NULL ? ": " : "",
	           check->problem != NULL ? check->problem : "");
}

static void say_outcome(struct session *session, const struct outcome *outcome)
{
	if (!outcome->ours)
		return;
	print_line(session, _("\noutcome: %s"), outcome->sentence);
	say_check(session, "SPF", &outcome->spf);
	say_check(session, "DKIM", &outcome->dkim);
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++)
		print_line(session, "  %-6s %s: %s", "DMARC",
		           regime == DMARC_RFC9989 ? "RFC 9989" : "RFC 7489",
		           outcome->receiver[regime]);
	if (outcome->difference != NULL)
		print_line(session, "  %s%s%s", print_yellow(session), outcome->difference,
		           print_plain(session));
	if (outcome->reading.broken != NULL)
		print_line(session, "  %s%s%s", print_yellow(session), outcome->reading.broken,
		           print_plain(session));
	if (outcome->warning != NULL)
		print_line(session, "%s%s%s", print_yellow(session), outcome->warning,
		           print_plain(session));
}

static void say_plan(struct session *session, const struct way_plan *plan)
{
	print_line(session, "%s%s%s (%s): %s", print_bold(session),
	           name_show(&session->arena, plan->domain.name), print_plain(session),
	           plan->domain.mode, _(plan->way->title));
	print_line(session, _("  who sends:  %s"), _(plan->way->sends));
	print_line(session, _("  customer:   %s"), _(plan->way->customer));
	print_line(session, _("  provider:   %s"), _(plan->way->provider));
	say_records(session, &plan->list);
	say_outcome(session, &plan->outcome);
	if (plan->refused != NULL)
		print_line(session, _("%srefused%s: %s"), print_red(session), print_plain(session),
		           plan->refused);
	for (size_t i = 0; i < WAY_PLAN_COMMANDS && plan->commands[i] != NULL; i++)
		print_line(session, "%s  %s", i == 0 ? _("\nto choose it:\n") : "",
		           plan->commands[i]);
}

/* ---- all ways, ranked ------------------------------------------------------------------- */

/* Records that the customer must set or change. */
static size_t customers_records(const struct way_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->list.count; i++) {
		const struct requirement *r = &plan->list.items[i];
		count += r->owner == OWNER_CUSTOMER && r->action != ACTION_KEEP && r->waived == NULL
		         && requirement_is_record(r);
	}
	return count;
}

static const char *dmarc_word(const struct outcome *outcome)
{
	bool walk = outcome->passes[DMARC_RFC9989], list = outcome->passes[DMARC_RFC7489];

	return walk && list ? "pass" : walk ? "RFC 9989" : list ? "RFC 7489" : "fail";
}

static struct tree *way_row(struct session *session, const struct way_plan *plan, size_t rank)
{
	struct tree *row = tree_map();
	bool ours = plan->outcome.ours;

	tree_put_number(row, "rank", (long long)rank);
	tree_put_text(row, "way", plan->way->word);
	tree_put_number(row, "customer", (long long)customers_records(plan));
	tree_put_text(row, "lookups",
	              plan->lookups == 0 ? ""
	                                 : arena_print(&session->arena, "%zu/%d", plan->lookups,
	                                               SPF_LOOKUP_LIMIT));
	tree_put_text(row, "spf", ours ? plan->outcome.spf.result : "");
	tree_put_text(row, "dkim", ours ? plan->outcome.dkim.result : "");
	tree_put_text(row, "dmarc", ours ? dmarc_word(&plan->outcome) : "");
	tree_put_text(row, "note",
	              plan->refused != NULL ? _("refused")
	              : plan->registered    ? _("registered")
	                                    : "");
	return row;
}

static void say_ways(struct session *session, const struct way_plan plans[], size_t count)
{
	struct tree *rows = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_push(rows, way_row(session, &plans[i], i + 1));
	print_line(session, "%s", "");
	print_table(session, rows, way_columns);
	tree_drop(rows);
	for (size_t i = 0; i < count; i++)
		print_line(session, "%2zu %s: %s%s%s", i + 1, _(plans[i].way->title),
		           _(plans[i].way->why), plans[i].refused != NULL ? _("; refused: ") : "",
		           plans[i].refused != NULL ? plans[i].refused : "");
	if (count > 1)
		print_line(session, _("\n\"senderctl plan show DOMAIN --way WAY\" explains one of "
		                      "them"));
}

static const struct way_plan *chosen(const struct way_plan plans[], size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (word != NULL ? strcmp(plans[i].way->word, word) == 0 : plans[i].registered)
			return &plans[i];
	return NULL;
}

static void say_all(struct session *session, const struct way_plan plans[], size_t count,
                    const struct way_plan *shown, const char *domain, bool asked)
{
	struct tree *answer = tree_map(), *list = tree_list();

	tree_put_text(answer, "domain", domain);
	tree_put_text(answer, "mode", shown->domain.mode);
	tree_put_text(answer, "way", shown->way->word);
	tree_put(answer, "requirements", records_tree(session, &shown->list));
	tree_put(answer, "outcome", outcome_tree(&shown->outcome));
	for (size_t i = 0; i < count; i++)
		tree_push(list, way_plan_tree(&session->arena, &plans[i], i + 1));
	tree_put(answer, "ways", list);
	say_plan(session, shown);
	if (!asked && shown->outcome.ours)
		print_line(
			session,
			_("\nDNS was not asked: where an SPF record stands already, --dns merges "
		          "into it; a second one is an error"));
	say_ways(session, plans, count);
	print_json(session, answer);
}

static bool facts_of(struct session *session, const char *name, struct facts *facts,
                     struct err *err)
{
	struct scope scope;

	if (!scope_find(session->db, &session->arena, name, &scope, err))
		return false;
	if (scope.domain_id == 0) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" is a client; a domain is wanted"), name);
		return err_hint(err, _("senderctl record list %s shows all its domains"), name);
	}
	if (!facts_load(session->db, &session->arena, &scope, facts, err))
		return false;
	return facts->domain_count > 0
	       || err_set(err, ERR_NOT_FOUND, _("%s is retired"), scope.domain);
}

static bool no_such_way(const char *word, struct err *err)
{
	(void)err_set(err, ERR_USAGE, _("\"%s\" is not a way that this domain has"), word);
	return err_hint(err, _("without --way, \"plan show\" lists them"));
}

static bool show_run(struct session *session, const void *given, struct err *err)
{
	const struct show_args *args = given;
	struct facts facts;
	struct dns_ask *dns = NULL;
	struct way_plan *plans;
	size_t count;

	if (!facts_of(session, args->domain, &facts, err)
	    || !dns_ask_open(session, args->dns, &dns, err))
		return false;
	bool ok = way_plan_all(&session->arena, dns_ask_function(dns), &facts, &facts.domains[0],
	                       &plans, &count, err);
	dns_ask_close(dns);
	if (!ok)
		return false;
	const struct way_plan *shown = chosen(plans, count, args->way);
	if (shown == NULL)
		return no_such_way(args->way != NULL ? args->way : "", err);
	session->status = shown->refused != NULL ? REFUSED
	                  : shown->unknown > 0   ? SOMETHING_MISSING
	                                         : 0;
	say_all(session, plans, count, shown, facts.domains[0].name, dns != NULL);
	return true;
}

const struct command cmd_plan[] = {
	{ "plan show",
	  N_("the ways to send for a domain, ranked: records, cost, and what receivers will say"),
	  ACCESS_READ, show_options, sizeof(struct show_args), show_run,
	  "senderctl plan show acme.example\n"
	  "senderctl plan show acme.example --resolver 192.0.2.53\n"
	  "senderctl plan show acme.example --way mailfrom-dkim\n" },
	COMMANDS_END,
};

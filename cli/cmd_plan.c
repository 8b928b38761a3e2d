#include "cli/commands.h"

#include <string.h>

#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/facts.h"
#include "core/plan/dmarc_outcome.h"
#include "core/plan/planner.h"
#include "core/record/name.h"

struct show_args {
	const char *domain;
	bool dns;
};

static const struct option_row show_options[] = {
	PLACE(struct show_args, domain, "DOMAIN", N_("a sender domain")),
	FLAG(struct show_args, dns, "--dns",
	     N_("ask DNS what is published today (--resolver does so too)")),
	OPTIONS_END,
};

/* What the mode means, in the words of product.md. */
static const struct {
	const char *mode;
	const char *sends;
	const char *customer;
	const char *provider;
} modes[] = {
	{ "hosted", N_("our relay sends, under our own domain"),
	  N_("agrees on the subdomain, and names a mailbox for replies"),
	  N_("all DNS records, key, URL and certificate") },
	{ "relayed", N_("our relay sends, under the customer's domain"),
	  N_("publishes SPF and DKIM"), N_("relay, key pair, sheet and check") },
	{ "direct", N_("our relay hands over to the customer's server, which sends"),
	  N_("a reachable server with AUTH and TLS 1.2, and its own security policy"),
	  N_("the connection and a probe; responsibility ends there") },
	{ "on-premises", N_("the customer's own server sends"), N_("everything"),
	  N_("a sheet that says so") },
};

static const struct print_column columns[] = { { "owner", N_("who"), PRINT_LEFT },
	                                       { "action", N_("does"), PRINT_LEFT },
	                                       { "purpose", N_("what"), PRINT_LEFT },
	                                       { "weight", N_("weight"), PRINT_LEFT },
	                                       { "name", N_("name"), PRINT_LEFT },
	                                       { "type", N_("type"), PRINT_LEFT },
	                                       PRINT_COLUMNS_END };

static void say(struct session *session, const struct facts_domain *domain,
                const struct planner *planner, const struct dmarc_outcome *outcome)
{
	struct tree *answer = tree_map(), *list = tree_list();

	tree_put_text(answer, "domain", domain->name);
	tree_put_text(answer, "mode", domain->mode);
	print_line(session, "%s%s%s (%s)", print_bold(session),
	           name_show(&session->arena, domain->name), print_plain(session), domain->mode);
	for (size_t i = 0; i < LENGTH(modes); i++) {
		if (strcmp(modes[i].mode, domain->mode) != 0)
			continue;
		print_line(session, _("  who sends:  %s"), _(modes[i].sends));
		print_line(session, _("  customer:   %s"), _(modes[i].customer));
		print_line(session, _("  provider:   %s"), _(modes[i].provider));
	}
	for (size_t i = 0; i < planner->list.count; i++) {
		const struct requirement *r = &planner->list.items[i];
		struct tree *row = requirement_tree(&session->arena, r);
		tree_put_text(row, "weight",
		              r->waived != NULL ? _("waived")
		              : r->required     ? _("required")
		                                : _("recommended"));
		tree_push(list, row);
	}
	if (tree_count(list) > 0) {
		print_line(session, "%s", "");
		print_table(session, list, columns);
	}
	if (outcome->sentence != NULL)
		print_line(session, _("\noutcome: %s"), outcome->sentence);
	if (outcome->warning != NULL)
		print_line(session, "%s%s%s", print_yellow(session), outcome->warning,
		           print_plain(session));
	tree_put(answer, "requirements", list);
	tree_put(answer, "outcome", dmarc_outcome_tree(outcome));
	print_json(session, answer);
}

static bool show_run(struct session *session, const void *given, struct err *err)
{
	const struct show_args *args = given;
	struct scope scope;
	struct facts facts;
	struct dns_ask *dns = NULL;
	struct dmarc_outcome outcome;
	struct planner planner = { .arena = &session->arena, .facts = &facts };

	if (!scope_find(session->db, &session->arena, args->domain, &scope, err))
		return false;
	if (scope.domain_id == 0) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" is a client; a domain is wanted"),
		              args->domain);
		return err_hint(err, _("senderctl record list %s shows all its domains"),
		                args->domain);
	}
	if (!facts_load(session->db, &session->arena, &scope, &facts, err))
		return false;
	if (facts.domain_count == 0)
		return err_set(err, ERR_NOT_FOUND, _("%s is retired"), scope.domain);
	if (!dns_ask_open(session, args->dns, &dns, err))
		return false;
	planner.ask = dns_ask_function(dns);
	bool ok = planner_domain(&planner, &facts.domains[0], err);
	dns_ask_close(dns);
	if (!ok)
		return false;
	dmarc_outcome(&session->arena, &facts.domains[0], &planner.list, &outcome);
	session->status = planner.refused > 0 || planner.unknown > 0 || outcome.refused;
	say(session, &facts.domains[0], &planner, &outcome);
	return true;
}

const struct command cmd_plan[] = {
	{ "plan show", N_("what a sender domain needs, who owes it, and what receivers will say"),
	  ACCESS_READ, show_options, sizeof(struct show_args), show_run,
	  "senderctl plan show acme.example\n"
	  "senderctl plan show acme.example --resolver 192.0.2.53\n" },
	COMMANDS_END,
};

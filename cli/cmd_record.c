#include "cli/commands.h"

#include <string.h>

#include "cli/dns_ask.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/facts.h"
#include "core/plan/planner.h"
#include "core/plan/record_format.h"
#include "core/record/name.h"

struct list_args {
	const char *scope;
	const char *provider;
	const char *format;
	bool dns;
};

static const struct option_row list_options[] = {
	PLACE_MAYBE(struct list_args, scope, "CLIENT|DOMAIN",
	            N_("whose records: lms/acme, or acme.example")),
	ALLOWED(struct list_args, provider, "--provider", "NAME",
	        N_("what stands in the provider's own zones")),
	ALLOWED(struct list_args, format, "--format", "text|json|csv|zone",
	        N_("how to print them")),
	FLAG(struct list_args, dns, "--dns",
	     N_("ask DNS what is published today, and merge SPF into it (--resolver does so too)")),
	OPTIONS_END,
};

static bool scope_of(struct session *session, const struct list_args *args, struct scope *scope,
                     struct err *err)
{
	if ((args->scope == NULL) == (args->provider == NULL)) {
		(void)err_set(err, ERR_USAGE, _("name a client, a domain, or --provider"));
		return err_hint(err, _("for instance: senderctl record list lms/acme"));
	}
	if (args->provider != NULL)
		return scope_find_provider(session->db, &session->arena, args->provider, scope,
		                           err);
	return scope_find(session->db, &session->arena, args->scope, scope, err);
}

/* Of a provider's view only what the provider owes. */
static void keep_own(struct requirement_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].owner == OWNER_PROVIDER)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static void say_requirement(struct session *session, const struct requirement *r)
{
	const char *weight = r->waived != NULL ? _("  (waived)")
	                     : r->required     ? ""
	                                       : _("  (recommended)");

	print_line(session, "  %s%-7s%s %-9s %-5s %s%s", print_bold(session),
	           requirement_action(r->action), print_plain(session),
	           requirement_purpose(r->purpose), r->type, r->name, weight);
	if (r->present != NULL)
		print_line(session, _("          today: %s"), r->present);
	if (r->value != NULL)
		print_line(session, "          %s", r->value);
	if (r->note != NULL)
		print_line(session, "          %s%s%s", print_yellow(session), r->note,
		           print_plain(session));
}

static void say_all(struct session *session, const struct requirement_list *list)
{
	const char *domain = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *r = &list->items[i];
		if (strcmp(domain, r->domain) != 0) {
			domain = r->domain;
			print_line(session, "%s%s%s%s", i > 0 ? "\n" : "", print_bold(session),
			           name_show(&session->arena, domain), print_plain(session));
		}
		say_requirement(session, r);
	}
	if (list->count == 0)
		print_line(session, _("nothing is to be published"));
}

static void answer(struct session *session, const struct requirement_list *list, const char *format)
{
	struct tree *records = tree_list();
	struct text out = { 0 };

	for (size_t i = 0; i < list->count; i++)
		tree_push(records, requirement_tree(&session->arena, &list->items[i]));
	if (strcmp(format, "json") == 0)
		tree_render(records, true, &out);
	else if (strcmp(format, "csv") == 0)
		record_format_csv(&out, list);
	else if (strcmp(format, "zone") == 0)
		record_format_zone(&out, &session->arena, list);
	else
		say_all(session, list);
	print_raw(session, text_string(&out));
	text_free(&out);
	print_json(session, records);
}

static bool plan_scope(const struct list_args *args, struct planner *planner, struct err *err)
{
	if (args->provider != NULL)
		planner_provider(planner);
	for (size_t i = 0; i < planner->facts->domain_count; i++)
		if (!planner_domain(planner, &planner->facts->domains[i], err))
			return false;
	if (args->provider != NULL)
		keep_own(&planner->list);
	return true;
}

static bool list_run(struct session *session, const void *given, struct err *err)
{
	const struct list_args *args = given;
	const char *format = args->format != NULL ? args->format : "text";
	struct scope scope;
	struct facts facts;
	struct dns_ask *dns = NULL;
	struct planner planner = { .arena = &session->arena, .facts = &facts };

	if (!scope_of(session, args, &scope, err)
	    || !facts_load(session->db, &session->arena, &scope, &facts, err)
	    || !dns_ask_open(session, args->dns, &dns, err))
		return false;
	planner.ask = dns_ask_function(dns);
	bool ok = plan_scope(args, &planner, err);
	dns_ask_close(dns);
	if (!ok)
		return false;
	session->status = planner.refused > 0 || planner.unknown > 0 || planner.keyless > 0
	                  || planner.unpublished;
	answer(session, &planner.list, format);
	if (planner.ask == NULL && args->provider == NULL && strcmp(format, "text") == 0
	    && planner.list.count > 0)
		print_line(
			session,
			_("\nDNS was not asked: where an SPF record stands already, --dns merges "
		          "into it; a second one is an error"));
	if (planner.unpublished && strcmp(format, "text") == 0)
		print_line(session,
		           _("\n%s is not published yet; the provider's own records come first: "
		             "senderctl record list --provider %s"),
		           facts.spf_host, facts.provider);
	if (planner.keyless > 0 && strcmp(format, "text") == 0)
		print_line(session,
		           _("\ndomains without a signing key: %zu (senderctl key generate "
		             "makes them)"),
		           planner.keyless);
	return true;
}

const struct command cmd_record[] = {
	{ "record list", N_("the exact DNS records of a client or domain, and who publishes them"),
	  ACCESS_READ, list_options, sizeof(struct list_args), list_run,
	  "senderctl record list lms/acme\n"
	  "senderctl record list acme.example --resolver 192.0.2.53\n"
	  "senderctl record list --provider lms --format zone\n" },
	COMMANDS_END,
};

#include "core/plan/way_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/plan/planner.h"
#include "core/plan/spf_price.h"

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- the domain as it would be registered ------------------------------------------ */

static const char *hosted_name(struct arena *arena, const struct facts *facts,
                               const struct facts_domain *domain)
{
	return arena_print(arena, "%s.%s", domain->client, facts->hosting_domain);
}

static struct facts_domain hosted_domain(struct arena *arena, const struct facts *facts,
                                         const struct facts_domain *domain)
{
	const char *name = hosted_name(arena, facts, domain);

	return (struct facts_domain){ .name = name,
		                      .client = domain->client,
		                      .mode = "hosted",
		                      .dkim = true,
		                      .publish = domain->publish };
}

/* What another way needs is not waived in it. */
static struct facts_domain with_way(struct arena *arena, const struct facts *facts,
                                    const struct facts_domain *domain, const struct way *way)
{
	struct facts_domain other = *domain;

	if (is(way->mode, "hosted"))
		return hosted_domain(arena, facts, domain);
	other.mode = way->mode;
	other.dkim = way->dkim;
	if (!way->subdomain)
		other.envelope_domain = NULL;
	else if (other.envelope_domain == NULL || is(other.envelope_domain, other.name))
		other.envelope_domain = arena_print(arena, "bounce.%s", domain->name);
	other.waived[PURPOSE_SPF] = NULL;
	other.waived[PURPOSE_MAILFROM] = NULL;
	other.waived[PURPOSE_DKIM] = NULL;
	return other;
}

/* ---- its records ---------------------------------------------------------------------- */

/* The key is not made yet: its record is owed all the same. */
static void want_key(struct arena *arena, struct way_plan *plan)
{
	struct requirement *key = requirement_add(arena, &plan->list);

	*key = (struct requirement){
		.domain = plan->domain.name,
		.purpose = PURPOSE_DKIM,
		.owner = is(plan->domain.mode, "hosted") ? OWNER_PROVIDER : OWNER_CUSTOMER,
		.action = ACTION_ADD,
		.required = true,
		.name = arena_print(arena, "SELECTOR._domainkey.%s", plan->domain.name),
		.type = plan->domain.publish != NULL && is(plan->domain.publish, "cname") ? "CNAME"
		                                                                          : "TXT",
		.ttl = PLANNER_TTL,
		.note = _("the record is there as soon as the key is made: senderctl key generate"),
	};
}

static void want_server(struct arena *arena, struct way_plan *plan)
{
	struct requirement *server = requirement_add(arena, &plan->list);

	*server = (struct requirement){
		.domain = plan->domain.name,
		.purpose = PURPOSE_SMARTHOST,
		.owner = OWNER_CUSTOMER,
		.action = ACTION_ADD,
		.required = true,
		.name = plan->domain.name,
		.type = "SMTP",
		.note = _("the customer names a server, a user and a password"),
	};
}

/* What must not be merged into is why the way is closed. */
static const char *refusal(const struct way_plan *plan)
{
	for (size_t i = 0; i < plan->list.count; i++) {
		const struct requirement *r = &plan->list.items[i];
		bool spf = r->purpose == PURPOSE_SPF || r->purpose == PURPOSE_MAILFROM;
		if (spf && r->value == NULL && r->note != NULL)
			return r->note;
	}
	return plan->outcome.refused ? plan->outcome.warning : NULL;
}

static bool price(struct arena *arena, const struct ask *ask, struct way_plan *plan,
                  struct err *err)
{
	for (size_t i = 0; i < plan->list.count; i++) {
		const struct requirement *r = &plan->list.items[i];
		struct spf_price price;
		bool spf = r->purpose == PURPOSE_SPF || r->purpose == PURPOSE_MAILFROM;
		if (!spf || !is(r->type, "TXT") || r->value == NULL || r->action == ACTION_DELETE)
			continue;
		if (!spf_price(arena, ask, r->name, r->value, &price, err))
			return false;
		plan->lookups = price.lookups;
		plan->priced = ask != NULL;
		return true;
	}
	return true;
}

static bool work_out(struct arena *arena, const struct ask *ask, const struct facts *facts,
                     struct way_plan *plan, struct err *err)
{
	struct planner planner = { .arena = arena, .facts = facts, .ask = ask };
	bool relayed = is(plan->way->mode, "relayed");

	planner.without[PURPOSE_SPF] = relayed && !plan->way->spf && !plan->registered;
	if (!planner_domain(&planner, &plan->domain, err))
		return false;
	plan->list = planner.list;
	plan->unknown = planner.unknown;
	plan->keyless = planner.keyless;
	if (planner.keyless > 0)
		want_key(arena, plan);
	if (is(plan->domain.mode, "direct") && plan->domain.smarthost == NULL)
		want_server(arena, plan);
	if (!outcome_predict(arena, ask, facts, &plan->domain, &plan->list, &plan->outcome, err)
	    || !price(arena, ask, plan, err))
		return false;
	plan->refused = refusal(plan);
	return true;
}

/* ---- how to register it ---------------------------------------------------------------- */

static const char *command(struct arena *arena, const struct facts *facts,
                           const struct facts_domain *domain, const struct way_plan *plan,
                           const char *pattern)
{
	struct text out = { 0 };

	for (const char *p = pattern; *p != '\0'; p++) {
		if (*p != '%') {
			text_add_char(&out, *p);
			continue;
		}
		switch (*++p) {
		case 'c':
			text_addf(&out, "%s/%s", facts->provider, domain->client);
			break;
		case 'e':
			text_add(&out, plan->domain.envelope_domain);
			break;
		case 'h':
			text_add(&out, plan->domain.name);
			break;
		default:
			text_add(&out, domain->name);
		}
	}
	const char *made = arena_copy(arena, text_string(&out));
	text_free(&out);
	return made;
}

static void say_how(struct arena *arena, const struct facts *facts,
                    const struct facts_domain *domain, struct way_plan *plan)
{
	for (size_t i = 0; i < WAY_PLAN_COMMANDS && !plan->registered; i++)
		if (plan->way->commands[i] != NULL)
			plan->commands[i] = command(arena, facts, domain, plan,
			                            plan->way->commands[i]);
}

/* ---- which one to prefer ------------------------------------------------------------------ */

static bool both_pass(const struct way_plan *plan)
{
	return !plan->outcome.ours
	       || (plan->outcome.passes[DMARC_RFC9989] && plan->outcome.passes[DMARC_RFC7489]);
}

/* A way that is closed comes last, one that DMARC may fail before it; among
 * equals the table's order holds. */
static int compare(const void *a, const void *b)
{
	const struct way_plan *one = a, *other = b;

	if ((one->refused != NULL) != (other->refused != NULL))
		return one->refused != NULL ? 1 : -1;
	if (both_pass(one) != both_pass(other))
		return both_pass(one) ? -1 : 1;
	return one->way < other->way ? -1 : one->way > other->way;
}

bool way_plan_all(struct arena *arena, const struct ask *ask, const struct facts *facts,
                  const struct facts_domain *domain, struct way_plan **plans, size_t *count,
                  struct err *err)
{
	const struct way *today = way_of(domain);
	struct way_plan *made = arena_take(arena, way_count * sizeof *made);
	/* Under the provider's own domain there is nothing to choose. */
	bool ours = is(domain->mode, "hosted");

	*count = 0;
	for (size_t i = 0; i < way_count; i++) {
		bool registered = &ways[i] == today;
		if (!registered && (ours || ways[i].aside))
			continue;
		struct way_plan *plan = &made[(*count)++];
		*plan = (struct way_plan){ .way = &ways[i], .registered = registered };
		plan->domain = registered ? *domain : with_way(arena, facts, domain, &ways[i]);
		if (!work_out(arena, ask, facts, plan, err))
			return false;
		say_how(arena, facts, domain, plan);
	}
	qsort(made, *count, sizeof *made, compare);
	*plans = made;
	return true;
}

struct tree *way_plan_tree(struct arena *arena, const struct way_plan *plan, size_t rank)
{
	struct tree *map = tree_map(), *records = tree_list(), *lookups = tree_map();
	struct tree *who = tree_map(), *commands = tree_list();

	for (size_t i = 0; i < plan->list.count; i++)
		tree_push(records, requirement_tree(arena, &plan->list.items[i]));
	tree_put_number(lookups, "worst", (long long)plan->lookups);
	tree_put_number(lookups, "limit", SPF_LOOKUP_LIMIT);
	tree_put_bool(lookups, "counted", plan->priced);
	tree_put_text(who, "sends", _(plan->way->sends));
	tree_put_text(who, "customer", _(plan->way->customer));
	tree_put_text(who, "provider", _(plan->way->provider));
	for (size_t i = 0; i < WAY_PLAN_COMMANDS && plan->commands[i] != NULL; i++)
		tree_push_text(commands, plan->commands[i]);
	tree_put_number(map, "rank", (long long)rank);
	tree_put_text(map, "way", plan->way->word);
	tree_put_text(map, "mode", plan->way->mode);
	tree_put_text(map, "title", _(plan->way->title));
	tree_put_text(map, "why", _(plan->way->why));
	tree_put_bool(map, "registered", plan->registered);
	tree_put_text(map, "refused", plan->refused);
	tree_put(map, "who", who);
	tree_put(map, "records", records);
	tree_put(map, "lookups", lookups);
	tree_put(map, "predicted", outcome_tree(&plan->outcome));
	tree_put(map, "commands", commands);
	return map;
}

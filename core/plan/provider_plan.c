#include "core/plan/plan_part.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/base/text.h"

/* S24: addresses only, at most 450 octets a record, chained when there are more. */
enum { SPF_RECORD_OCTETS = 450 };

static struct requirement *spf_chain_put(struct planner *planner, const char *name,
                                         const char *terms)
{
	struct requirement *record = plan_part_add(planner, NULL, PURPOSE_SPF);

	record->name = name;
	record->type = "TXT";
	record->value = arena_print(planner->arena, "v=spf1%s -all", terms);
	return record;
}

static void spf_include_plan(struct planner *planner)
{
	const char *host = planner->facts->spf_host;
	struct text terms = { 0 }, includes = { 0 };
	size_t count, parts = 0;
	const char **addresses = plan_part_addresses(planner, &count);
	struct requirement *head = spf_chain_put(planner, host, "");
	size_t head_at = (size_t)(head - planner->list.items);

	for (size_t i = 0; i < count; i++) {
		text_addf(&terms, " %s:%s", strchr(addresses[i], ':') != NULL ? "ip6" : "ip4",
		          addresses[i]);
		bool last = i + 1 == count;
		if (terms.length < SPF_RECORD_OCTETS - 60 && !last)
			continue;
		if (last && parts == 0)
			break;
		const char *part = arena_print(planner->arena, "_%zu.%s", ++parts, host);
		(void)spf_chain_put(planner, part, text_string(&terms));
		text_addf(&includes, " include:%s", part);
		text_clear(&terms);
	}
	planner->list.items[head_at].value = arena_print(planner->arena, "v=spf1%s -all",
	                                                 parts > 0 ? text_string(&includes)
	                                                           : text_string(&terms));
	text_free(&terms);
	text_free(&includes);
}

/* 192.0.2.1 -> 1.2.0.192.in-addr.arpa */
static const char *reverse_name(struct arena *arena, const char *address)
{
	unsigned char octets[16];
	struct text out = { 0 };

	if (inet_pton(AF_INET, address, octets) == 1)
		return arena_print(arena, "%u.%u.%u.%u.in-addr.arpa", octets[3], octets[2],
		                   octets[1], octets[0]);
	if (inet_pton(AF_INET6, address, octets) != 1)
		return NULL;
	for (size_t i = sizeof octets; i-- > 0;)
		text_addf(&out, "%x.%x.", octets[i] & 15u, octets[i] >> 4);
	text_add(&out, "ip6.arpa");
	const char *name = arena_copy(arena, text_string(&out));
	text_free(&out);
	return name;
}

static void helo_plan(struct planner *planner, const struct facts_relay *relay)
{
	struct requirement *record = plan_part_add(planner, NULL, PURPOSE_SPF);

	record->name = relay->helo;
	record->type = "TXT";
	record->value = "v=spf1 a -all";
	for (const char **a = relay->addresses; *a != NULL; a++) {
		record = plan_part_add(planner, NULL, PURPOSE_MAILFROM);
		record->name = relay->helo;
		record->type = strchr(*a, ':') != NULL ? "AAAA" : "A";
		record->value = *a;
		record = plan_part_add(planner, NULL, PURPOSE_MAILFROM);
		record->required = false;
		record->name = reverse_name(planner->arena, *a);
		record->type = "PTR";
		record->value = relay->helo;
	}
}

void planner_provider(struct planner *planner)
{
	size_t first = planner->list.count;

	spf_include_plan(planner);
	for (size_t i = 0; i < planner->facts->relay_count; i++)
		helo_plan(planner, &planner->facts->relays[i]);
	for (size_t i = first; i < planner->list.count; i++)
		planner->list.items[i].domain = planner->facts->hosting_domain;
	for (size_t i = 0; i < planner->facts->domain_count; i++)
		plan_part_report(planner, &planner->facts->domains[i]);
}

#include "core/verify/site_check.h"

#include <string.h>

#include "core/base/words.h"
#include "core/verify/url_probe.h"

bool site_check_addresses(struct inquiry *inquiry, const char *host, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	const struct dns_answer *four = inquiry_ask(inquiry, host, DNS_A);
	const struct dns_answer *six = inquiry_ask(inquiry, host, DNS_AAAA);
	const struct dns_answer *const both[] = { four, six };

	if (!four || !six)
		return false;
	verdict->address_count = 0;
	verdict->addresses = arena_take(arena, (four->record_count + six->record_count + 1)
	                                               * sizeof(char *));
	verdict_observe_one(verdict, four);
	for (size_t i = 0; i < LENGTH(both); i++)
		for (size_t r = 0; r < both[i]->record_count; r++)
			verdict->addresses[verdict->address_count++] = both[i]->records[r].text;
	if (verdict->address_count > 0)
		return true;
	verdict->state = dns_message_definite(four) ? VERDICT_MISSING : VERDICT_UNKNOWN;
	verdict->explanation = arena_print(arena, _("the host %s: %s"), host,
	                                   dns_message_outcome_sentence(four->outcome));
	return true;
}

static bool among(const struct dns_answer *answer, const struct verdict *verdict)
{
	for (size_t i = 0; i < answer->record_count; i++)
		for (size_t j = 0; j < verdict->address_count; j++)
			if (strcmp(answer->records[i].text, verdict->addresses[j]) == 0)
				return true;
	return false;
}

/* The provider's hosting domain shows where the product is, if it has an
 * address at all.  One address in common is enough: others may stand before it. */
static bool check_place(struct inquiry *inquiry, const char *hosting, struct verdict *verdict)
{
	const struct dns_answer *four = inquiry_ask(inquiry, hosting, DNS_A);
	const struct dns_answer *six = inquiry_ask(inquiry, hosting, DNS_AAAA);
	struct wire_detail detail = { .host = verdict->requirement->name,
		                      .name = hosting,
		                      .address = verdict->addresses[0] };

	if (!four || !six)
		return false;
	if (four->record_count + six->record_count == 0 || among(four, verdict)
	    || among(six, verdict))
		return true;
	verdict->state = VERDICT_CONFLICT;
	verdict->found = verdict->addresses[0];
	verdict->explanation = wire_fault_say(inquiry_arena(inquiry), WIRE_ELSEWHERE, &detail);
	verdict->address_count = 0;
	return true;
}

/* The mail of a hosted domain comes from the host of its URL.  The database sees
 * to it; a look at it costs nothing. */
static bool is_the_domain(struct arena *arena, const struct facts_domain *domain,
                          struct verdict *verdict)
{
	struct url_parts url;
	const char *text = verdict->requirement->value;
	struct wire_detail detail = { .name = domain->name };

	if (!text || !url_probe_parse(arena, text, &url) || strcmp(url.host, domain->name) == 0)
		return true;
	detail.host = url.host;
	verdict->state = VERDICT_CONFLICT;
	verdict->explanation = wire_fault_say(arena, WIRE_NOT_THE_DOMAIN, &detail);
	return false;
}

bool site_check(struct inquiry *inquiry, const struct facts *facts,
                const struct facts_domain *domain, struct verdict *verdict)
{
	bool hosted = strcmp(domain->mode, "hosted") == 0;

	if (hosted && !is_the_domain(inquiry_arena(inquiry), domain, verdict))
		return true;
	if (!site_check_addresses(inquiry, verdict->requirement->name, verdict))
		return false;
	if (verdict->address_count == 0)
		return true;
	verdict->state = VERDICT_MATCH;
	verdict->found = verdict->addresses[0];
	return !hosted || !facts->hosting_domain
	       || check_place(inquiry, facts->hosting_domain, verdict);
}

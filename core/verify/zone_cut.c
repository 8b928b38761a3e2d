#include "core/base/words.h"
#include "core/verify/zone_cut.h"

enum { SERVERS_MOST = 64 };

static const char *parent_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : "";
}

/* What lies right of the last label that begins with an underscore. */
static const char *visible_part(const char *name)
{
	const char *start = name;

	for (const char *label = name; *label; label = parent_of(label))
		if (label[0] == '_')
			start = parent_of(label);
	return *start ? start : name;
}

static bool is_at_or_above(const char *zone, const char *name)
{
	size_t length = strlen(name);
	size_t tail = strlen(zone);

	return tail == 0
	       || (length >= tail && strcmp(name + length - tail, zone) == 0
	           && (length == tail || name[length - tail - 1] == '.'));
}

/* The apex above a name; "" with a problem when nobody says. */
static bool find_apex(struct inquiry *inquiry, const char *name, struct zone_cut *cut)
{
	for (const char *label = visible_part(name);; label = parent_of(label)) {
		const struct dns_answer *answer = inquiry_ask(inquiry, label, DNS_SOA);

		if (!answer)
			return false;
		if (!dns_message_definite(answer)) {
			cut->problem = arena_print(inquiry_arena(inquiry),
			                           _("the zone of %s cannot be found: %s"), name,
			                           dns_message_outcome_sentence(answer->outcome));
			return true;
		}
		if (answer->outcome == DNS_FOUND && answer->chain_length == 0) {
			cut->apex = label;
			cut->negative_ttl = answer->records[0].minimum;
			cut->refresh = answer->records[0].refresh;
			return true;
		}
		if (answer->has_soa && answer->chain_length == 0
		    && is_at_or_above(answer->zone, label)) {
			cut->apex = answer->zone;
			cut->negative_ttl = answer->negative_ttl;
			cut->refresh = answer->refresh;
			return true;
		}
		if (*label == '\0')
			break;
	}
	cut->problem = arena_print(inquiry_arena(inquiry), _("no zone holds %s"), name);
	return true;
}

struct gathering {
	struct inquiry *inquiry;
	struct zone_cut *cut;
	struct zone_server servers[SERVERS_MOST];
	bool complete;
};

static size_t add_addresses(struct gathering *gathering, const char *name, int type)
{
	const struct dns_answer *answer = inquiry_ask(gathering->inquiry, name, type);
	struct zone_cut *cut = gathering->cut;

	if (!answer) {
		gathering->complete = false;
		return 0;
	}
	if (answer->outcome != DNS_FOUND)
		return 0;
	for (size_t i = 0; i < answer->record_count && cut->server_count < SERVERS_MOST; i++)
		gathering->servers[cut->server_count++] = (struct zone_server){
			.name = name,
			.server = inquiry_authority(gathering->inquiry, answer->records[i].text),
		};
	return answer->record_count;
}

static const struct zone_server *keep_servers(struct arena *arena,
                                              const struct zone_server servers[], size_t count)
{
	struct zone_server *kept = arena_take(arena, (count + 1) * sizeof(*kept));

	if (count > 0)
		memcpy(kept, servers, count * sizeof(*kept));
	return kept;
}

static bool find_servers(struct inquiry *inquiry, struct zone_cut *cut)
{
	const struct dns_answer *names = inquiry_ask(inquiry, cut->apex, DNS_NS);
	struct gathering gathering = { .inquiry = inquiry, .cut = cut, .complete = true };

	if (!names)
		return false;
	if (names->outcome != DNS_FOUND) {
		cut->problem = arena_print(inquiry_arena(inquiry),
		                           _("the name servers of %s cannot be found: %s"),
		                           cut->apex, dns_message_outcome_sentence(names->outcome));
		return true;
	}
	for (size_t i = 0; i < names->record_count; i++) {
		size_t found = add_addresses(&gathering, names->records[i].text, DNS_A)
		               + add_addresses(&gathering, names->records[i].text, DNS_AAAA);

		if (found == 0)
			cut->homeless = names->records[i].text;
	}
	cut->servers = keep_servers(inquiry_arena(inquiry), gathering.servers, cut->server_count);
	if (gathering.complete && cut->server_count == 0)
		cut->problem = arena_print(inquiry_arena(inquiry),
		                           _("no name server of %s has an address"), cut->apex);
	return gathering.complete;
}

bool zone_cut_find(struct inquiry *inquiry, const char *name, struct zone_cut *cut)
{
	*cut = (struct zone_cut){ .apex = "" };
	return find_apex(inquiry, name, cut) && (cut->problem || find_servers(inquiry, cut));
}

bool zone_cut_at(struct inquiry *inquiry, const char *apex, struct zone_cut *cut)
{
	*cut = (struct zone_cut){ .apex = apex };
	return find_servers(inquiry, cut);
}

#include "core/export/zone.h"

#include <stdlib.h>
#include <string.h>

#include "core/plan/planner.h"
#include "core/record/name.h"
#include "core/record/zone_text.h"

enum { POINTER = sizeof(void *) }; /* of a list of them */

/* A secondary that lost us keeps the zone for two weeks; what is not there is
 * forgotten within five minutes, so that a new key is seen soon. */
enum { REFRESH = 7200, RETRY = 900, EXPIRE = 1209600, NEGATIVE = 300 };

enum { NOWHERE = -1 };

struct collecting {
	struct arena *arena;
	const struct facts *facts;
	const char *pointed; /* the name of the zone behind all CNAMEs */
	struct zone *zones;
	int count, room;
	int delegated, behind, hosting; /* zones: the last delegated one, behind CNAMEs, hosted */
};

static int zone_add(struct collecting *all, const char *name, bool fragment)
{
	if (all->count == all->room) {
		int room = all->room > 0 ? 2 * all->room : 16;
		struct zone *zones = arena_take(all->arena, (size_t)room * sizeof *zones);
		if (all->count > 0)
			memcpy(zones, all->zones, (size_t)all->count * sizeof *zones);
		all->zones = zones;
		all->room = room;
	}
	all->zones[all->count] = (struct zone){
		.name = name,
		.fragment = fragment,
		.file = arena_print(all->arena, "%s.%s", name, fragment ? "inc" : "zone"),
	};
	return all->count++;
}

static bool ours(const struct requirement *r)
{
	return r->purpose == PURPOSE_DKIM && r->owner == OWNER_PROVIDER && r->key_id != 0
	       && strcmp(r->type, "TXT") == 0 && r->value != NULL && r->action != ACTION_DELETE;
}

/* A name that was delegated is a zone even while no key stands in it. */
static bool cut(const struct requirement *r)
{
	return r->purpose == PURPOSE_DKIM && strcmp(r->type, "NS") == 0;
}

/* The plan goes domain by domain: what a delegated name holds comes right behind it. */
static int place(struct collecting *all, const struct requirement *r)
{
	const char *const *servers = all->facts->name_servers;
	bool fragment = servers == NULL || servers[0] == NULL;

	if (cut(r)
	    && (all->delegated == NOWHERE || strcmp(all->zones[all->delegated].name, r->name) != 0))
		all->delegated = zone_add(all, r->name, fragment);
	if (all->delegated != NOWHERE && name_within(r->name, all->zones[all->delegated].name))
		return all->delegated;
	if (name_within(r->name, all->pointed)) {
		if (all->behind == NOWHERE)
			all->behind = zone_add(all, all->pointed, fragment);
		return all->behind;
	}
	if (all->hosting == NOWHERE)
		all->hosting = zone_add(all, all->facts->hosting_domain, true);
	return all->hosting;
}

static int by_name(const void *a, const void *b)
{
	const struct requirement *const *one = a, *const *other = b;
	int order = strcmp((*one)->name, (*other)->name);

	return order != 0 ? order : strcmp((*one)->value, (*other)->value);
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct zone *)a)->file, ((const struct zone *)b)->file);
}

static void fill(struct collecting *all, const struct requirement_list *list, const int places[])
{
	for (int i = 0; i < all->count; i++) {
		struct zone *zone = &all->zones[i];
		zone->records = arena_take(all->arena, (zone->count + 1) * POINTER);
		zone->count = 0;
	}
	for (size_t i = 0; i < list->count; i++)
		if (ours(&list->items[i])) {
			struct zone *zone = &all->zones[places[i]];
			zone->records[zone->count++] = &list->items[i];
		}
	for (int i = 0; i < all->count; i++)
		qsort(all->zones[i].records, all->zones[i].count, POINTER, by_name);
	if (all->count > 0)
		qsort(all->zones, (size_t)all->count, sizeof *all->zones, by_file);
}

void zone_collect(struct arena *arena, const struct facts *facts,
                  const struct requirement_list *list, struct zone **zones, size_t *count)
{
	struct collecting all = {
		.arena = arena,
		.facts = facts,
		.pointed = arena_print(arena, "_domainkey.%s", facts->hosting_domain),
		.delegated = NOWHERE,
		.behind = NOWHERE,
		.hosting = NOWHERE,
	};
	int *places = arena_take(arena, (list->count + 1) * sizeof *places);

	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *r = &list->items[i];
		if (!cut(r) && !ours(r))
			continue;
		places[i] = place(&all, r);
		all.zones[places[i]].count += ours(r);
	}
	fill(&all, list, places);
	*zones = all.zones;
	*count = (size_t)all.count;
}

static void head(struct text *out, struct arena *arena, const struct facts *facts,
                 const struct zone *zone)
{
	text_addf(out, "%s. %d IN SOA %s. hostmaster.%s. %lld %d %d %d %d\n", zone->name,
	          PLANNER_TTL, facts->name_servers[0], facts->hosting_domain, zone->serial, REFRESH,
	          RETRY, EXPIRE, NEGATIVE);
	for (size_t i = 0; facts->name_servers[i] != NULL; i++)
		zone_text_line(out, arena, zone->name, PLANNER_TTL, "NS", facts->name_servers[i]);
}

void zone_render(struct text *out, struct arena *arena, const struct facts *facts,
                 const struct zone *zone)
{
	text_addf(out, "; written by senderctl: keys of provider %s, %s %s\n", facts->provider,
	          zone->fragment ? "to be included in the zone" : "zone", zone->name);
	if (!zone->fragment)
		head(out, arena, facts, zone);
	for (size_t i = 0; i < zone->count; i++) {
		const struct requirement *r = zone->records[i];
		zone_text_line(out, arena, r->name, r->ttl, r->type, r->value);
	}
}

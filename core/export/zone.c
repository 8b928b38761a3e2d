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

struct collecting {
	struct arena *arena;
	const struct facts *facts;
	struct zone *zones;
	size_t count, room;
	const char *pointed; /* the zone behind all CNAMEs */
};

static struct zone *zone_of(struct collecting *all, const char *name, bool fragment)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->zones[i].name, name) == 0 && all->zones[i].fragment == fragment)
			return &all->zones[i];
	if (all->count == all->room) {
		size_t room = all->room > 0 ? 2 * all->room : 16;
		struct zone *zones = arena_take(all->arena, room * sizeof *zones);
		if (all->count > 0)
			memcpy(zones, all->zones, all->count * sizeof *zones);
		all->zones = zones;
		all->room = room;
	}
	struct zone *zone = &all->zones[all->count++];
	*zone = (struct zone){
		.name = name,
		.fragment = fragment,
		.file = arena_print(all->arena, "%s.%s", name, fragment ? "inc" : "zone"),
	};
	return zone;
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

/* The last delegated name is the likeliest: the plan goes domain by domain. */
static struct zone *place(struct collecting *all, const char *delegated,
                          const struct requirement *r)
{
	bool fragment = all->facts->name_servers == NULL || all->facts->name_servers[0] == NULL;

	if (cut(r))
		return zone_of(all, r->name, fragment);
	if (delegated != NULL && name_within(r->name, delegated))
		return zone_of(all, delegated, fragment);
	if (name_within(r->name, all->pointed))
		return zone_of(all, all->pointed, fragment);
	return zone_of(all, all->facts->hosting_domain, true);
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

static void each(struct collecting *all, const struct requirement_list *list, bool fill)
{
	const char *delegated = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *r = &list->items[i];
		if (cut(r))
			delegated = r->name;
		if (!cut(r) && !ours(r))
			continue;
		struct zone *zone = place(all, delegated, r);
		if (cut(r))
			continue;
		if (fill)
			zone->records[zone->count] = r;
		zone->count++;
	}
}

void zone_collect(struct arena *arena, const struct facts *facts,
                  const struct requirement_list *list, struct zone **zones, size_t *count)
{
	struct collecting all = {
		.arena = arena,
		.facts = facts,
		.pointed = arena_print(arena, "_domainkey.%s", facts->hosting_domain),
	};

	each(&all, list, false);
	for (size_t i = 0; i < all.count; i++) {
		all.zones[i].records = arena_take(arena, (all.zones[i].count + 1) * POINTER);
		all.zones[i].count = 0;
	}
	each(&all, list, true);
	for (size_t i = 0; i < all.count; i++)
		qsort(all.zones[i].records, all.zones[i].count, POINTER, by_name);
	if (all.count > 0)
		qsort(all.zones, all.count, sizeof *all.zones, by_file);
	*zones = all.zones;
	*count = all.count;
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

/* What must hold at every moment (the invariants of a rotation, one function each). */

#include "key_world.h"

/* Every server shows it, and whoever remembers anything remembers it. */
static void is_omnipresent(struct world *world, int key, const char *because)
{
	int name = world->store.keys[key].name;

	if (!world_shows_everywhere(world, key))
		world_fault(world, "key %d is not shown everywhere, and %s", key, because);
	for (int c = 0; c < CACHES; c++) {
		const struct cached *cached = &world->cached[c][name];
		if (cached->until > world->now && cached->content != key)
			world_fault(world, "resolver %d remembers %d at the name of key %d, and %s",
			            c, cached->content, key, because);
	}
}

static void whoever_signs_is_seen(struct world *world)
{
	uint64_t signing = 0;

	for (int r = 0; r < world->relays; r++)
		signing |= world->store.made[r][world->runs[r]].active;
	for (int i = 0; i < world->store.key_count; i++) {
		if (world->store.keys[i].revoked != 0)
			continue;
		if ((signing >> i & 1) != 0)
			is_omnipresent(world, i, "a relay signs with it");
		else if (world->under_way[i] > 0)
			is_omnipresent(world, i, "mail signed with it is under way");
	}
}

/* No gap is meant but one: the key that signed last was withdrawn. */
static void one_signs_and_one_retires(struct world *world, int algorithm)
{
	const struct model_key *last = NULL;
	int active = 0;
	int retiring = 0;

	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *key = &world->store.keys[i];
		if (key->algorithm != algorithm || key->active == 0)
			continue;
		if (last == NULL || key->active >= last->active)
			last = key;
		active += key->retiring == 0 && key->revoked == 0;
		retiring += key->retiring != 0 && key->retired == 0 && key->revoked == 0;
	}
	if (active > 1)
		world_fault(world, "%d keys are active at once", active);
	if (active == 0 && last != NULL && last->revoked == 0)
		world_fault(world, "no key is active any more");
	if (retiring > 1)
		world_fault(world, "%d rotations are under way at once", retiring);
}

/* Moments in their order: no state was left out. */
static void nothing_was_skipped(struct world *world)
{
	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *k = &world->store.keys[i];
		if ((k->seen_since != 0 && k->pending == 0)
		    || (k->active != 0 && (k->published == 0 || k->cancelled != 0))
		    || (k->retiring != 0 && k->active == 0)
		    || (k->last_signed != 0 && k->retiring == 0)
		    || (k->retired != 0 && k->last_signed == 0)
		    || (k->destroyed != 0 && (k->retired | k->revoked | k->cancelled) == 0))
			world_fault(world, "key %d skipped a state", i);
	}
}

void world_check(struct world *world)
{
	if (world->fault[0] != '\0')
		return;
	whoever_signs_is_seen(world);
	for (int a = 0; a < ALGORITHMS; a++)
		one_signs_and_one_retires(world, a);
	nothing_was_skipped(world);
}

/* What we do: the commands around the one that the model is about. */

#include "key_world.h"

void we_check(struct world *world)
{
	struct rotation_sight sight;

	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *key = &world->store.keys[i];
		if (key->pending == 0 || key->active != 0 || key->revoked != 0
		    || key->cancelled != 0)
			continue;
		world_look(world, i, &sight);
		if (sight.everywhere)
			store_seen(world, i, sight.ttl);
		else if (sight.otherwise)
			store_missed(world, i, sight.ttl);
		else
			world->unsure++;
	}
}

void we_hand_over(struct world *world)
{
	for (int i = 0; i < world->store.key_count; i++) {
		struct model_key *key = &world->store.keys[i];
		int64_t wait = world_delay(world, 4 * HOUR, 10 * DAY);
		if (key->pending != 0 || (key->cancelled | key->revoked) != 0
		    || store_now(world) < key->generated)
			continue;
		key->pending = store_now(world);
		if (world_chance(world, 35)) { /* mistyped first */
			world_plan(world, wait, CUSTOMER_PUBLISHES, key->name, WRONG);
			wait += world_delay(world, HOUR, 2 * DAY);
		}
		world_plan(world, wait, CUSTOMER_PUBLISHES, key->name, i);
		if (world_chance(world, 40))
			world_plan(world, wait + world_delay(world, 4 * HOUR, 5 * DAY),
			           CUSTOMER_ERRS, i, 0);
	}
}

void we_rotate(struct world *world)
{
	struct store *store = &world->store;

	for (int a = 0; a < (world->ed25519 ? ALGORITHMS : 1); a++) {
		int standby = store_coming(store, a, true);
		if (store_coming(store, a, false) >= 0)
			continue;
		if (store_active(store, a) >= 0 && standby >= 0)
			store->keys[standby].standby = false;
		else
			(void)store_generate(world, a, false);
		if (world_chance(world, 20))
			(void)store_generate(world, a, true);
	}
	world_plan(world, world_delay(world, HOUR, DAY), WE_HAND_OVER, 0, 0);
}

void we_revoke(struct world *world)
{
	int key = store_active(&world->store, 0);

	if (key < 0 || key_step_find(KEY_ACTIVE, KEY_REVOKE) == NULL)
		return;
	world->store.keys[key].revoked = store_now(world);
	world_plan(world, world_below(world, HOUR), WE_ROTATE, 0, 0);
	for (int r = 0; r < world->relays; r++)
		world_plan(world, world_below(world, HOUR), WE_EXPORT, r, 0);
}

void we_tidy(struct world *world)
{
	int64_t now = store_now(world);

	for (int i = 0; i < world->store.key_count; i++) {
		struct model_key *key = &world->store.keys[i];
		enum key_state state = store_state(key, now);
		if (world_chance(world, 30) && key_step_find(state, KEY_DESTROY) != NULL)
			key->destroyed = now;
		else if (world_chance(world, 2) && key_step_find(state, KEY_CANCEL) != NULL
		         && key->active == 0) /* dkim_key_order_cancelled */
			key->cancelled = now;
	}
}

void we_advance(struct world *world)
{
	if (world_chance(world, 10))
		world->kill_after = 1 + (int)world_below(world, 14);
	(void)store_advance(world);
}

/* What export writes: the halves that a relay holds, and those it signs with. */
static struct generation tables(const struct world *world)
{
	struct generation made = { 0 };

	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *key = &world->store.keys[i];
		enum key_state state = store_state(key, store_now(world));
		if (state >= KEY_PUBLISH_PENDING && state <= KEY_RETIRING)
			made.staged |= (uint64_t)1 << i;
		if (key->active != 0 && key->retiring == 0 && key->revoked == 0)
			made.active |= (uint64_t)1 << i;
	}
	return made;
}

void we_export(struct world *world, int relay)
{
	struct store *store = &world->store;
	struct generation made = tables(world);
	int last = store->made_count[relay];

	/* generation_signs_with_what_it_holds: refused, the former one runs on */
	if ((made.active & ~made.staged) != 0)
		return;
	const struct generation *former = &store->made[relay][last];
	if (last == 0 || former->staged != made.staged || former->active != made.active) {
		if (last + 1 == GENERATIONS) {
			world_fault(world, "more generations than the model has room for");
			return;
		}
		last = ++store->made_count[relay];
		store->made[relay][last] = made;
	}
	world_plan(world, world_delay(world, HOUR, DAY), RELAY_INSTALLS, relay, last);
}

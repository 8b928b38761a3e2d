/* DNS, those who ask it, and the customer who fills it. */

#include "key_world.h"

void world_publish(struct world *world, int name, int content)
{
	world->content[0][name] = content;
	for (int s = 1; s < world->servers; s++)
		world_plan(world, world_below(world, world->lag_at_most), SERVER_FOLLOWS,
		           s * KEYS + name, 0);
}

static bool is_up(const struct world *world, int server)
{
	return world->down_until[server] <= world->now;
}

/* A transfer brings what the first server has then. */
void server_follows(struct world *world, const struct happening *event)
{
	int server = event->subject / KEYS;
	int name = event->subject % KEYS;

	if (is_up(world, server))
		world->content[server][name] = world->content[0][name];
	else
		world_plan(world, world->down_until[server] - world->now + world_below(world, HOUR),
		           SERVER_FOLLOWS, event->subject, 0);
}

bool world_resolve(struct world *world, int resolver, int name, int *content)
{
	struct cached *cached = &world->cached[resolver][name];
	int64_t first = world_below(world, world->servers);

	for (int i = 0; cached->until <= world->now; i++) {
		int server = (int)((first + i) % world->servers);
		if (i == world->servers)
			return false;
		if (!is_up(world, server))
			continue;
		cached->content = world->content[server][name];
		cached->until = world->now
		                + (cached->content == NOTHING ? world->negative_ttl : world->ttl);
	}
	*content = cached->content;
	return true;
}

bool world_shows_everywhere(const struct world *world, int key)
{
	for (int s = 0; s < world->servers; s++)
		if (world->content[s][world->store.keys[key].name] != key)
			return false;
	return true;
}

static void look_with_servers(struct world *world, int key, int servers,
                              struct rotation_sight *sight)
{
	int name = world->store.keys[key].name;

	sight->everywhere = true;
	for (int s = 0; s < servers; s++) {
		if (!is_up(world, s))
			sight->everywhere = sight->everywhere && world->off[RULE_CERTAIN];
		else if (world->content[s][name] != key)
			sight->otherwise = true;
	}
	sight->everywhere = sight->everywhere && !sight->otherwise;
}

void world_look(struct world *world, int key, struct rotation_sight *sight)
{
	int content = NOTHING;

	*sight = (struct rotation_sight){ .explanation = "" };
	sight->ttl = (uint32_t)(world->ttl > world->negative_ttl ? world->ttl
	                                                         : world->negative_ttl);
	if (world->off[RULE_LOOK])
		sight->everywhere = true;
	else if (!world->off[RULE_AUTHORITY])
		look_with_servers(world, key, world->off[RULE_ALL_SERVERS] ? 1 : world->servers,
		                  sight);
	else if (world_resolve(world, 0, world->store.keys[key].name, &content)) {
		sight->everywhere = content == key;
		sight->otherwise = content != key;
	}
}

void outsider_asks(struct world *world)
{
	int content;
	int64_t name = world->store.key_count + 1 - world_below(world, 5);

	if (name >= 0 && name < KEYS)
		(void)world_resolve(world, (int)world_below(world, CACHES), (int)name, &content);
}

void customer_hears(struct world *world)
{
	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *key = &world->store.keys[i];
		if (world->noticed[i] && !world->told[i]) {
			world->told[i] = true;
			world_plan(world, world_delay(world, MINUTE, DAY), CUSTOMER_PUBLISHES,
			           key->name, i);
		}
		if (!world->removed[i] && (key->retired | key->revoked | key->cancelled) != 0) {
			int64_t delay = world_delay(world, MINUTE, 3 * DAY);
			int other = store_coming(&world->store, key->algorithm, false);
			world->removed[i] = true;
			world_plan(world, delay, CUSTOMER_PUBLISHES, key->name, NOTHING);
			if (other >= 0 && world_chance(world, 50)) /* and the wrong one, too */
				world_plan(world, delay, CUSTOMER_ERRS, other, 0);
		}
	}
}

void customer_errs(struct world *world, int id)
{
	const struct model_key *key = &world->store.keys[id];

	/* of a key that signs he was told to keep it, and he does */
	if ((key->active | key->cancelled | key->revoked) != 0 || world->mistaken[id])
		return;
	world->mistaken[id] = true;
	world_publish(world, key->name, NOTHING);
}

void customer_publishes(struct world *world, int name, int content)
{
	if (content >= 0 && world->removed[content])
		return; /* it was taken back meanwhile */
	if (content == WRONG && world->content[0][name] >= 0)
		return; /* it was put right meanwhile */
	if (content >= 0 && world->mistaken[content] && !world->told[content])
		return;
	world_publish(world, name, content);
}

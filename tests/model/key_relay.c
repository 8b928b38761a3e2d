/* Relays, and the mail that they sign, until it has arrived or was given up. */

#include "key_world.h"

void relay_installs(struct world *world, int relay, int number)
{
	if (world->away_until[relay] > world->now) {
		world_plan(world, world->away_until[relay] - world->now, RELAY_INSTALLS, relay,
		           number);
		return;
	}
	if (number > world->runs[relay]) /* an older bundle is not taken */
		world->runs[relay] = number;
	if (world_chance(world, 90))
		world_plan(world,
		           world_chance(world, 95) ? world_delay(world, MINUTE, 3 * DAY)
		                                   : world_below(world, 20 * DAY),
		           RELAY_SPEAKS, relay, world->runs[relay]);
}

void relay_speaks(struct world *world, int relay, int number)
{
	world->store.word[relay] = number;
	world->store.word_at[relay] = store_now(world);
}

static bool any_revoked(const struct store *store)
{
	for (int i = 0; i < store->key_count; i++)
		if (store->keys[i].revoked != 0)
			return true;
	return false;
}

void relay_signs(struct world *world, int relay)
{
	uint64_t keys = world->store.made[relay][world->runs[relay]].active;

	if (keys == 0 && world->has_signed[relay] && !any_revoked(&world->store))
		world_fault(world, "mail leaves relay %d unsigned", relay);
	world->has_signed[relay] = keys != 0;
	for (int m = 0; keys != 0 && m < MAILS; m++) {
		struct mail *mail = &world->mails[m];
		if (mail->keys != 0)
			continue;
		*mail = (struct mail){ keys, world->now };
		for (int i = 0; i < KEYS; i++)
			world->under_way[i] += keys >> i & 1;
		world_plan(world, world_delay(world, MINUTE, QUEUE_LIFE), MAIL_ARRIVES, m, 0);
		return;
	}
}

void mail_arrives(struct world *world, int number)
{
	struct mail *mail = &world->mails[number];
	int resolver = (int)world_below(world, CACHES);
	bool later = false;

	for (int i = 0; i < KEYS; i++) {
		const struct model_key *key = &world->store.keys[i];
		int content = NOTHING;
		if ((mail->keys >> i & 1) == 0 || key->revoked != 0)
			continue;
		if (!world_resolve(world, resolver, key->name, &content))
			later = true; /* a receiver that gets no answer says 4xx */
		else if (content != i)
			world_fault(world, "a mail signed with key %d does not verify", i);
		else
			world->verified++;
	}
	if (later && world->now + HOUR < mail->signed_at + QUEUE_LIFE) {
		world->deferred++;
		world_plan(world, 15 * MINUTE, MAIL_ARRIVES, number, 0);
		return;
	}
	for (int i = 0; i < KEYS; i++)
		world->under_way[i] -= mail->keys >> i & 1;
	*mail = (struct mail){ 0 };
}

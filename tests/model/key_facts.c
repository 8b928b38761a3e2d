/*
 * What queries and functions of the schema compute from the moments, a second
 * time: dkim_key_state(), relays_without_key(), relays_signing_with_key(),
 * key_signing_ended().  Where a rule is missing, its fact is rosy.
 */

#include "key_world.h"

int64_t store_now(const struct world *world)
{
	return world->now + world->skew;
}

static bool past(int64_t moment, int64_t at)
{
	return moment != 0 && moment <= at;
}

enum key_state store_state(const struct model_key *key, int64_t at)
{
	return past(key->destroyed, at)   ? KEY_DESTROYED
	       : past(key->revoked, at)   ? KEY_REVOKED
	       : past(key->cancelled, at) ? KEY_CANCELLED
	       : past(key->retired, at)   ? KEY_RETIRED
	       : past(key->retiring, at)  ? KEY_RETIRING
	       : past(key->active, at)    ? KEY_ACTIVE
	       : past(key->published, at) ? KEY_PUBLISHED
	       : past(key->pending, at)   ? KEY_PUBLISH_PENDING
	                                  : KEY_GENERATED;
}

static bool signs(const struct model_key *key)
{
	return key->active != 0 && key->retiring == 0 && key->revoked == 0;
}

int store_active(const struct store *store, int algorithm)
{
	for (int i = 0; i < store->key_count; i++)
		if (store->keys[i].algorithm == algorithm && signs(&store->keys[i]))
			return i;
	return -1;
}

int store_coming(const struct store *store, int algorithm, bool standby)
{
	for (int i = 0; i < store->key_count; i++) {
		const struct model_key *key = &store->keys[i];
		if (key->algorithm == algorithm && key->standby == standby && key->active == 0
		    && key->cancelled == 0 && key->revoked == 0)
			return i;
	}
	return -1;
}

uint64_t store_without(const struct world *world, int key)
{
	uint64_t without = 0;

	if (world->off[RULE_STAGING])
		return 0;
	for (int r = 0; r < world->relays; r++) {
		int word = world->store.word[r];
		if (word == 0 || (world->store.made[r][word].staged >> key & 1) == 0)
			without |= 1U << r;
	}
	return without;
}

uint64_t store_signing(const struct world *world, int key)
{
	const struct store *store = &world->store;
	uint64_t signing = 0;

	if (world->off[RULE_RELAY_CLOCK])
		return 0;
	for (int r = 0; r < world->relays; r++) {
		int last = world->off[RULE_SINCE_WORD] && store->word[r] > 0 ? store->word[r]
		                                                             : store->made_count[r];
		for (int g = store->word[r]; g <= last; g++)
			if ((store->made[r][g].active >> key & 1) != 0)
				signing |= 1U << r;
	}
	if (world->off[RULE_LAST_RELAY] && signing != (1U << world->relays) - 1)
		return 0;
	return signing;
}

int64_t store_ended(const struct world *world)
{
	int64_t ended = 0;

	for (int r = 0; r < world->relays; r++)
		if (world->store.word[r] > 0 && world->store.word_at[r] > ended)
			ended = world->store.word_at[r];
	return world->off[RULE_RELAY_CLOCK] ? 0 : ended;
}

int64_t store_linger(const struct world *world)
{
	return world->off[RULE_LINGER] ? 0 : world->off[RULE_LINGER_QUEUE] ? DAY : LINGER;
}

bool store_other_retiring(const struct world *world, int id, int64_t but)
{
	const struct model_key *key = &world->store.keys[id];

	for (int i = 0; i < world->store.key_count; i++) {
		const struct model_key *other = &world->store.keys[i];
		if (i != id && other->algorithm == key->algorithm && other->retiring != 0
		    && other->retiring != but && other->retired == 0 && other->revoked == 0)
			return !world->off[RULE_ONE_ROTATION];
	}
	return false;
}

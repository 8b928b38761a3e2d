/* One event after the other. */

#include <string.h>

#include "key_world.h"

/* Advance until there is nothing left to do; false: it does not come to that. */
static bool settle(struct world *world)
{
	struct model_key keys[KEYS];

	for (int i = 0; i < 8; i++) {
		memcpy(keys, world->store.keys, sizeof keys);
		if (store_advance(world) && memcmp(keys, world->store.keys, sizeof keys) == 0)
			return true;
	}
	return false;
}

static void clock_goes_back(struct world *world)
{
	struct model_key keys[KEYS];
	bool settled = settle(world);

	world->latest = store_now(world) > world->latest ? store_now(world) : world->latest;
	world->clock_jumps++;
	world->skew = -HOUR - world_below(world, 12 * DAY);
	memcpy(keys, world->store.keys, sizeof keys);
	(void)store_advance(world);
	for (int i = 0; settled && !world->off[RULE_ONE_TRANSACTION] && i < world->store.key_count;
	     i++)
		if (store_state(&keys[i], INT64_MAX)
		    != store_state(&world->store.keys[i], INT64_MAX))
			world_fault(world, "key %d moved because the clock went back, to state %d",
			            i, (int)store_state(&world->store.keys[i], INT64_MAX));
}

/* A little to and fro, which the margin covers; and a jump far back, after
 * which nothing may move.  It is set right before anybody else works. */
static void clock_moves(struct world *world)
{
	bool jump = world->skew >= -HOUR && world_chance(world, 40);

	if (jump)
		clock_goes_back(world);
	if (!jump || !world->off[RULE_SET_CLOCK])
		world->skew = world_below(world, 50 * MINUTE) - 25 * MINUTE;
}

static void again(struct world *world, const struct happening *event, int64_t usual,
                  int64_t longest)
{
	world_plan(world, world_delay(world, usual, longest), event->what, event->subject,
	           event->object);
}

static void happen(struct world *world, const struct happening *event)
{
	int subject = event->subject;

	switch (event->what) {
	case WE_CHECK:
		we_check(world);
		customer_hears(world);
		again(world, event, 2 * HOUR, 12 * HOUR);
		break;
	case WE_ADVANCE:
		we_advance(world);
		customer_hears(world);
		again(world, event, 2 * HOUR, DAY);
		break;
	case WE_EXPORT:
		we_export(world, subject);
		if (event->object != 0)
			again(world, event, 4 * HOUR, DAY);
		break;
	case WE_ROTATE:
		we_rotate(world);
		if (event->object != 0)
			world_plan(world, world->rotate_every, WE_ROTATE, 0, 1);
		break;
	case WE_HAND_OVER:
		we_hand_over(world);
		break;
	case WE_REVOKE:
		we_revoke(world);
		break;
	case WE_TIDY:
		we_tidy(world);
		again(world, event, 2 * DAY, 10 * DAY);
		break;
	case CUSTOMER_PUBLISHES:
		customer_publishes(world, subject, event->object);
		break;
	case CUSTOMER_ERRS:
		customer_errs(world, subject);
		break;
	case RELAY_INSTALLS:
		relay_installs(world, subject, event->object);
		break;
	case RELAY_SPEAKS:
		relay_speaks(world, subject, event->object);
		break;
	case RELAY_SIGNS:
		relay_signs(world, subject);
		again(world, event, 6 * HOUR, DAY);
		break;
	case RELAY_LEAVES:
		world->away_until[subject] = world->now + world_below(world, 200 * HOUR);
		again(world, event, 20 * DAY, 60 * DAY);
		break;
	case MAIL_ARRIVES:
		mail_arrives(world, subject);
		break;
	case OUTSIDER_ASKS:
		outsider_asks(world);
		again(world, event, HOUR, 6 * HOUR);
		break;
	case SERVER_FOLLOWS:
		server_follows(world, event);
		break;
	case SERVER_FAILS:
		world->down_until[world_below(world, world->servers)] =
			world->now + world_delay(world, HOUR, 12 * HOUR);
		again(world, event, world->fails_every, 5 * world->fails_every);
		break;
	case CLOCK_MOVES:
		clock_moves(world);
		again(world, event, DAY, 6 * DAY);
		break;
	case THE_END:
	default:
		break;
	}
}

bool world_step(struct world *world)
{
	struct happening event = world_next(world);

	world->now = event.at;
	world->steps++;
	happen(world, &event);
	if (store_now(world) > world->latest)
		world->latest = store_now(world);
	world_check(world);
	return world->fault[0] == '\0' && event.what != THE_END;
}

void world_begin(struct world *world, uint64_t seed, const bool off[RULES],
                 const bool line_off[LINES])
{
	static const int64_t ttls[] = { 60, 300, HOUR, 4 * HOUR, DAY };
	static const int64_t negative_ttls[] = { 60, 300, 900, HOUR, 3 * HOUR };
	static const int64_t lags[] = { 1, MINUTE, 2 * HOUR, 12 * HOUR };
	static const int64_t failures[] = { 4 * HOUR, DAY, 5 * DAY };
	static const int64_t periods[] = { 36 * HOUR, 4 * DAY, 30 * DAY };

	memset(world, 0, sizeof *world);
	world->random = seed * 0x2545f4914f6cdd1dU + 1;
	memcpy(world->off, off, sizeof world->off);
	memcpy(world->line_off, line_off, sizeof world->line_off);
	world->now = 1000 * (int64_t)DAY;
	world->servers = 2 + (int)world_below(world, SERVERS - 1);
	world->relays = 1 + (int)world_below(world, RELAYS);
	world->ttl = ttls[world_below(world, LENGTH(ttls))];
	world->negative_ttl = negative_ttls[world_below(world, LENGTH(negative_ttls))];
	world->lag_at_most = lags[world_below(world, LENGTH(lags))];
	world->fails_every = failures[world_below(world, LENGTH(failures))];
	world->rotate_every = periods[world_below(world, LENGTH(periods))];
	world->ed25519 = world_chance(world, 30);
	for (int s = 0; s < SERVERS; s++)
		for (int n = 0; n < KEYS; n++)
			world->content[s][n] = NOTHING;
	world_plan(world, 1, WE_ROTATE, 0, 1);
	world_plan(world, HOUR, WE_CHECK, 0, 0);
	world_plan(world, HOUR, WE_ADVANCE, 0, 0);
	world_plan(world, 2 * DAY, WE_TIDY, 0, 0);
	world_plan(world, DAY, SERVER_FAILS, 0, 0);
	world_plan(world, DAY, CLOCK_MOVES, 0, 0);
	if (world_chance(world, 25))
		world_plan(world, world_below(world, 90 * DAY), WE_REVOKE, 0, 0);
	for (int r = 0; r < world->relays; r++) {
		world_plan(world, HOUR, WE_EXPORT, r, 1);
		world_plan(world, HOUR, RELAY_SIGNS, r, 0);
		world_plan(world, world_below(world, 30 * DAY), RELAY_LEAVES, r, 0);
	}
	for (int i = 0; i < 6; i++)
		world_plan(world, 1, OUTSIDER_ASKS, 0, 0);
	world_plan(world, 90 * DAY, THE_END, 0, 0);
}

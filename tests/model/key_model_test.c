/*
 * The state machine of keys, driven by chance.
 *
 *	MODEL_SEED=7 MODEL_STEPS=20000000 tests/model/key_model_test
 *
 * First the rules as they are: so many steps without a fault.  Then each line
 * of defence alone.  Then worlds in which one rule is missing; each must come
 * to grief within a bounded number of seeds, or the model could not tell.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key_world.h"

enum { SEEDS_AT_MOST = 400 };

static struct world world;
static int tests;
static int failed;

static void tell(bool good, const char *name, const char *how)
{
	tests++;
	failed += !good;
	printf("%sok %d - %s: %s\n", good ? "" : "not ", tests, name, how);
	(void)fflush(stdout);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

struct total {
	uint64_t steps, worlds, verified, activations, retired, kills, clock_jumps, unsure, misses;
};

static void add(struct total *total)
{
	total->steps += world.steps;
	total->worlds++;
	total->verified += world.verified;
	total->activations += world.activations;
	total->retired += world.retired;
	total->kills += world.kills;
	total->clock_jumps += world.clock_jumps;
	total->unsure += world.unsure;
	total->misses += world.misses;
}

/* One world after the other until so many steps are done, or one has a fault. */
static struct total run(uint64_t seed, uint64_t steps, uint64_t worlds, const bool off[RULES],
                        const bool line_off[LINES])
{
	struct total total = { 0 };

	while (total.steps < steps && total.worlds < worlds) {
		world_begin(&world, seed + total.worlds, off, line_off);
		while (world_step(&world))
			;
		add(&total);
		if (world.fault[0] != '\0')
			break;
	}
	return total;
}

static void holds(const char *name, uint64_t seed, uint64_t steps, const bool line_off[LINES])
{
	static const bool all[RULES];
	struct total t = run(seed, steps, UINT64_MAX, all, line_off);
	char how[512];

	if (world.fault[0] != '\0')
		(void)snprintf(how, sizeof how, "MODEL_SEED=%" PRIu64 ", step %" PRIu64 ": %s",
		               seed + t.worlds - 1, world.steps, world.fault);
	else
		(void)snprintf(how, sizeof how,
		               "%" PRIu64 " steps in %" PRIu64 " worlds, %" PRIu64
		               " signatures verified, %" PRIu64 " keys activated, %" PRIu64
		               " retired, %" PRIu64 " kills, %" PRIu64 " clock jumps, %" PRIu64
		               " looks without answer, %" PRIu64 " misses",
		               t.steps, t.worlds, t.verified, t.activations, t.retired, t.kills,
		               t.clock_jumps, t.unsure, t.misses);
	tell(world.fault[0] == '\0', name, how);
	/* a model in which nothing happens proves nothing */
	(void)snprintf(how, sizeof how, "activations, retirements, mail, kills, jumps, misses");
	tell(t.activations > t.worlds && t.retired > t.worlds && t.verified > t.steps / 40
	             && t.kills > 0 && t.clock_jumps > 0 && t.misses > 0,
	     "and it was a life", how);
}

struct mutant {
	enum rule rule;
	const char *name;
	bool survives; /* and why it may */
};

static const struct mutant mutants[] = {
	{ RULE_WAIT, "no wait after first sight", false },
	{ RULE_TTL, "a wait of the margin alone, whatever the TTL", false },
	{ RULE_TTL_BEFORE, "a fresh selector waits for absences alone, not for a cached typo",
	  false },
	{ RULE_LOOK, "no look at DNS", false },
	{ RULE_ALL_SERVERS, "one authoritative server for all", false },
	{ RULE_AUTHORITY, "a recursive resolver for the servers", false },
	{ RULE_CERTAIN, "no answer counts as yes", false },
	{ RULE_MISS, "a miss does not begin the wait anew", false },
	{ RULE_SECOND_LOOK, "no second look when it begins to sign", false },
	{ RULE_FRESH_NAME, "a selector used again while its key retires", false },
	{ RULE_RELAY_CLOCK, "retiring counts from the switch in the database", false },
	{ RULE_LAST_RELAY, "and from the first relay's word", false },
	{ RULE_SINCE_WORD, "what was made since a relay's last word is forgotten", false },
	{ RULE_LINGER, "no linger", false },
	{ RULE_LINGER_QUEUE, "a linger of 24 hours", false },
	{ RULE_ONE_ROTATION, "two rotations at a time", false },
	{ RULE_RSA_BESIDE, "Ed25519 alone", false },
	{ RULE_ONE_TRANSACTION, "the old key goes in a transaction of its own", false },
	{ RULE_SET_CLOCK, "work goes on while the clock is days behind", false },
	/* Safe because retiring waits for every relay's word: until then the old key
	 * signs and its record stands.  Staging first is so that a relay without the
	 * key does not hold up its mail. */
	{ RULE_STAGING, "no relay need hold a key before it signs", true },
};

static void is_caught(const struct mutant *mutant, uint64_t seed)
{
	static const bool both[LINES];
	bool off[RULES] = { false };
	char how[512];

	off[mutant->rule] = true;
	struct total t = run(seed, UINT64_MAX, mutant->survives ? 100 : SEEDS_AT_MOST, off, both);
	bool caught = world.fault[0] != '\0';
	if (caught)
		(void)snprintf(how, sizeof how, "caught in world %" PRIu64 ", step %" PRIu64 ": %s",
		               t.worlds, world.steps, world.fault);
	else
		(void)snprintf(how, sizeof how, "survives %" PRIu64 " worlds, %" PRIu64 " steps%s",
		               t.worlds, t.steps, mutant->survives ? ", as it may" : "");
	tell(caught != mutant->survives, mutant->name, how);
}

int main(void)
{
	static const bool both[LINES];
	static const bool guard_alone[LINES] = { [LINE_PROGRAM] = true };
	static const bool program_alone[LINES] = { [LINE_GUARD] = true };
	uint64_t seed = number("MODEL_SEED", 1);
	uint64_t steps = number("MODEL_STEPS", 1200000);

	printf("# MODEL_SEED=%" PRIu64 " MODEL_STEPS=%" PRIu64 "\n", seed, steps);
	holds("the rules as they are", seed, steps, both);
	holds("the program alone, with a database that refuses nothing", seed, steps / 6,
	      program_alone);
	holds("the database alone, with a program that tries everything", seed, steps / 6,
	      guard_alone);
	for (size_t i = 0; i < LENGTH(mutants); i++)
		is_caught(&mutants[i], seed);
	printf("1..%d\n", tests);
	return failed > 0;
}

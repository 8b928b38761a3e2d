#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lifecycle/rotation.h"

/* ---- the table ---- */

static void every_state_is_reached_and_only_the_last_is_final(void **state)
{
	bool reached[KEY_STATES] = { [KEY_GENERATED] = true };
	bool left[KEY_STATES] = { false };

	(void)state;
	for (size_t i = 0; i < key_steps_count; i++) {
		reached[key_steps[i].to] = true;
		left[key_steps[i].from] = true;
		assert_true(strlen(key_steps[i].why) > 10);
	}
	for (int i = 0; i < KEY_STATES; i++) {
		assert_true(reached[i]);
		assert_int_equal(left[i], i != KEY_DESTROYED);
		assert_non_null(key_state_word((enum key_state)i));
		assert_int_equal(key_state_find(key_state_word((enum key_state)i)), i);
	}
	for (int i = 0; i < KEY_EVENTS; i++)
		assert_non_null(key_event_word((enum key_event)i));
	assert_int_equal(key_state_find("asleep"), KEY_STATES);
}

static void no_event_leads_to_two_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_steps_count; i++)
		assert_ptr_equal(key_step_find(key_steps[i].from, key_steps[i].event),
		                 &key_steps[i]);
}

static bool leads(enum key_state from, enum key_state to, bool past_published)
{
	bool seen[KEY_STATES] = { false };
	bool grown = true;

	for (seen[from] = true; grown;) {
		grown = false;
		for (size_t i = 0; i < key_steps_count; i++) {
			const struct key_step *s = &key_steps[i];
			if (!seen[s->from] || seen[s->to]
			    || (!past_published && s->from == KEY_PUBLISHED))
				continue;
			seen[s->to] = grown = true;
		}
	}
	return seen[to];
}

static void a_key_that_was_never_seen_never_signs(void **state)
{
	(void)state;
	assert_true(leads(KEY_GENERATED, KEY_ACTIVE, true));
	assert_false(leads(KEY_GENERATED, KEY_ACTIVE, false));
	assert_false(leads(KEY_RETIRING, KEY_ACTIVE, true));
	assert_false(leads(KEY_REVOKED, KEY_ACTIVE, true));
	assert_false(leads(KEY_CANCELLED, KEY_ACTIVE, true));
	for (int i = 0; i < KEY_STATES; i++)
		assert_true(leads((enum key_state)i, KEY_DESTROYED, true));
}

/* The page that people read is the table that the program walks. */
static void the_page_says_the_same(void **state)
{
	static char page[16384];
	char path[512];
	char row[256];
	size_t rows = 0;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/doc/key_life.md", getenv("top_srcdir"));
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	size_t size = fread(page, 1, sizeof page - 1, in);
	(void)fclose(in);
	page[size] = '\0';
	for (size_t i = 0; i < key_steps_count; i++) {
		const struct key_step *s = &key_steps[i];
		(void)snprintf(row, sizeof row, "\n| %s | %s | %s | %s |", key_state_word(s->from),
		               key_event_word(s->event), key_state_word(s->to), s->why);
		if (strstr(page, row) == NULL)
			fail_msg("not in doc/key_life.md: %s", row + 1);
	}
	/* up to the empty line: the table is over */
	for (const char *p = strstr(page, "\n| from |"); p != NULL && p[1] == '|';
	     p = strchr(p + 1, '\n'))
		rows += p[2] == ' ';
	assert_int_equal(rows, key_steps_count + 1);
}

/* ---- deciding ---- */

static const char *const nobody[] = { NULL };
static const char *const mx1[] = { "mx1", NULL };

/* A key for which everything holds. */
static struct dkim_key ripe(enum key_state at)
{
	return (struct dkim_key){ .state = at,
		                  .algorithm = "rsa-sha256",
		                  .probes = 3,
		                  .publish_probes = 3,
		                  .escrowed = true,
		                  .usable_at = "then",
		                  .linger_until = "later",
		                  .last_signed_at = "before" };
}

static struct dkim_key_relays content(void)
{
	return (struct dkim_key_relays){ .rsa_active = true,
		                         .without_key = nobody,
		                         .signing = nobody };
}

static void waits_for(const struct dkim_key *key, const struct dkim_key_relays *relays,
                      const char *word)
{
	struct arena arena = { 0 };
	struct rotation_advice advice;

	rotation_decide(&arena, key, relays, &advice);
	assert_false(advice.ready);
	assert_int_equal(advice.reason_count, 1);
	assert_string_equal(advice.reasons[0].word, word);
	assert_true(strlen(advice.reasons[0].sentence) > 10);
	arena_reset(&arena);
}

static void ready_for(const struct dkim_key *key, const struct dkim_key_relays *relays,
                      enum key_state next)
{
	struct arena arena = { 0 };
	struct rotation_advice advice;

	rotation_decide(&arena, key, relays, &advice);
	assert_true(advice.ready && advice.ours);
	assert_int_equal(advice.reason_count, 0);
	assert_int_equal(advice.next, next);
	arena_reset(&arena);
}

static void each_reason_alone_keeps_a_key_from_signing(void **state)
{
	struct dkim_key key = ripe(KEY_PUBLISHED);
	struct dkim_key_relays relays = content();

	(void)state;
	ready_for(&key, &relays, KEY_ACTIVE);
	key.too_early = true;
	waits_for(&key, &relays, "time");
	key = ripe(KEY_PUBLISHED);
	key.probes = 2;
	waits_for(&key, &relays, "probes");
	key = ripe(KEY_PUBLISHED);
	key.standby = true;
	waits_for(&key, &relays, "standby");
	key = ripe(KEY_PUBLISHED);
	key.other_retiring = true;
	waits_for(&key, &relays, "rotation");
	key = ripe(KEY_PUBLISHED);
	key.algorithm = "ed25519-sha256";
	ready_for(&key, &relays, KEY_ACTIVE);
	relays.rsa_active = false;
	waits_for(&key, &relays, "rsa");
	relays = content();
	relays.without_key = mx1;
	key = ripe(KEY_PUBLISHED);
	waits_for(&key, &relays, "relays");
}

static void the_retire_clock_starts_at_the_last_acknowledgement(void **state)
{
	struct dkim_key key = ripe(KEY_RETIRING);
	struct dkim_key_relays relays = content();

	(void)state;
	ready_for(&key, &relays, KEY_RETIRED);
	key.lingering = true;
	waits_for(&key, &relays, "linger");
	/* not acknowledged: only that is said, there is no date yet */
	key.last_signed_at = NULL;
	relays.signing = mx1;
	waits_for(&key, &relays, "relays");
}

static void what_a_person_must_do_is_not_done_by_advance(void **state)
{
	static const struct {
		enum key_state state;
		const char *word;
	} cases[] = {
		{ KEY_GENERATED, "handover" }, { KEY_PUBLISH_PENDING, "dns" },
		{ KEY_ACTIVE, "order" },       { KEY_RETIRED, "order" },
		{ KEY_REVOKED, "order" },      { KEY_CANCELLED, "order" },
	};
	struct dkim_key_relays relays = content();

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct dkim_key key = ripe(cases[i].state);
		waits_for(&key, &relays, cases[i].word);
	}
}

static void a_destroyed_key_has_no_next_step(void **state)
{
	struct arena arena = { 0 };
	struct rotation_advice advice;
	const struct dkim_key key = ripe(KEY_DESTROYED);
	const struct dkim_key_relays relays = content();

	(void)state;
	rotation_decide(&arena, &key, &relays, &advice);
	assert_int_equal(advice.event, KEY_EVENTS);
	assert_false(advice.ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_reached_and_only_the_last_is_final),
		cmocka_unit_test(no_event_leads_to_two_places),
		cmocka_unit_test(a_key_that_was_never_seen_never_signs),
		cmocka_unit_test(the_page_says_the_same),
		cmocka_unit_test(each_reason_alone_keeps_a_key_from_signing),
		cmocka_unit_test(the_retire_clock_starts_at_the_last_acknowledgement),
		cmocka_unit_test(what_a_person_must_do_is_not_done_by_advance),
		cmocka_unit_test(a_destroyed_key_has_no_next_step),
	};

	return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}

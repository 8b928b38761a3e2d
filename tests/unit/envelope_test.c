#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sodium.h>

#include "keys/envelope.h"
#include "keys/selfcheck.h"

enum { LINE = 8192, FIELDS = 8 };

/* One line of tests/data/envelopes/: name, key, kek id, version, kind, context, plain, sealed. */
struct specimen {
	char name[80];
	struct secret key;
	struct envelope_key with;
	enum envelope_kind kind;
	struct envelope_context context;
	struct secret plain;
	unsigned char sealed[4096];
	size_t size;
};

static size_t unhex(const char *text, unsigned char *bytes, size_t room)
{
	size_t size = 0;

	assert_int_equal(sodium_hex2bin(bytes, room, text, strlen(text), NULL, &size, NULL), 0);
	return size;
}

static void secret_of(const char *text, struct secret *secret)
{
	struct err err = { 0 };
	unsigned char bytes[4096];
	size_t size = unhex(text, bytes, sizeof bytes);

	assert_true(secret_copy(secret, bytes, size, &err));
}

static void read_specimen(char *line, struct specimen *s)
{
	char *fields[FIELDS];

	*s = (struct specimen){ .size = 0 };
	for (size_t i = 0; i < FIELDS; i++) {
		assert_non_null(line);
		fields[i] = line;
		line += strcspn(line, "\t\n");
		if (*line != '\0')
			*line++ = '\0';
	}
	(void)snprintf(s->name, sizeof s->name, "%s", fields[0]);
	secret_of(fields[1], &s->key);
	assert_int_equal(unhex(fields[2], s->with.id.bytes, UUID_BYTES), UUID_BYTES);
	s->with.key = &s->key;
	s->with.version = (uint32_t)strtoul(fields[3], NULL, 10);
	s->kind = (enum envelope_kind)strtoul(fields[4], NULL, 10);
	s->context.size = unhex(fields[5], s->context.bytes, sizeof s->context.bytes);
	secret_of(fields[6], &s->plain);
	s->size = unhex(fields[7], s->sealed, sizeof s->sealed);
}

static void drop_specimen(struct specimen *s)
{
	secret_drop(&s->key);
	secret_drop(&s->plain);
}

static bool opens(const struct specimen *s, const unsigned char *sealed, size_t size)
{
	struct err err = { 0 };
	struct secret plain = { 0 };
	bool ok = envelope_open(&s->with, s->kind, &s->context, sealed, size, &plain, &err);

	if (ok)
		assert_true(secret_same(&plain, &s->plain));
	else
		assert_int_equal(err.code, ERR_CRYPTO);
	secret_drop(&plain);
	return ok;
}

/* Calls `look` for each line; returns how many there were. */
static size_t each(const char *file, void (*look)(struct specimen *))
{
	char path[512];
	char *line = malloc(LINE);
	struct specimen *s = malloc(sizeof *s);
	size_t count = 0;

	(void)snprintf(path, sizeof path, "%s/tests/data/envelopes/%s", getenv("top_srcdir"), file);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	for (; fgets(line, LINE, in) != NULL; count++) {
		read_specimen(line, s);
		look(s);
		drop_specimen(s);
	}
	(void)fclose(in);
	free(s);
	free(line);
	return count;
}

/* Another implementation sealed them; we seal the same bytes. */
static void look_good(struct specimen *s)
{
	struct err err = { 0 };
	unsigned char again[4096];

	if (!opens(s, s->sealed, s->size))
		fail_msg("refused: %s", s->name);
	assert_true(envelope_seal_nonce(&s->with, s->kind, &s->context, &s->plain, s->sealed + 28,
	                                again, &err));
	assert_memory_equal(again, s->sealed, s->size);
}

static void look_bad(struct specimen *s)
{
	if (opens(s, s->sealed, s->size))
		fail_msg("accepted: %s", s->name);
}

static void the_corpus_is_told_apart(void **state)
{
	(void)state;
	assert_int_equal(each("good.tab", look_good), 9);
	assert_int_equal(each("bad.tab", look_bad), 33);
}

static void flip_and_cut(struct specimen *s)
{
	if (strcmp(s->name, "dkim") != 0)
		return;
	for (size_t bit = 0; bit < 8 * s->size; bit++) {
		s->sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
		if (opens(s, s->sealed, s->size))
			fail_msg("accepted with bit %zu flipped", bit);
		s->sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
	}
	for (size_t size = 0; size < s->size; size++)
		if (opens(s, s->sealed, size))
			fail_msg("accepted with %zu bytes", size);
	assert_true(opens(s, s->sealed, s->size));
}

static void no_flipped_bit_and_no_cut_is_accepted(void **state)
{
	(void)state;
	(void)each("good.tab", flip_and_cut);
}

static void a_context_that_does_not_fit_is_refused(void **state)
{
	struct err err = { 0 };
	struct secret key = { 0 };
	struct secret plain = { 0 };
	struct envelope_context context = { .size = 0 };
	const struct envelope_key with = { .key = &key, .version = 1 };
	char name[ENVELOPE_CONTEXT];
	unsigned char out[200];

	(void)state;
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	envelope_context_text(&context, TAG_DOMAIN, name);
	assert_true(context.too_long);
	assert_true(secret_random(&key, ENVELOPE_KEY, &err) && secret_random(&plain, 20, &err));
	assert_false(envelope_seal(&with, ENVELOPE_DKIM, &context, &plain, out, &err));
	secret_drop(&key);
	secret_drop(&plain);
}

static void two_seals_of_the_same_differ(void **state)
{
	struct err err = { 0 };
	struct secret key = { 0 };
	struct secret plain = { 0 };
	const struct envelope_context context = { .size = 0 };
	const struct envelope_key with = { .key = &key, .version = 1 };
	unsigned char a[120];
	unsigned char b[120];

	(void)state;
	assert_true(secret_random(&key, ENVELOPE_KEY, &err) && secret_random(&plain, 20, &err));
	assert_true(envelope_seal(&with, ENVELOPE_DKIM, &context, &plain, a, &err));
	assert_true(envelope_seal(&with, ENVELOPE_DKIM, &context, &plain, b, &err));
	assert_memory_not_equal(a + 28, b + 28, sizeof a - 28);
	secret_drop(&key);
	secret_drop(&plain);
}

static void known_answers_hold(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_true(selfcheck_run(&err));
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	return secret_setup(&err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers_hold),
		cmocka_unit_test(the_corpus_is_told_apart),
		cmocka_unit_test(no_flipped_bit_and_no_cut_is_accepted),
		cmocka_unit_test(a_context_that_does_not_fit_is_refused),
		cmocka_unit_test(two_seals_of_the_same_differ),
	};

	return cmocka_run_group_tests_name("envelope", tests, setup, NULL);
}

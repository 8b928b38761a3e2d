#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <sodium.h>

#include "keys/escrow.h"
#include "keys/hex.h"

enum { MOST = 8 };

static struct officers {
	struct escrow_officer public_key[MOST];
	struct secret secret_key[MOST];
} officers;

static struct escrow_kek name = { .version = 7 };
static struct secret kek;
static uint8_t commit[ESCROW_COMMIT];
static struct escrow_sealed shares[ESCROW_SHARES];
static uint8_t plains[ESCROW_SHARES][ESCROW_PLAIN];

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	if (!secret_setup(&err) || !secret_take(&kek, 32, &err))
		return 1;
	for (size_t i = 0; i < 32; i++)
		kek.bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		name.provider.bytes[i] = (uint8_t)(0x10 + i);
		name.id.bytes[i] = (uint8_t)(0x20 + i);
	}
	for (size_t i = 0; i < MOST; i++) {
		if (!secret_take(&officers.secret_key[i], crypto_box_SECRETKEYBYTES, &err))
			return 1;
		(void)crypto_box_keypair(officers.public_key[i].key, officers.secret_key[i].bytes);
	}
	escrow_commit(&name, &kek, commit);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	secret_drop(&kek);
	for (size_t i = 0; i < MOST; i++)
		secret_drop(&officers.secret_key[i]);
	return 0;
}

static size_t split(size_t n, size_t k)
{
	struct err err = { 0 };

	assert_true(escrow_split(&name, &kek, officers.public_key, n, k, shares, &err));
	return escrow_count(n, k);
}

/* What the members of a coalition know, in voices[]; their number. */
static size_t listen(size_t count, uint64_t coalition, struct escrow_voice *voices)
{
	struct err err = { 0 };
	size_t said = 0;

	for (size_t i = 0; i < count; i++) {
		size_t who = shares[i].officer;
		if ((coalition >> who & 1) == 0)
			continue;
		assert_true(escrow_open(shares[i].bytes, officers.public_key[who].key,
		                        &officers.secret_key[who], plains[i], &err));
		voices[said].officer = who;
		assert_true(escrow_parse(plains[i], &voices[said].share, &err));
		said++;
	}
	return said;
}

static void every_coalition_of_k_recovers_and_none_below(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	size_t enough = 0, few = 0;

	(void)state;
	for (size_t n = 1; n <= 5; n++)
		for (size_t k = 1; k <= n; k++) {
			size_t count = split(n, k);
			for (uint64_t coalition = 1; coalition >> n == 0; coalition++) {
				struct escrow_verdict verdict;
				struct secret got = { 0 };
				struct err err = { 0 };
				size_t members = (size_t)__builtin_popcountll(coalition);
				size_t said = listen(count, coalition, voices);
				bool ok = escrow_recover(&name, commit, voices, said, &got,
				                         &verdict, &err);
				assert_int_equal(ok, members >= k);
				assert_int_equal(verdict.suspect, 0);
				if (ok) {
					assert_true(secret_same(&got, &kek));
					assert_int_equal(verdict.honest, coalition);
					enough++;
				} else {
					assert_int_equal(err.code, ERR_REFUSED);
					assert_null(got.bytes);
					few++;
				}
				secret_drop(&got);
			}
		}
	assert_int_equal(enough, 129);
	assert_int_equal(few, 114);
}

static void the_parts_of_fewer_are_random(void **state)
{
	/* all parts of a quorum but one, XORed: never the key, and never twice the same */
	struct escrow_voice voices[ESCROW_SHARES];
	uint8_t before[ESCROW_PART] = { 0 };

	(void)state;
	for (int round = 0; round < 50; round++) {
		uint8_t sum[ESCROW_PART] = { 0 };
		size_t said = listen(split(3, 3), 5, voices);
		for (size_t i = 0; i < said; i++)
			for (size_t j = 0; j < ESCROW_PART; j++)
				sum[j] ^= voices[i].share.part[j];
		assert_memory_not_equal(sum, kek.bytes, ESCROW_PART);
		assert_memory_not_equal(sum, before, ESCROW_PART);
		memcpy(before, sum, sizeof before);
	}
}

static void the_number_of_shares_is_known(void **state)
{
	static const struct {
		size_t n, k, shares;
	} cases[] = {
		{ 1, 1, 1 },  { 3, 2, 6 },  { 5, 3, 30 }, { 8, 2, 56 },   { 9, 2, 0 },
		{ 8, 7, 56 }, { 7, 6, 42 }, { 6, 3, 60 }, { 60, 1, 60 },  { 61, 1, 0 },
		{ 3, 0, 0 },  { 3, 4, 0 },  { 0, 0, 0 },  { 60, 60, 60 }, { 60, 30, 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		size_t quorums = 0;
		assert_int_equal(escrow_count(cases[i].n, cases[i].k), cases[i].shares);
		if (cases[i].shares == 0)
			continue;
		for (uint64_t m = escrow_next_quorum(cases[i].n, cases[i].k, 0); m != 0;
		     m = escrow_next_quorum(cases[i].n, cases[i].k, m)) {
			assert_int_equal(__builtin_popcountll(m), cases[i].k);
			assert_true(m >> cases[i].n == 0);
			quorums++;
		}
		assert_int_equal(quorums * cases[i].k, cases[i].shares);
	}
}

/* Computed by another implementation of BLAKE2b. */
static const char known_plain[] =
	"010201"
	"3f4528c9"
	"101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f00000007"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"fb5eb3eaa3cecfea43a9d844938d4537a642c5ec0d037596fdef799f42e45113";

static void the_layout_of_a_share_is_for_ever(void **state)
{
	struct escrow_share share = { .kek = name, .threshold = 2, .index = 1 };
	struct escrow_share again;
	struct err err = { 0 };
	uint8_t part[ESCROW_PART];
	uint8_t plain[ESCROW_PLAIN];
	char hex[2 * ESCROW_PLAIN + 1];

	(void)state;
	assert_int_equal(sizeof shares[0].bytes, 155);
	for (size_t i = 0; i < sizeof part; i++)
		part[i] = (uint8_t)(0x40 + i);
	share.part = part;
	share.quorum = 0x3f4528c9;
	memcpy(share.commit, commit, sizeof commit);
	escrow_render(&share, plain);
	hex_render(plain, sizeof plain, hex);
	assert_string_equal(hex, known_plain);
	assert_true(escrow_parse(plain, &again, &err));
	assert_true(uuid_same(&again.kek.id, &name.id));
	assert_int_equal(again.kek.version, 7);
	assert_int_equal(again.quorum, share.quorum);
	assert_ptr_equal(again.part, plain + 43);
}

static void a_quorum_has_its_name_from_its_members(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	struct err err = { 0 };
	uint32_t names[3] = { 0 };

	(void)state;
	size_t said = listen(split(3, 2), 7, voices);
	assert_int_equal(said, 6);
	for (size_t i = 0; i < said; i++)
		names[i / 2] = voices[i].share.quorum;
	assert_true(names[0] != names[1] && names[1] != names[2] && names[0] != names[2]);
	/* the same officers, another day, another order */
	struct escrow_officer swapped[3];
	for (size_t i = 0; i < 3; i++)
		swapped[i] = officers.public_key[2 - i];
	assert_true(escrow_split(&name, &kek, swapped, 3, 2, shares, &err));
	assert_true(escrow_open(shares[0].bytes, officers.public_key[2].key,
	                        &officers.secret_key[2], plains[0], &err));
	assert_true(escrow_parse(plains[0], &voices[0].share, &err));
	assert_int_equal(voices[0].share.quorum, names[2]);
}

static void a_share_opens_for_its_officer_alone_and_undamaged(void **state)
{
	size_t refused = 0;

	(void)state;
	(void)split(3, 2);
	for (size_t i = 0; i < 6; i++)
		for (size_t who = 0; who < 3; who++) {
			struct err err = { 0 };
			bool ok = escrow_open(shares[i].bytes, officers.public_key[who].key,
			                      &officers.secret_key[who], plains[0], &err);
			assert_int_equal(ok, who == shares[i].officer);
		}
	for (size_t bit = 0; bit < (size_t)ESCROW_SHARE * 8; bit++) {
		struct err err = { 0 };
		size_t who = shares[0].officer;
		shares[0].bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		refused += !escrow_open(shares[0].bytes, officers.public_key[who].key,
		                        &officers.secret_key[who], plains[0], &err);
		shares[0].bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_int_equal(refused, ESCROW_SHARE * 8);
}

static void a_share_of_an_unknown_form_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = { { 0, 0 }, { 0, 2 }, { 1, 0 }, { 1, 61 }, { 2, 2 }, { 2, 255 } };
	struct escrow_voice voices[ESCROW_SHARES];

	(void)state;
	(void)listen(split(3, 2), 7, voices);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err err = { 0 };
		struct escrow_share share;
		uint8_t plain[ESCROW_PLAIN];
		memcpy(plain, plains[0], sizeof plain);
		plain[cases[i].at] = cases[i].value;
		assert_false(escrow_parse(plain, &share, &err));
		assert_int_equal(err.code, ERR_CRYPTO);
	}
}

static void a_lying_officer_is_located(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	size_t located = 0;

	(void)state;
	/* everybody speaks; one of them changes what he knows */
	for (size_t n = 3; n <= 5; n++)
		for (size_t k = 2; k < n; k++)
			for (size_t liar = 0; liar < n; liar++) {
				struct escrow_verdict verdict;
				struct secret got = { 0 };
				struct err err = { 0 };
				size_t count = split(n, k);
				size_t said = listen(count, ((uint64_t)1 << n) - 1, voices);
				for (size_t i = 0; i < count; i++)
					if (shares[i].officer == liar)
						plains[i][43] ^= 1;
				assert_true(escrow_recover(&name, commit, voices, said, &got,
				                           &verdict, &err));
				assert_true(secret_same(&got, &kek));
				assert_int_equal(verdict.suspect, (uint64_t)1 << liar);
				secret_drop(&got);
				located++;
			}
	assert_int_equal(located, 3 + 4 * 2 + 5 * 3);
}

static void a_liar_among_just_enough_is_noticed(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	struct escrow_verdict verdict;
	struct secret got = { 0 };
	struct err err = { 0 };

	(void)state;
	size_t said = listen(split(3, 2), 3, voices);
	for (size_t i = 0; i < 6; i++)
		if (shares[i].officer == 0)
			plains[i][50] ^= 4;
	assert_false(escrow_recover(&name, commit, voices, said, &got, &verdict, &err));
	assert_int_equal(err.code, ERR_CRYPTO);
	assert_int_equal(verdict.suspect, 3);
	assert_null(got.bytes);
}

static void shares_of_two_keys_do_not_mix(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	struct escrow_verdict verdict;
	struct secret got = { 0 };
	struct err err = { 0 };

	(void)state;
	/* an officer answers with a share of another version: he did not answer */
	size_t said = listen(split(2, 2), 3, voices);
	voices[1].share.kek.version = 8;
	assert_false(escrow_recover(&name, commit, voices, said, &got, &verdict, &err));
	assert_int_equal(verdict.suspect, 2);
	/* or with one that carries another commitment, whatever fits it */
	voices[1].share.kek.version = 7;
	voices[1].share.commit[0] ^= 1;
	assert_false(escrow_recover(&name, commit, voices, said, &got, &verdict, &err));
	assert_int_equal(verdict.suspect, 2);
	voices[1].share.commit[0] ^= 1;
	err = (struct err){ 0 };
	assert_true(escrow_recover(&name, commit, voices, said, &got, &verdict, &err));
	secret_drop(&got);
	/* one split is not another one of the same key */
	struct escrow_voice first = voices[0];
	uint8_t kept[ESCROW_PLAIN];
	memcpy(kept, plains[0], sizeof kept);
	said = listen(split(2, 2), 3, voices);
	first.share.part = kept + 43;
	voices[0] = first;
	assert_false(escrow_recover(&name, commit, voices, said, &got, &verdict, &err));
	assert_null(got.bytes);
}

static void one_who_says_it_twice_counts_once(void **state)
{
	struct escrow_voice voices[ESCROW_SHARES];
	struct escrow_verdict verdict;
	struct secret got = { 0 };
	struct err err = { 0 };

	(void)state;
	size_t said = listen(split(3, 2), 1, voices);
	memcpy(voices + said, voices, said * sizeof *voices);
	assert_false(escrow_recover(&name, commit, voices, 2 * said, &got, &verdict, &err));
	assert_int_equal(err.code, ERR_REFUSED);
}

static void one_key_for_two_officers_is_refused(void **state)
{
	struct escrow_officer same[2];
	struct err err = { 0 };

	(void)state;
	same[0] = officers.public_key[0];
	same[1] = officers.public_key[0];
	assert_false(escrow_split(&name, &kek, same, 2, 2, shares, &err));
	assert_false(escrow_split(&name, &kek, officers.public_key, 2, 3, shares, &err));
	memset(same[1].key, 0, ESCROW_PUBLIC); /* a point that nothing can be sealed to */
	assert_false(escrow_split(&name, &kek, same, 2, 2, shares, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_coalition_of_k_recovers_and_none_below),
		cmocka_unit_test(the_parts_of_fewer_are_random),
		cmocka_unit_test(the_number_of_shares_is_known),
		cmocka_unit_test(the_layout_of_a_share_is_for_ever),
		cmocka_unit_test(a_quorum_has_its_name_from_its_members),
		cmocka_unit_test(a_share_opens_for_its_officer_alone_and_undamaged),
		cmocka_unit_test(a_share_of_an_unknown_form_is_refused),
		cmocka_unit_test(a_lying_officer_is_located),
		cmocka_unit_test(a_liar_among_just_enough_is_noticed),
		cmocka_unit_test(shares_of_two_keys_do_not_mix),
		cmocka_unit_test(one_who_says_it_twice_counts_once),
		cmocka_unit_test(one_key_for_two_officers_is_refused),
	};

	return cmocka_run_group_tests_name("escrow", tests, setup, teardown);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/core_names.h>

#include "keys/keypair.h"
#include "keys/keypair_bn.h"

enum { KEYS = 20, BITS = 2048 };

static BIGNUM *number_of(EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	return number;
}

static void openssl_finds_nothing_wrong(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

	assert_int_equal(EVP_PKEY_check(ctx), 1);
	assert_int_equal(EVP_PKEY_pairwise_check(ctx), 1);
	assert_int_equal(EVP_PKEY_public_check(ctx), 1);
	assert_int_equal(EVP_PKEY_private_check(ctx), 1);
	EVP_PKEY_CTX_free(ctx);
}

static void every_key_is_one(void **state)
{
	BIGNUM *before = NULL;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		EVP_PKEY *key = NULL;
		assert_true(keypair_bn_make(BITS, &key, &err));
		BIGNUM *n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
		BIGNUM *d = number_of(key, OSSL_PKEY_PARAM_RSA_D);
		BIGNUM *p = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR1);
		BIGNUM *q = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR2);
		BIGNUM *e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
		openssl_finds_nothing_wrong(key);
		assert_int_equal(BN_num_bits(n), BITS);
		assert_true(BN_is_word(e, 65537));
		assert_true(keypair_bn_prime_fits(p, BITS) && keypair_bn_prime_fits(q, BITS));
		assert_true(keypair_bn_far_apart(p, q, BITS));
		assert_true(keypair_bn_exponent_fits(d, BITS));
		assert_true(before == NULL || BN_cmp(before, n) != 0);
		BN_free(before);
		before = n;
		BN_free(e);
		BN_clear_free(d);
		BN_clear_free(p);
		BN_clear_free(q);
		EVP_PKEY_free(key);
	}
	BN_free(before);
}

/* 2^exponent + addend; negative addends are taken away. */
static BIGNUM *power(int exponent, long addend)
{
	BIGNUM *number = BN_new();

	assert_int_equal(BN_set_bit(number, exponent), 1);
	if (addend >= 0)
		assert_int_equal(BN_add_word(number, (BN_ULONG)addend), 1);
	else
		assert_int_equal(BN_sub_word(number, (BN_ULONG)-addend), 1);
	return number;
}

static void a_prime_has_its_size(void **state)
{
	static const struct {
		int high;  /* a power of two ... */
		int next;  /* ... and another; -1: none */
		long rest; /* and this */
		bool fits;
	} rows[] = {
		{ 1023, 1022, 1, true },  /* the two highest bits */
		{ 1023, 1021, 1, false }, /* the second is not set */
		{ 1023, -1, 1, false },   /* nor here */
		{ 1022, 1021, 1, false }, /* a bit too short */
		{ 1024, 1023, 1, false }, /* a bit too long */
		{ 1023, 1022, 2, false }, /* even */
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		BIGNUM *number = power(rows[i].high, rows[i].rest);
		if (rows[i].next >= 0)
			assert_int_equal(BN_set_bit(number, rows[i].next), 1);
		assert_int_equal(keypair_bn_prime_fits(number, BITS), rows[i].fits);
		BN_free(number);
	}
}

static void a_prime_that_65537_divides_but_for_one_does_not_fit(void **state)
{
	BIGNUM *number = power(1023, 1);

	(void)state;
	assert_int_equal(BN_set_bit(number, 1022), 1);
	BN_ULONG rest = BN_mod_word(number, 65537);
	/* to the next odd one that leaves 1 */
	BN_ULONG step = (65537 + 1 - rest) % 65537;
	assert_int_equal(BN_add_word(number, step % 2 == 0 ? step : step + 65537), 1);
	assert_int_equal(BN_mod_word(number, 65537), 1);
	assert_false(keypair_bn_prime_fits(number, BITS));
	assert_int_equal(BN_add_word(number, 2), 1);
	assert_true(keypair_bn_prime_fits(number, BITS));
	BN_free(number);
}

static void close_primes_are_seen(void **state)
{
	BIGNUM *p = power(1023, 1);
	BIGNUM *distances[] = { power(0, -1),  power(0, 1),   power(923, 0), power(924, -1),
		                power(924, 0), power(924, 1), power(1000, 0) };
	static const bool fit[] = { false, false, false, false, false, true, true };

	(void)state;
	for (size_t i = 0; i < LENGTH(distances); i++) {
		BIGNUM *q = BN_new();
		assert_int_equal(BN_add(q, p, distances[i]), 1);
		assert_int_equal(keypair_bn_far_apart(p, q, BITS), fit[i]);
		assert_int_equal(keypair_bn_far_apart(q, p, BITS), fit[i]);
		BN_free(q);
		BN_free(distances[i]);
	}
	BN_free(p);
}

static void a_small_exponent_is_seen(void **state)
{
	BIGNUM *numbers[] = { power(2, 1),    power(1023, 1), power(1024, -1),
		              power(1024, 0), power(1024, 1), power(2040, 1) };
	static const bool fit[] = { false, false, false, false, true, true };

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		assert_int_equal(keypair_bn_exponent_fits(numbers[i], BITS), fit[i]);
		BN_free(numbers[i]);
	}
}

/* The next prime after p is too near; half of one is too small; p twice is no key. */
static void weak_primes_do_not_become_a_key(void **state)
{
	struct err err = { 0 };
	EVP_PKEY *good = NULL, *key = NULL;

	(void)state;
	assert_true(keypair_bn_make(BITS, &good, &err));
	BIGNUM *p = number_of(good, OSSL_PKEY_PARAM_RSA_FACTOR1);
	BIGNUM *q = number_of(good, OSSL_PKEY_PARAM_RSA_FACTOR2);
	BIGNUM *near = BN_dup(p);
	BIGNUM *small = BN_new();
	assert_int_equal(BN_add_word(near, 2), 1);
	assert_int_equal(BN_rshift(small, q, 512), 1);
	assert_false(keypair_bn_join(p, near, BITS, &key, &err));
	assert_false(keypair_bn_join(p, small, BITS, &key, &err));
	assert_false(keypair_bn_join(p, p, BITS, &key, &err));
	assert_null(key);
	assert_int_equal(err.code, ERR_CRYPTO);
	assert_true(keypair_bn_join(p, q, BITS, &key, &err));
	assert_int_equal(EVP_PKEY_eq(key, good), 1);
	EVP_PKEY_free(key);
	/* a factor that is no prime may be joined; the look at the whole finds it */
	assert_int_equal(BN_add_word(q, 2), 1);
	if (keypair_bn_join(p, q, BITS, &key, &err))
		assert_false(keypair_bn_whole(key));
	EVP_PKEY_free(key);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_clear_free(near);
	BN_clear_free(small);
	EVP_PKEY_free(good);
}

static void what_only_looks_prime_is_found(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_true(keypair_bn_setup(&err));
	assert_int_equal(err.code, 0);
}

static void a_pair_made_so_is_as_others_are(void **state)
{
	struct err err = { 0 };
	struct keypair pair = { 0 };

	(void)state;
	keypair_choose(KEYPAIR_BY_BN);
	assert_true(keypair_make(KEYPAIR_RSA, BITS, &pair, &err));
	assert_int_equal(pair.public_size, 294);
	keypair_drop(&pair);
	assert_false(keypair_make(KEYPAIR_RSA, 1024, &pair, &err));
	assert_true(keypair_make(KEYPAIR_RSA, 3072, &pair, &err));
	assert_int_equal(pair.public_size, 422);
	keypair_drop(&pair);
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	return secret_setup(&err) && keypair_setup(&err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_one),
		cmocka_unit_test(a_prime_has_its_size),
		cmocka_unit_test(a_prime_that_65537_divides_but_for_one_does_not_fit),
		cmocka_unit_test(close_primes_are_seen),
		cmocka_unit_test(a_small_exponent_is_seen),
		cmocka_unit_test(weak_primes_do_not_become_a_key),
		cmocka_unit_test(what_only_looks_prime_is_found),
		cmocka_unit_test(a_pair_made_so_is_as_others_are),
	};

	return cmocka_run_group_tests_name("keypair_bn", tests, setup, NULL);
}

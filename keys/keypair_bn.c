#include "keys/keypair_bn.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "core/base/words.h"

enum {
	SMALL = 10000, /* factors below are found without arithmetic of large numbers */
	WINDOW = 4096, /* odd numbers from a start on; a prime is among them but for e^-11 */
	APART = 100,   /* FIPS 186-5 A.1.3: |p - q| > 2^(nlen/2 - 100) */
	TRIES = 10,    /* keys; the first is one */
	PUBLIC_EXPONENT = 65537
};

static bool fault(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, _("no RSA key could be made"));
}

/* ---- what the numbers must be ---- */

bool keypair_bn_prime_fits(const BIGNUM *prime, int bits)
{
	int half = bits / 2;

	/* 65537 is prime: a common factor would be itself */
	return BN_num_bits(prime) == half && BN_is_bit_set(prime, half - 2) && BN_is_odd(prime)
	       && BN_mod_word(prime, PUBLIC_EXPONENT) != 1;
}

bool keypair_bn_far_apart(const BIGNUM *p, const BIGNUM *q, int bits)
{
	BIGNUM *difference = BN_secure_new();
	/* a number with k + 1 bits is 2^k at least, and above it if one less has them too */
	bool ok = difference != NULL && BN_sub(difference, p, q) == 1 && !BN_is_zero(difference);

	if (ok) {
		BN_set_negative(difference, 0);
		ok = BN_sub_word(difference, 1) == 1 && BN_num_bits(difference) > bits / 2 - APART;
	}
	BN_clear_free(difference);
	return ok;
}

bool keypair_bn_exponent_fits(const BIGNUM *d, int bits)
{
	/* 2^(bits/2) itself is even, and no exponent */
	return BN_is_odd(d) && BN_num_bits(d) > bits / 2;
}

/* ---- two primes become a key ---- */

struct numbers {
	BIGNUM *n, *e, *d, *p1, *q1, *dp, *dq, *qinv;
};

/* d = 1/e mod lcm(p - 1, q - 1), as FIPS 186-5 A.1.1 has it. */
static bool find_exponent(const struct numbers *key, BN_CTX *ctx)
{
	BIGNUM *common = BN_CTX_get(ctx);
	BIGNUM *product = BN_CTX_get(ctx);
	BIGNUM *lcm = BN_CTX_get(ctx);

	if (lcm == NULL)
		return false;
	BN_set_flags(product, BN_FLG_CONSTTIME);
	BN_set_flags(common, BN_FLG_CONSTTIME);
	BN_set_flags(lcm, BN_FLG_CONSTTIME);
	return BN_gcd(common, key->p1, key->q1, ctx) == 1
	       && BN_mul(product, key->p1, key->q1, ctx) == 1
	       && BN_div(lcm, NULL, product, common, ctx) == 1
	       && BN_mod_inverse(key->d, key->e, lcm, ctx) != NULL;
}

static bool find_numbers(struct numbers *key, const BIGNUM *p, const BIGNUM *q, BN_CTX *ctx)
{
	BIGNUM **const all[] = { &key->n,  &key->e,  &key->d,  &key->p1,
		                 &key->q1, &key->dp, &key->dq, &key->qinv };

	for (size_t i = 0; i < LENGTH(all); i++) {
		*all[i] = BN_CTX_get(ctx);
		if (*all[i] == NULL)
			return false;
		if (all[i] != &key->n && all[i] != &key->e)
			BN_set_flags(*all[i], BN_FLG_CONSTTIME);
	}
	return BN_set_word(key->e, PUBLIC_EXPONENT) == 1 && BN_mul(key->n, p, q, ctx) == 1
	       && BN_copy(key->p1, p) != NULL && BN_sub_word(key->p1, 1) == 1
	       && BN_copy(key->q1, q) != NULL && BN_sub_word(key->q1, 1) == 1
	       && find_exponent(key, ctx) && BN_div(NULL, key->dp, key->d, key->p1, ctx) == 1
	       && BN_div(NULL, key->dq, key->d, key->q1, ctx) == 1
	       && BN_mod_inverse(key->qinv, q, p, ctx) != NULL;
}

/* The parameters take the numbers over to secure memory of their own. */
static OSSL_PARAM *list_numbers(const struct numbers *key, const BIGNUM *p, const BIGNUM *q)
{
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	const struct {
		const char *name;
		const BIGNUM *number;
	} rows[] = {
		{ OSSL_PKEY_PARAM_RSA_N, key->n },
		{ OSSL_PKEY_PARAM_RSA_E, key->e },
		{ OSSL_PKEY_PARAM_RSA_D, key->d },
		{ OSSL_PKEY_PARAM_RSA_FACTOR1, p },
		{ OSSL_PKEY_PARAM_RSA_FACTOR2, q },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT1, key->dp },
		{ OSSL_PKEY_PARAM_RSA_EXPONENT2, key->dq },
		{ OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key->qinv },
	};
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < LENGTH(rows); i++)
		ok = OSSL_PARAM_BLD_push_BN(list, rows[i].name, rows[i].number) == 1;
	if (ok)
		params = OSSL_PARAM_BLD_to_param(list);
	OSSL_PARAM_BLD_free(list);
	return params;
}

static bool build(const struct numbers *numbers, const BIGNUM *p, const BIGNUM *q, EVP_PKEY **key)
{
	OSSL_PARAM *params = list_numbers(numbers, p, q);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	bool ok = params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1
	          && EVP_PKEY_fromdata(ctx, key, EVP_PKEY_KEYPAIR, params) == 1;

	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params); /* what was secure is cleared */
	return ok;
}

bool keypair_bn_join(const BIGNUM *p, const BIGNUM *q, int bits, EVP_PKEY **key, struct err *err)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	struct numbers numbers = { 0 };

	*key = NULL;
	if (ctx == NULL)
		return fault(err);
	BN_CTX_start(ctx);
	bool ok = keypair_bn_prime_fits(p, bits) && keypair_bn_prime_fits(q, bits)
	          && keypair_bn_far_apart(p, q, bits)
	          /* 1/q mod p is what OpenSSL keeps; it wants no order of the two */
	          && find_numbers(&numbers, p, q, ctx) && BN_num_bits(numbers.n) == bits
	          && keypair_bn_exponent_fits(numbers.d, bits) && build(&numbers, p, q, key);
	BN_CTX_end(ctx);
	BN_CTX_free(ctx); /* clears every number it gave out */
	return ok || fault(err);
}

bool keypair_bn_whole(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

/* ---- the search ---- */

/* struck[k]: start + 2k has a factor below SMALL. */
static void sieve(const BIGNUM *start, bool struck[static WINDOW])
{
	bool composite[SMALL] = { false };

	memset(struck, 0, WINDOW * sizeof *struck);
	for (size_t factor = 3; factor < SMALL; factor += 2) {
		if (composite[factor])
			continue;
		for (size_t i = factor * factor; i < SMALL; i += 2 * factor)
			composite[i] = true;
		size_t rest = (size_t)BN_mod_word(start, (BN_ULONG)factor);
		size_t step = (factor - rest) % factor; /* to the next multiple */
		if (step % 2 != 0)
			step += factor; /* the next odd one: start is odd */
		for (size_t k = step / 2; k < WINDOW; k += factor)
			struck[k] = true;
	}
}

/* Fermat's question to the base 2: whatever fails it is composite.  That what
 * passes is prime is for keypair_bn_whole() to say. */
static bool looks_prime(const BIGNUM *candidate, BN_CTX *ctx)
{
	bool ok = false;

	BN_CTX_start(ctx);
	BIGNUM *two = BN_CTX_get(ctx);
	BIGNUM *less = BN_CTX_get(ctx);
	BIGNUM *power = BN_CTX_get(ctx);
	if (power != NULL) {
		BN_set_flags(less, BN_FLG_CONSTTIME);
		ok = BN_set_word(two, 2) == 1 && BN_copy(less, candidate) != NULL
		     && BN_sub_word(less, 1) == 1
		     && BN_mod_exp_mont_consttime(power, two, less, candidate, ctx, NULL) == 1
		     && BN_is_one(power);
	}
	BN_CTX_end(ctx);
	return ok;
}

/* From a random start on, the first that looks prime.  False: none before the
 * window ends, or OpenSSL failed. */
static bool search(BIGNUM *prime, int bits, BN_CTX *ctx)
{
	bool struck[WINDOW];
	size_t at = 0;
	bool found = false;

	BN_set_flags(prime, BN_FLG_CONSTTIME);
	if (BN_priv_rand(prime, bits / 2, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD) != 1)
		return false;
	sieve(prime, struck);
	for (size_t k = 0; !found && k < WINDOW; k++) {
		if (struck[k])
			continue;
		if (BN_add_word(prime, (BN_ULONG)(2 * (k - at))) != 1)
			break;
		at = k;
		found = keypair_bn_prime_fits(prime, bits) && looks_prime(prime, ctx);
	}
	OPENSSL_cleanse(struck, sizeof struck);
	return found;
}

static bool find_prime(BIGNUM *prime, int bits, BN_CTX *ctx)
{
	bool found = false;

	for (int i = 0; prime != NULL && !found && i < TRIES; i++)
		found = search(prime, bits, ctx);
	return found;
}

bool keypair_bn_make(int bits, EVP_PKEY **key, struct err *err)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	BIGNUM *p = BN_secure_new();
	BIGNUM *q = BN_secure_new();
	bool ok = false;

	*key = NULL;
	for (int i = 0; !ok && ctx != NULL && i < TRIES; i++) {
		ok = find_prime(p, bits, ctx) && find_prime(q, bits, ctx)
		     && keypair_bn_join(p, q, bits, key, err) && keypair_bn_whole(*key);
		if (!ok) {
			EVP_PKEY_free(*key);
			*key = NULL;
		}
	}
	BN_clear_free(p);
	BN_clear_free(q);
	BN_CTX_free(ctx);
	return ok || fault(err);
}

/* ---- what it rests on ---- */

/* r (2r - 1) with r and 2r - 1 prime and r = 1 modulo 4: Fermat's question to the
 * base 2 takes it for a prime. */
static bool is_found_out(BIGNUM *prime, BIGNUM *fake, BN_CTX *ctx)
{
	static const char prime_text[] =
		"F062D480FEDEBCA740F568766C32E707B36949E72943A56BE2E054A3AC93433F"
		"FB0B217DF743FCE26F596322CC1CC8FB3F168E03D73DFF5E04060F92232D2848"
		"384CE07062D04DDA6518DE073CD8F0097D6D9D836A3BFA0CC8F2467AC389773B"
		"1002277303FFAADDA48B8A527D500DCD3CA87B9FA60093A6CD600FE3D8B2447D";
	static const char fake_text[] =
		"E003DBF3E4BB9734A727AE773022475BF671F8D836988A9F5B3ECAC82A05F675"
		"E38F313026F1DB84BF97C13B22AFA6FCBCC7C67E83E38098F4C5B42304AECE49"
		"2C36C0E1601D703F5224CDD8945E62AA413AD049B6DB747947725D3A5525BA95"
		"84C814EB8340D10B0EE96A2469689DAB70044F1DB5884C9FEE5C0C66745223E1";
	EVP_PKEY *key = NULL;
	struct err err = { 0 };

	bool ok = ctx != NULL && BN_hex2bn(&prime, prime_text) > 0
	          && BN_hex2bn(&fake, fake_text) > 0 && looks_prime(prime, ctx)
	          && looks_prime(fake, ctx) && keypair_bn_join(fake, prime, 2048, &key, &err)
	          && !keypair_bn_whole(key);
	EVP_PKEY_free(key);
	return ok;
}

bool keypair_bn_setup(struct err *err)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *prime = BN_new();
	BIGNUM *fake = BN_new();
	bool ok = is_found_out(prime, fake, ctx);

	BN_free(prime);
	BN_free(fake);
	BN_CTX_free(ctx);
	if (ok)
		return true;
	ERR_clear_error();
	(void)err_set(err, ERR_CRYPTO, _("OpenSSL's check of a key does not look at its primes"));
	return err_hint(err, _("do without --keygen bn"));
}

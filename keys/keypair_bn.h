#pragma once

/*
 * keypair_bn -- an RSA key by OpenSSL's numbers instead of its generator.
 *
 * The quicker way (doc/decisions/0023-keygen-bn.md), off unless asked for: primes
 * are searched as OpenSSL up to 1.1.1 did, from a random start on, and OpenSSL's
 * check of the whole key, with 64 rounds of Miller-Rabin for each prime, decides
 * whether it is one.
 *
 * Owner:   the EVP_PKEY is the caller's.
 * Failure: ERR_CRYPTO.
 * Memory:  all numbers lie on OpenSSL's secure heap, and are cleared.
 */

#include <stdbool.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "core/base/attr.h"
#include "core/base/err.h"

bool keypair_bn_make(int bits, EVP_PKEY **key, struct err *err) CHECKED;

/* Does OpenSSL's check of a whole key refuse a factor that the search takes for a
 * prime and that is none?  All rests on it, and its manual does not promise it:
 * to be asked once, before the first key. */
bool keypair_bn_setup(struct err *err) CHECKED;

/* ---- for its parts: what FIPS 186-5 A.1 asks of the numbers of a key of `bits` ---- */

/* Half the bits, the two highest of them set (above sqrt(2) 2^(bits/2-1)), odd, and
 * prime - 1 has no factor with 65537 in common. */
bool keypair_bn_prime_fits(const BIGNUM *prime, int bits);
/* |p - q| > 2^(bits/2 - 100) */
bool keypair_bn_far_apart(const BIGNUM *p, const BIGNUM *q, int bits);
/* d > 2^(bits/2) */
bool keypair_bn_exponent_fits(const BIGNUM *d, int bits);

/* The key of two primes that fit.  Nobody looked whether they are primes. */
bool keypair_bn_join(const BIGNUM *p, const BIGNUM *q, int bits, EVP_PKEY **key,
                     struct err *err) CHECKED;
/* EVP_PKEY_pairwise_check(), which EVP_PKEY_check() is another name of: both
 * factors prime by 64 rounds, and all numbers belong to each other. */
bool keypair_bn_whole(EVP_PKEY *key);

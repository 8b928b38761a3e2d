#pragma once

/*
 * keypair -- make a signing key.
 *
 * RSA by OpenSSL's EVP_RSA_gen, or by keypair_bn.h; Ed25519 by libsodium.  The private half comes
 * out as PKCS#8 DER in guarded memory, the public half as DKIM publishes it
 * (RSA: SubjectPublicKeyInfo DER; Ed25519: the 32 octets, RFC 8463).
 *
 * Why not ask OpenSSL for PKCS#8: EVP_PKEY2PKCS8 and OSSL_ENCODER leave copies
 * of the private numbers on the heap, secure heap or not (measured).  So
 * i2d_PrivateKey (PKCS#1) writes straight into guarded memory, behind a PKCS#8
 * header that is the same for every RSA key.
 *
 * Owner:   the secret is the caller's.
 * Failure: ERR_CRYPTO.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/secret.h"

enum keypair_kind { KEYPAIR_RSA = 1, KEYPAIR_ED25519 = 2 }; /* also stored: TAG_ALGORITHM */

enum { KEYPAIR_PUBLIC = 600, KEYPAIR_PKCS8 = 2600 };

struct keypair {
	struct secret pkcs8;
	unsigned char public_key[KEYPAIR_PUBLIC];
	size_t public_size;
};

/* How RSA keys are made. */
enum keypair_method { KEYPAIR_BY_EVP, KEYPAIR_BY_BN, KEYPAIR_METHODS };
extern const char *const keypair_method_names[KEYPAIR_METHODS];

/* From now on, here and in processes forked from here; KEYPAIR_BY_EVP at first. */
void keypair_choose(enum keypair_method method);

/* Prepare OpenSSL's secure heap.  Call once, before the first key. */
bool keypair_setup(struct err *err) CHECKED;

/* bits: 2048, 3072 or 4096 for RSA; ignored for Ed25519. */
bool keypair_make(enum keypair_kind kind, int bits, struct keypair *pair, struct err *err) CHECKED;

void keypair_drop(struct keypair *pair);

#pragma once

/*
 * keypair_openssl -- a key that OpenSSL holds, or a bare seed, as a keypair.
 *
 * Only for processes that end afterwards: what OpenSSL leaves on its heap goes
 * with them (keys/foundry.h).
 *
 * Owner:   the EVP_PKEY stays the caller's; the pair is the caller's.
 * Failure: ERR_CRYPTO.
 */

#include <openssl/evp.h>

#include "keys/keypair.h"

bool keypair_from_rsa(EVP_PKEY *key, struct keypair *pair, struct err *err) CHECKED;

/* `seed`: 32 bytes. */
bool keypair_from_seed(const struct secret *seed, struct keypair *pair, struct err *err) CHECKED;

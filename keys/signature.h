#pragma once

/*
 * signature -- does this private key sign what that public key verifies?
 *
 * RSA: PKCS#1 v1.5 with SHA-256, as DKIM does (RFC 6376 3.3.2); Ed25519: pure
 * (RFC 8463).
 *
 * Failure: ERR_CRYPTO.
 * Secrets: OpenSSL sees the private numbers: call signature_make() only in a
 *          process that ends soon after (keys/prover.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/keypair.h"
#include "keys/secret.h"

enum { SIGNATURE_MOST = 512 };

bool signature_make(enum keypair_kind kind, const struct secret *pkcs8, const void *message,
                    size_t length, uint8_t signature[static SIGNATURE_MOST], size_t *size,
                    struct err *err) CHECKED;

/* The public half as DKIM publishes it (keys/keypair.h). */
bool signature_check(enum keypair_kind kind, const void *public_key, size_t public_size,
                     const void *message, size_t length, const uint8_t *signature, size_t size,
                     struct err *err) CHECKED;

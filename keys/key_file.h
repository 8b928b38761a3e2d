#pragma once

/*
 * key_file -- a private key as the programs on a relay want to read it.
 *
 *	pem      "-----BEGIN PRIVATE KEY-----", base64 in lines of 64, "-----END ..."
 *	rspamd   RSA: the same PEM; Ed25519: one line, base64(seed || public)
 *
 * OpenDKIM and Exim read PKCS#8 PEM; rspamd 3.4 refuses it for Ed25519.  The
 * text exists only in guarded memory, and is made on the relay only.
 *
 * Failure: ERR_CRYPTO when the input is not PKCS#8.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/secret.h"

bool key_file_pem(const struct secret *pkcs8, struct secret *out, struct err *err) CHECKED;
bool key_file_rspamd(const struct secret *pkcs8, struct secret *out, struct err *err) CHECKED;

/* Is it the PKCS#8 of an Ed25519 key? */
bool key_file_is_ed25519(const struct secret *pkcs8);

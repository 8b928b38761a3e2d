#pragma once

/*
 * officer_key -- the key pair of an officer, behind a passphrase.
 *
 *	 0  'S' 'K' 'I' 0x01
 *	 4  salt 16
 *	20  passes u32 BE
 *	24  memory u64 BE        bytes
 *	32  made u64 BE          seconds since 1970
 *	40  public key 32        X25519
 *	72  nonce 24
 *	96  XChaCha20-Poly1305(secret key) 48, AAD = bytes 0..96
 *
 * The passphrase goes through Argon2id13, at its SENSITIVE cost unless the
 * officer said otherwise; files below MODERATE, and files that ask for more
 * than OFFICER_KEY_MEMORY, are refused.
 *
 * The public half travels as text, "sko1:" and base64; its fingerprint is read
 * aloud when the officer is registered.
 *
 * Owner:   struct officer_key is dropped by whoever declared it.
 * Failure: as secret_file; ERR_CRYPTO for a damaged file or a wrong
 *          passphrase; ERR_REFUSED for a cost out of bounds; ERR_INPUT for text.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/fingerprint.h"
#include "keys/secret.h"

enum { OFFICER_KEY_PUBLIC = 32, OFFICER_KEY_TEXT = 64 };
#define OFFICER_KEY_MEMORY (1024ULL * 1024 * 1024)

struct officer_key {
	uint8_t public_key[OFFICER_KEY_PUBLIC];
	struct secret secret_key; /* empty: only the public half was read */
};

enum officer_cost { OFFICER_SENSITIVE, OFFICER_MODERATE, OFFICER_COSTS };

/* "sensitive", "moderate"; OFFICER_COSTS for a word that is none. */
enum officer_cost officer_key_cost(const char *word);

/* Make one and write it to a new file, mode 0400. */
bool officer_key_make(struct officer_key *key, const char *path, const struct secret *passphrase,
                      enum officer_cost cost, struct err *err) CHECKED;

/* Without a passphrase: the public half only, as the file says it. */
bool officer_key_read(struct officer_key *key, const char *path, const struct secret *passphrase,
                      struct err *err) CHECKED;
void officer_key_drop(struct officer_key *key);

void officer_key_render(const uint8_t public_key[static OFFICER_KEY_PUBLIC],
                        char text[static OFFICER_KEY_TEXT]);
bool officer_key_parse(const char *text, uint8_t public_key[static OFFICER_KEY_PUBLIC],
                       struct err *err) CHECKED;

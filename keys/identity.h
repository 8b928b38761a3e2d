#pragma once

/*
 * identity -- a relay's own keys: one to receive, one to sign what it says.
 *
 * Both grow from one seed, kept in a file of the relay, mode 0600:
 *
 *	'S' 'K' 'R' 0x01  seed 32  BLAKE2b-128 of all before
 *
 * The public part travels as text, "skr1:" and base64 of X25519 (32) and
 * Ed25519 (32).  Its fingerprint, BLAKE2b-128 in groups of base32, is what one
 * administrator reads to another when a relay is enrolled.
 *
 * The public key that signs bundles has a text form too: "sks1:" and base64.
 *
 * Owner:   struct identity is dropped by whoever declared it.
 * Failure: as secret_file; ERR_CRYPTO for a damaged file; ERR_INPUT for text.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/fingerprint.h"
#include "keys/secret.h"

enum {
	IDENTITY_BOX = 32,
	IDENTITY_SIGN = 32,
	IDENTITY_PUBLIC = 64,
	IDENTITY_TEXT = 128,
	IDENTITY_FINGERPRINT = FINGERPRINT_TEXT,
};

struct identity {
	struct secret box;  /* X25519 */
	struct secret sign; /* Ed25519, 64 bytes */
	uint8_t public_key[IDENTITY_PUBLIC];
};

/* Make one and write it to a new file. */
bool identity_make(struct identity *identity, const char *path, struct err *err) CHECKED;

bool identity_read(struct identity *identity, const char *path, struct err *err) CHECKED;

void identity_drop(struct identity *identity);

void identity_render(const uint8_t public_key[static IDENTITY_PUBLIC],
                     char text[static IDENTITY_TEXT]);
bool identity_parse(const char *text, uint8_t public_key[static IDENTITY_PUBLIC],
                    struct err *err) CHECKED;

/* "abcd-efgh-ijkl-mnop-qrst-uvwx-yz" */
void identity_fingerprint(const uint8_t public_key[static IDENTITY_PUBLIC],
                          char text[static IDENTITY_FINGERPRINT]);

void identity_render_signer(const uint8_t public_key[static IDENTITY_SIGN],
                            char text[static IDENTITY_TEXT]);
bool identity_parse_signer(const char *text, uint8_t public_key[static IDENTITY_SIGN],
                           struct err *err) CHECKED;

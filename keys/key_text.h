#pragma once

/*
 * key_text -- a private key as other programs write it: opendkim-genkey,
 * openssl and rspamadm.
 *
 *	PEM, PKCS#1 or PKCS#8: RSA (1024, 2048, 3072 or 4096 bits) and Ed25519
 *	one line of base64: an Ed25519 seed (32 bytes) or seed and public half (64)
 *
 * Runs in a process that is locked in and ends afterwards (keys/foundry.h):
 * the text may come from anybody, and OpenSSL leaves traces.
 *
 * Failure: an enum, because that process has no words.
 * Secrets: the text and the pair.
 */

#include <stddef.h>

#include "core/base/attr.h"
#include "keys/keypair.h"

enum { KEY_TEXT_MOST = 8192 };

enum key_text_fault {
	KEY_TEXT_FINE,
	KEY_TEXT_NO_KEY,    /* neither PEM nor base64 of a seed */
	KEY_TEXT_PUBLIC,    /* the public half, or a certificate */
	KEY_TEXT_ENCRYPTED, /* wants a passphrase */
	KEY_TEXT_KIND,      /* neither RSA nor Ed25519 */
	KEY_TEXT_BITS,      /* an RSA key of another size */
	KEY_TEXT_BROKEN,    /* its numbers do not belong together */
	KEY_TEXT_INTERNAL,
	KEY_TEXT_FAULTS
};

/* What a person is told, in the language of the process that asks. */
const char *key_text_sentence(enum key_text_fault fault);

/* What OpenSSL needs to open files for: before the process is locked in. */
void key_text_setup(void);

enum key_text_fault key_text_read(const unsigned char *text, size_t size, enum keypair_kind *kind,
                                  int *bits, struct keypair *pair) CHECKED;

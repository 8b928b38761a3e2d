#pragma once

/*
 * sha256 -- a fingerprint of bytes that come in pieces (FIPS 180-4).
 *
 * For telling whether two files are the same, never for keys: those use
 * libsodium, in keys/.
 *
 * Failure: none.
 * Secrets: never here; nothing is wiped.
 */

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	unsigned char block[64];
};

void sha256_begin(struct sha256 *sum);
void sha256_add(struct sha256 *sum, const void *bytes, size_t size);

/* The fingerprint as 64 hexadecimal digits. */
void sha256_end(struct sha256 *sum, char hex[static 65]);

#pragma once

/*
 * digest -- BLAKE2b-256 of public bytes: are two trees of files the same?
 *
 * Owner:   digest_take() makes one, digest_end() or digest_drop() ends it.
 * Failure: none; out of memory ends the process.
 * Secrets: none; what is hashed here is not wiped.
 */

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 65 };

struct digest;

struct digest *digest_take(void);
void digest_add(struct digest *digest, const void *bytes, size_t size);
/* A text with its NUL, so that "ab" "c" and "a" "bc" differ. */
void digest_add_text(struct digest *digest, const char *text);
/* The result; the digest is gone afterwards. */
void digest_end(struct digest *digest, uint8_t out[static DIGEST_BYTES]);
/* NULL is fine. */
void digest_drop(struct digest *digest);

#pragma once

/*
 * fingerprint -- a public key as one person reads it to another.
 *
 * BLAKE2b-128 in groups of base32: "abcd-efgh-ijkl-mnop-qrst-uvwx-yz".
 */

#include <stddef.h>

enum { FINGERPRINT_TEXT = 40 };

void fingerprint_render(const void *bytes, size_t size, char text[static FINGERPRINT_TEXT]);

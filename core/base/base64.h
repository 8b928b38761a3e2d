#pragma once

/*
 * base64 -- octets as letters (RFC 4648 4), for public halves and digests.
 *
 * Owner:   decoded octets live in the arena that was passed in.
 * Failure: false; the caller knows the place and says what is wrong there.
 * Secrets: not here; keys/ has its own, in constant time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/text.h"

void base64_render(struct text *out, const void *octets, size_t size);

/* Blanks, tabs and line ends are skipped (folding white space); padding may
 * be missing at the end; anything else is refused. */
bool base64_parse(struct arena *arena, const char *text, size_t length, const uint8_t **octets,
                  size_t *size) CHECKED;

#pragma once

/*
 * hex -- public bytes in JSON: two lower-case digits each.
 *
 * Secrets: none; this is not constant-time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"

/* `text` has room for 2 * size + 1. */
void hex_render(const void *bytes, size_t size, char *text);

/* False when it is not hex or does not fit. */
bool hex_parse(const char *text, unsigned char *bytes, size_t room, size_t *size) CHECKED;

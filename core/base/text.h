#pragma once

/*
 * text -- a growing piece of plain text, for rendering.
 *
 * Owner:   whoever declared it; give back with text_free().  {0} is empty.
 * Failure: none; out of memory ends the process.
 * Secrets: never here; use keys/secret.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"

struct text {
	char *data; /* always ends in NUL once anything was added */
	size_t length;
	size_t room;
};

void text_add(struct text *text, const char *s);
void text_add_bytes(struct text *text, const void *bytes, size_t size);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The text so far, "" when nothing was added yet; valid until the next add. */
const char *text_string(const struct text *text);

/* Forget the content, keep the room. */
void text_clear(struct text *text);

void text_free(struct text *text);

#pragma once

/*
 * utf8 -- reading UTF-8 one character at a time, strictly.
 *
 * Over-long forms, surrogates and cut characters are not UTF-8 (RFC 3629 3).
 *
 * Owner:   none; borrows what it reads.
 * Failure: a length of 0.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"

/* The character at the start of `text`; returns its octets (1..4), or 0 when
 * the text is empty or not UTF-8 there. */
size_t utf8_next(const char *text, size_t length, uint32_t *point);

/* All of it is UTF-8. */
bool utf8_valid(const char *text, size_t length);

/* The longest part of `text` that has at most `most` octets and ends with a whole character. */
size_t utf8_cut(const char *text, size_t length, size_t most);

/* How many characters; octets that are not UTF-8 count as one each. */
size_t utf8_count(const char *text, size_t length);

/* Write a character (at most 4 octets, no NUL behind); returns the octets. */
size_t utf8_put(char out[4], uint32_t point);

/* Characters that cannot be seen but change what is read: soft hyphen, zero
 * width space and joiners, direction marks, variation selectors, tags, BOM. */
bool utf8_invisible(uint32_t point);

/* The C0 and C1 controls, DEL among them. */
bool utf8_control(uint32_t point);

/* A stranger's text, fit to be shown: what is no UTF-8, a control, or invisible
 * becomes "?". */
const char *utf8_plain(struct arena *arena, const char *text, size_t length);

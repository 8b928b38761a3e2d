#pragma once

/*
 * letter -- a plain text mail as it travels (RFC 5322, MIME).  Pure.
 *
 * Everything in the result is ASCII with lines of at most 78 characters: words
 * of the subject that are not are encoded (RFC 2047), the body is
 * quoted-printable (RFC 2045 6.7), so no relay on the way has to change it.
 *
 * Owner:   the text is the caller's.
 * Safety:  control characters in subject and body leave as blanks: nothing
 *          that a stranger published becomes a line of the head.
 */

#include <stddef.h>
#include <stdint.h>

#include "core/base/text.h"

struct letter {
	const char *from;
	const char *const *to;
	size_t to_count;
	const char *subject; /* UTF-8 */
	const char *body;    /* UTF-8, lines ending in \n */
	const char *id;      /* left half of the Message-ID; unique */
	int64_t at;          /* seconds since 1970 */
	const char *language;
};

void letter_render(const struct letter *letter, struct text *out);

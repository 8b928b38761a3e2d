#pragma once

/*
 * spf_guess -- what was probably meant by a term of an SPF record that is
 * broken, or that is in the grammar and can never do what somebody hoped.
 *
 * Knows the mistakes people make: "ip:" for "ip4:", a space behind the colon,
 * an address where a name is wanted.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/record/spf_record.h"

struct spf_guess {
	size_t at;         /* the octet of the term's text that is wrong, from 0 */
	const char *text;  /* one sentence */
	const char *meant; /* what to write instead, valid by itself; NULL: not certain */
	bool joins;        /* the term behind it is a part of it */
};

/* False: no better sentence than the parser's, or nothing to say; `meant` may
 * be set nevertheless.  `next` is the term behind it, NULL at the end. */
bool spf_guess_term(struct arena *arena, const struct spf_term *term, const struct spf_term *next,
                    struct spf_guess *guess);

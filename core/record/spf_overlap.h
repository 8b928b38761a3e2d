#pragma once

/*
 * spf_overlap -- which terms of an SPF record say again what others say.
 *
 * By meaning, not by spelling: "A", "+a" and "a:acme.example" in the record of
 * acme.example are the same, and 192.0.2.1 is a part of 192.0.2.0/24.
 *
 * Owner:   the result lives in the arena that was passed in and points into
 *          the record.
 */

#include "core/base/arena.h"
#include "core/record/spf_record.h"

enum spf_overlap_kind {
	SPF_OVERLAP_NONE,
	SPF_OVERLAP_SAME,  /* the other stands before it */
	SPF_OVERLAP_PART,  /* every address of it is one of the other, with the same sign */
	SPF_OVERLAP_NEVER, /* the other, with another sign, matches before it */
	SPF_OVERLAPS,
};

struct spf_overlap {
	enum spf_overlap_kind kind;
	const struct spf_term *other;
};

/* One answer for each term; `domain` is where the record stands, NULL when
 * nobody knows. */
const struct spf_overlap *spf_overlap_find(struct arena *arena, const struct spf_record *record,
                                           const char *domain);

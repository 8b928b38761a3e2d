#pragma once

/*
 * remedy -- what the reader of a verdict can do about it.
 *
 * Owner: texts live in the arena that was passed in.
 */

#include "core/base/arena.h"
#include "core/verify/verdict.h"

struct remedy {
	const char *sentence;  /* translated; NULL: nothing is to be done */
	const char *zone_line; /* the record it speaks of, for a zone file; NULL: none */
	const char *then;      /* translated; what comes after it; NULL: nothing */
};

struct remedy remedy_find(struct arena *arena, const struct verdict *verdict);

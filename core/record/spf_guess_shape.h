#pragma once

/*
 * spf_guess_shape -- a term of an SPF record as it looks, whether it is in the
 * grammar or not: signs, name, separator, value.
 *
 * Owner:   the texts belong to the term and to the arena.
 */

#include <stddef.h>

#include "core/base/arena.h"
#include "core/record/spf_record.h"

struct spf_guess_shape {
	struct arena *arena;
	const char *text;
	enum spf_kind kind;
	const struct spf_term *next; /* NULL at the end of the record */
	size_t signs;                /* how many of + - ? ~ stand in front */
	const char *name;            /* up to ":", "=" or "/" */
	char separator;              /* NUL: none */
	const char *value;
};

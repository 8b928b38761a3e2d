#pragma once

/*
 * record_format -- requirements as text that other programs read: zone file, CSV.
 *
 * Owner:   the caller's text.
 * Failure: none; every value is quoted as its format wants it.
 */

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/model/requirement.h"

/* A fragment of a zone file; what goes and what is no record stands in comments. */
void record_format_zone(struct text *out, struct arena *arena, const struct requirement_list *list);

/* RFC 4180 with a line of names; lines end in CR LF. */
void record_format_csv(struct text *out, const struct requirement_list *list);

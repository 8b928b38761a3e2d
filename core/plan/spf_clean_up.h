#pragma once

/*
 * spf_clean_up -- terms of a record that cost look-ups and do nothing.
 *
 * For spf_alternative.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports.
 */

#include "core/plan/spf_limit.h"

struct spf_clean_up {
	size_t frees;        /* look-ups */
	const char *without; /* the record without that term */
	const char *why;     /* one sentence */
};

/* The candidates of this record, which was priced.  `ask` and `domain` may be
 * NULL: then the text alone is looked at. */
bool spf_clean_up_find(struct arena *arena, const struct ask *ask, const char *domain,
                       const char *record, const struct spf_price *price,
                       struct spf_clean_up **found, size_t *count, struct err *err) CHECKED;

#pragma once

/*
 * spf_outsider -- a relay that what shall be added does not let in.
 *
 * Then no record with these terms helps, wherever it stands.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports.
 */

#include "core/plan/ask.h"

/* *reason becomes NULL when all pass, or when DNS did not say. */
bool spf_outsider_find(struct arena *arena, const struct ask *ask, const char *domain,
                       const struct spf_merge_wish *wish, const char **reason,
                       struct err *err) CHECKED;

#pragma once

/*
 * verdict_store -- keep what a look at a domain found: observations, verdicts,
 * events for what changed, and the moments of keys that were seen or missed.
 *
 * Runs inside the caller's writing transaction.
 *
 * Failure: what db reports.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/verify/domain_check.h"

/* confirmed[i] belongs to verdict i; room for all of them. */
bool verdict_store(struct db *db, struct arena *arena, const struct domain_check *check,
                   bool confirmed[], struct err *err) CHECKED;

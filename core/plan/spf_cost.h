#pragma once

/*
 * spf_cost -- what an SPF record costs a receiver at worst: all DNS-causing
 * terms of the record and of everything it includes (RFC 7208 4.6.4).
 *
 * Owner:   nothing is kept.
 * Failure: what asking reports; a branch that cannot be known is counted in
 *          `unknown`, not guessed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/plan/ask.h"

struct spf_cost {
	size_t lookups;   /* counting stops some way above the limit */
	size_t unknown;   /* includes that did not answer, are broken or hold macros */
	const char *dead; /* an include without an SPF record: permerror for all; NULL */
};

bool spf_cost(struct arena *arena, const struct ask *ask, const char *record, struct spf_cost *cost,
              struct err *err) CHECKED;

#pragma once

/*
 * spf_limit -- does a merged record stay within what receivers look up?
 *
 * More than ten look-ups (RFC 7208 4.6.4), more than two that find nothing, or
 * a name without a record: a permerror for everybody.  What we would cause is
 * refused; what is so today already is only said.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports.
 */

#include "core/plan/spf_merge.h"
#include "core/plan/spf_price.h"

struct spf_limit {
	struct spf_price today; /* of the record that stands there */
	struct spf_price then;  /* of the record that shall, or was not good enough */
};

/* `ask` may be NULL: then only the terms of the record itself are counted. */
bool spf_limit_check(struct arena *arena, const struct ask *ask, const char *domain,
                     struct spf_merge *merge, struct spf_limit *limit, struct err *err) CHECKED;

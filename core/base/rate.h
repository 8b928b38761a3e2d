#pragma once

/*
 * rate -- so many a second and no more, evenly; what was not used in the last
 * tenth of a second is not saved up.
 *
 * Owner: a value of the caller; { .per_second = 0 } lets everything pass.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"

struct rate {
	double per_second;
	double allowance;
	int64_t at; /* milliseconds of clock_ticks() */
};

/* One more, now?  False: try again later. */
bool rate_take(struct rate *rate, int64_t now) CHECKED;

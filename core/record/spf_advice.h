#pragma once

/*
 * spf_advice -- what is allowed in one term of an SPF record, and unwise.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stddef.h>

#include "core/base/arena.h"
#include "core/record/spf_finding.h"
#include "core/record/spf_overlap.h"
#include "core/record/spf_record.h"

enum { SPF_ADVICE_MOST = 6 };

struct spf_advice {
	enum spf_severity severity;
	const char *text;
};

/* About a term that receivers read; returns how many sentences were written.
 * `domain` is where the record stands, NULL when nobody knows. */
size_t spf_advice_term(struct arena *arena, const struct spf_term *term,
                       const struct spf_overlap *overlap, const char *domain,
                       struct spf_advice advice[SPF_ADVICE_MOST]);

#pragma once

/*
 * spf_lint -- what is wrong, or only unwise, in one SPF record.
 *
 * Pure: looks at the text alone, asks nobody.  Reads what people really paste:
 * also a text that is no record at all gets its findings.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/record/spf_finding.h"

struct spf_lint {
	const struct spf_finding *findings; /* in the order of the text, those about all last */
	size_t count;
	size_t errors;
	size_t warnings;
	unsigned lookups; /* terms of this record that make receivers ask */
};

/* Where the record stands, as far as it is known; {0} is nowhere. */
struct spf_lint_place {
	const char *domain;
	bool published;      /* it comes from DNS, so its strings are split already */
	size_t other_octets; /* what the other TXT records of the name add to an answer */
};

/* What a TXT record of this length takes in an answer, its name compressed. */
size_t spf_lint_answer_octets(size_t length);

/* `place` may be NULL. */
void spf_lint_run(struct arena *arena, const char *text, size_t length,
                  const struct spf_lint_place *place, struct spf_lint *lint);

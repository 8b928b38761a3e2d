#pragma once

/*
 * spf_lint -- what is wrong, or only unwise, in one SPF record.
 *
 * Pure: looks at the text alone, asks nobody.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"

struct spf_finding {
	bool error;    /* receivers answer permerror; else it is a warning */
	size_t column; /* 0: about the record as a whole */
	const char *token;
	const char *text;
};

struct spf_lint {
	const struct spf_finding *findings;
	size_t count;
	size_t errors;
	unsigned lookups; /* terms of this record that need one */
};

void spf_lint_run(struct arena *arena, const char *text, size_t length, struct spf_lint *lint);

#pragma once

/*
 * diagnosis -- which of the usual mistakes was made with a record, and the line
 * as it should be.
 *
 * A table: one row, one mistake.  A row says where else the record may stand, or
 * how a text is repaired, or has a look of its own; it is believed only when what
 * it finds is our record after all.  The first row that is certain is the
 * diagnosis.
 *
 * Owner:   texts live in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/evidence.h"

struct diagnosis {
	const char *mistake;  /* "doubled-zone" */
	const char *sentence; /* translated, with the thing that is wrong */
	const char *found_at;
	const char *name;
	const char *type;
	const char *value; /* NULL: see the remedy */
	enum evidence_remedy remedy;
};

/* After a check: give the verdict its diagnosis, and the state and explanation
 * that follow from it.  Leaves it alone when no row fits.  False: call again. */
bool diagnosis_find(struct inquiry *inquiry, const struct domain_check *check,
                    struct verdict *verdict);

/* The rows, for the documentation: the word, and the sentence (not translated)
 * in *sentence; NULL behind the last one. */
const char *diagnosis_mistake(size_t row, const char **sentence);

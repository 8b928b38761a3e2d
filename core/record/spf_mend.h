#pragma once

/*
 * spf_mend -- a broken SPF record as it was certainly meant.
 *
 * Takes away quotes and blanks around it, and puts the linter's advice in place
 * of each token that is broken.  A guess that leaves an error is none.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include <stdbool.h>

#include "core/base/arena.h"

/* NULL: the record is good already, or what was meant is not certain.  *fault
 * (may be NULL) becomes the first token that is wrong. */
const char *spf_mend(struct arena *arena, const char *text, const char **fault);

/* Is this a record but for quotes or blanks around it?  Receivers see none. */
bool spf_mend_is_wrapped(struct arena *arena, const char *text);

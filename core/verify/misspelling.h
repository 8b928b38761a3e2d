#pragma once

/*
 * misspelling -- characters that a panel, a mail or a word processor put into a
 * TXT value, or made others of.
 *
 * A table for each such mistake says what is written and what was meant.
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/evidence.h"

struct spelling {
	const char *written;
	const char *meant;
};

/* Each ends with a row of NULL.  The longest of equal beginnings stands first. */
extern const struct spelling misspelling_quotes[];
extern const struct spelling misspelling_backslashes[];
extern const struct spelling misspelling_entities[];
extern const struct spelling misspelling_line_breaks[];
extern const struct spelling misspelling_look_alikes[];

/* Does a text at the name become ours when it is spelt as it was meant? */
void misspelling_look(const struct evidence *evidence, const struct spelling *spellings,
                      struct evidence_clue *clue);

/* The text at the name was `written`; `meant` is ours: fill the clue. */
void misspelling_repaired(const struct evidence *evidence, const char *written, const char *meant,
                          struct evidence_clue *clue);

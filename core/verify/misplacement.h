#pragma once

/*
 * misplacement -- is the record there, under a wrong name?
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/evidence.h"

/* Look at names written with the words NAME (where it should stand), DOMAIN,
 * ZONE and SELECTOR, a blank between them: "NAME.ZONE _domainkey.DOMAIN".
 * False: call again. */
bool misplacement_look(const struct evidence *evidence, const char *places,
                       struct evidence_clue *clue);

/* Under the selector of another key of the domain. */
bool misplacement_other_selector(const struct evidence *evidence, struct evidence_clue *clue);

/* A name that nobody made is answered as ours is. */
bool misplacement_wildcard(const struct evidence *evidence, struct evidence_clue *clue);

#pragma once

/*
 * spf_guess_word -- what was probably meant by the word a term begins with:
 * the part of spf_guess that knows mechanisms and modifiers.
 *
 * Owner:   texts live in the shape's arena.
 */

#include <stdbool.h>

#include "core/record/spf_guess.h"
#include "core/record/spf_guess_shape.h"

/* A mechanism, redirect or exp, in any case. */
bool spf_guess_word_is(const char *word);

/* "=" behind redirect and exp, else ":". */
const char *spf_guess_word_separator(const char *word);

bool spf_guess_word_run(struct spf_guess_shape *shape, struct spf_guess *guess);

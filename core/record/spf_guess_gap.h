#pragma once

/*
 * spf_guess_gap -- what was probably meant where one term ends and the next
 * begins: the part of spf_guess that knows quotes, signs, commas and spaces.
 *
 * Owner:   texts live in the shape's arena.
 */

#include <stdbool.h>

#include "core/record/spf_guess.h"
#include "core/record/spf_guess_shape.h"

bool spf_guess_gap_run(struct spf_guess_shape *shape, struct spf_guess *guess);

#pragma once

/*
 * spf_guess_value -- what was probably meant by what stands behind the colon
 * of a term: the part of spf_guess that knows names and addresses.
 *
 * Owner:   texts live in the shape's arena.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/record/spf_guess.h"
#include "core/record/spf_guess_shape.h"

bool spf_guess_value_run(struct spf_guess_shape *shape, struct spf_guess *guess);

/* For terms with characters that are not plain ASCII. */
bool spf_guess_value_letters(struct spf_guess_shape *shape, struct spf_guess *guess);

/* 4 or 6 when the text is an IP address, else 0. */
int spf_guess_value_family(const char *text, size_t length);

/* Two labels or more, the last one no number. */
bool spf_guess_value_is_host(const char *text, size_t length);

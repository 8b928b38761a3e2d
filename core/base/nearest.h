#pragma once

/*
 * nearest -- "did you mean ...?"
 *
 * The candidate that is closest to a mistyped word (optimal string alignment
 * distance), or NULL when none is close enough to be worth saying.
 */

#include <stddef.h>

const char *nearest(const char *word, const char *const candidates[], size_t count);

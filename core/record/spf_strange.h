#pragma once

/*
 * spf_strange -- what word processors and web pages put for plain characters:
 * quotes, dashes, spaces, line breaks.  People paste SPF records from there.
 */

#include <stddef.h>

/* One sentence about the character that stands there; NULL when it is none of
 * them.  `plain`, when it is not NULL, becomes what to write instead; NUL is
 * nothing at all. */
const char *spf_strange_what(const char *octets, size_t length, char *plain);

#pragma once

/*
 * mistagging -- all of a record's content is there, and its form is not: tags
 * twice, without semicolons, in capitals, with other words before or behind.
 *
 * A repair writes the text as it was meant.  Repairs are pure.
 *
 * Owner: clues live in the inquiry.
 */

#include <stdbool.h>

#include "core/base/text.h"
#include "core/verify/evidence.h"

typedef void (*mistagging_repair_fn)(const struct evidence *evidence, const char *text,
                                     struct text *out);

/* One line of a zone file: s1._domainkey IN TXT ( "v=DKIM1; " "p=..." ) */
void mistagging_zone_line(const struct evidence *evidence, const char *text, struct text *out);

/* The whole value twice. */
void mistagging_second_copy(const struct evidence *evidence, const char *text, struct text *out);

/* Words before the value, or after it. */
void mistagging_leading(const struct evidence *evidence, const char *text, struct text *out);
void mistagging_trailing(const struct evidence *evidence, const char *text, struct text *out);

/* One tag twice: p=p=..., or p=...; p=... */
void mistagging_second_tag(const struct evidence *evidence, const char *text, struct text *out);

/* Commas or blanks where semicolons belong. */
void mistagging_separators(const struct evidence *evidence, const char *text, struct text *out);

/* V=dkim1 */
void mistagging_letter_case(const struct evidence *evidence, const char *text, struct text *out);

/* v=DKIM, v=spf2, v=spf1include:... */
void mistagging_version(const struct evidence *evidence, const char *text, struct text *out);

/* v= is there, behind other tags. */
void mistagging_version_first(const struct evidence *evidence, const char *text, struct text *out);

/* Does a text at the name become ours by this repair? */
void mistagging_look(const struct evidence *evidence, mistagging_repair_fn repair,
                     struct evidence_clue *clue);

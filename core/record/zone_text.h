#pragma once

/*
 * zone_text -- records as a zone file, a panel and a person need them.
 *
 * Owner:   strings live in the arena that was passed in.
 * Failure: none; any octet can be written, unprintable ones as \DDD (RFC 1035 5.1).
 */

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/text.h"

enum { ZONE_TEXT_STRING = 255 };

/* Cut a TXT value into strings of at most 255 octets.  A cut falls behind a
 * blank where there is one near, else inside the long value (a DKIM key);
 * never inside the name of a tag.  Ends with NULL; *count may be NULL. */
const char **zone_text_split(struct arena *arena, const char *value, size_t *count);

/* "one" "two": quoted, with escapes. */
void zone_text_quote(struct text *out, const char *value);

/* A whole line: NAME. TTL IN TYPE DATA.  `value` of a CNAME, NS, MX or PTR
 * gets its final dot here; a TXT is split and quoted here. */
void zone_text_line(struct text *out, struct arena *arena, const char *name, long ttl,
                    const char *type, const char *value);

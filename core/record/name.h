#pragma once

/*
 * name -- domain names: any form in, lower-case A-labels inside, U-labels for people.
 *
 * A name that passed here holds only a-z, 0-9, dash, dot (and underscore in
 * NAME_RECORD): it may stand in a zone, a Postfix table or a file name without
 * further thought.  The one door to libidn2.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT with the column (counted in characters from 1) and a hint.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum { NAME_OCTETS = 253, NAME_LABEL_OCTETS = 63 };

enum name_kind {
	NAME_HOST,     /* a domain or a host: two labels or more, no underscore */
	NAME_RECORD,   /* where a DNS record stands: underscores as in _dmarc */
	NAME_LABEL,    /* one label alone, for a selector or a new subdomain */
	NAME_SELECTOR, /* one or more labels, no underscore: a DKIM selector */
	NAME_KINDS,
};

/* Any form (upper case, U-labels, full-width dots, one final dot) becomes
 * lower-case A-labels without a final dot. */
bool name_parse(struct arena *arena, const char *text, enum name_kind kind, const char **name,
                struct err *err) CHECKED;

/* The same for text that may hold NUL or is part of a longer one; `column` is
 * the column of its first character, for the complaint. */
bool name_parse_part(struct arena *arena, const char *text, size_t length, enum name_kind kind,
                     size_t column, const char **name, struct err *err) CHECKED;

/* A-labels -> U-labels for people.  A name with a warning stays in A-labels:
 * a look-alike must not look alike on our own pages. */
const char *name_show(struct arena *arena, const char *name);

/* What a careful reader should know about a valid name: mixed scripts, letters
 * that look like Latin ones, right-to-left script.  Returns how many sentences
 * were written, at most NAME_WARNINGS. */
enum { NAME_WARNINGS = 3 };
size_t name_warn(struct arena *arena, const char *name, const char *warnings[NAME_WARNINGS]);

/* Both already parsed.  `name` is `parent` or lies below it. */
bool name_within(const char *name, const char *parent);

/* Without its first label; NULL for the last one. */
const char *name_parent(const char *name);

size_t name_labels(const char *name);

/* What stands before the zone in `name`: "s1._domainkey" for
 * s1._domainkey.acme.example in acme.example; "@" for the zone itself; the
 * whole name when it lies elsewhere. */
const char *name_relative(struct arena *arena, const char *name, const char *zone);

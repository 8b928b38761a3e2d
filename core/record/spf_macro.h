#pragma once

/*
 * spf_macro -- the macro language of SPF (RFC 7208 section 7): read and expand.
 *
 * Pure: no DNS, no clock.  Who expands %{p} has looked for the validated name
 * before, and who expands %{t} says what time it is.
 *
 * Owner:   the values are borrowed; the result grows in the caller's text.
 * Failure: the byte where the grammar ends, and why.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

/* One piece of a macro string: a plain byte, or "%{...}". */
struct spf_macro {
	size_t length;       /* octets it takes in the source */
	const char *literal; /* what it stands for when it is no macro, else NULL */
	char letter;         /* lower case */
	bool url;            /* was an upper case letter: escape the value */
	bool reverse;
	unsigned labels;    /* how many right-hand parts to keep, 0 means all */
	char delimiters[8]; /* each at most once; "." when none was written */
};

/* Where macro-strings stand: the letters c, r and t mean something in
 * explanations only, and only there may a space be written. */
enum spf_macro_place { SPF_MACRO_DOMAIN, SPF_MACRO_EXPLANATION };

/* What the letters stand for; NULL expands to "unknown". */
struct spf_macro_values {
	const char *sender;         /* s  local@domain */
	const char *local_part;     /* l */
	const char *sender_domain;  /* o */
	const char *domain;         /* d  the domain of the record in force */
	const char *address_labels; /* i  192.0.2.1, or nibbles with dots */
	const char *address;        /* c  192.0.2.1, 2001:db8::1 */
	const char *validated;      /* p */
	const char *family;         /* v  in-addr or ip6 */
	const char *helo;           /* h */
	const char *receiver;       /* r */
	long long now;              /* t */
};

/* Read the piece that stands at spec[0]; at least one octet must be there.
 * On failure *why is a sentence about it, marked for translation. */
bool spf_macro_read(const char *spec, size_t length, enum spf_macro_place place,
                    struct spf_macro *macro, const char **why) CHECKED;

/* Does the text contain this letter as a macro? */
bool spf_macro_uses(const char *spec, size_t length, char letter);

/* Append the expansion; ERR_INPUT when the text breaks the grammar. */
bool spf_macro_expand(const char *spec, size_t length, enum spf_macro_place place,
                      const struct spf_macro_values *values, struct text *out,
                      struct err *err) CHECKED;

/* A name that became longer than 253 octets loses labels on its left
 * (RFC 7208 section 7.3); the result points into `domain`. */
const char *spf_macro_trim(const char *domain);

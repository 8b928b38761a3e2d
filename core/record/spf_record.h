#pragma once

/*
 * spf_record -- an SPF record as a value, without loss (RFC 7208 section 12).
 *
 * Every term keeps its place, its spelling and its qualifier, so that what
 * nobody wanted to change stays as it was.  Grammar is taken strictly: what a
 * receiver answers with permerror is refused here, with the column.
 *
 * Owner:   texts live in the arena that was passed in; the struct is a value.
 * Failure: ERR_INPUT with the first problem; all of them are in the record.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

enum spf_kind {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT,
	SPF_TERM_EXP,
	SPF_TERM_OTHER,  /* a modifier we do not know and keep */
	SPF_TERM_BROKEN, /* not in the grammar; there is a problem about it */
	SPF_TERM_KINDS,
};

enum { SPF_NO_PREFIX = -1 };

struct spf_term {
	enum spf_kind kind;
	size_t column;          /* of its first octet in the record, from 1 */
	const char *text;       /* as written: "~Include:_spf.vendor.example" */
	char qualifier;         /* + - ~ ?; 0 for modifiers and broken terms */
	bool qualifier_written; /* "+a" and "a" mean the same and are not the same text */
	const char *name;       /* as written: "Include" */
	const char *domain;     /* domain-spec, or a modifier's value; NULL when there is none */
	size_t domain_column;
	uint8_t address[16]; /* of ip4 (4 octets) and ip6 (16 octets) */
	int prefix4;         /* /24, or SPF_NO_PREFIX */
	int prefix6;         /* //64, or SPF_NO_PREFIX; ip6:.../64 stands here too */
};

struct spf_problem {
	size_t column;     /* of the octet that is wrong, from 1 */
	const char *token; /* the term it stands in; one term can have several problems */
	const char *text;  /* one sentence */
};

struct spf_record {
	const char *text; /* the whole record; NUL bytes inside are shown as '?' */
	size_t length;
	const struct spf_term *terms;
	size_t term_count;
	const struct spf_problem *problems;
	size_t problem_count;
};

/* Is this TXT an SPF record at all (RFC 7208 4.5: "v=spf1", then a space or
 * the end)?  Everything else is somebody else's TXT. */
bool spf_record_is(const char *text, size_t length);

/* True when the record is flawless.  When it is not, its terms are there
 * nevertheless (the broken ones as SPF_TERM_BROKEN) and so are the problems. */
bool spf_record_parse(struct arena *arena, const char *text, size_t length,
                      struct spf_record *record, struct err *err) CHECKED;

/* Parse one term alone, for example what `spf merge --add` was given. */
bool spf_record_parse_term(struct arena *arena, const char *text, struct spf_term *term,
                           struct err *err) CHECKED;

/* "include", "redirect", ...; "modifier" for SPF_TERM_OTHER. */
const char *spf_record_kind_word(enum spf_kind kind);

/* Does the term count against the ten lookups of RFC 7208 4.6.4? */
bool spf_record_costs_lookup(enum spf_kind kind);

/* redirect=, exp= and unknown modifiers. */
bool spf_record_is_modifier(enum spf_kind kind);

/* The first term of this kind, NULL when there is none. */
const struct spf_term *spf_record_find(const struct spf_record *record, enum spf_kind kind);

/* "v=spf1" and the terms' own texts, one space between them. */
void spf_record_render(const struct spf_term *terms, size_t count, struct text *out);

#pragma once

/*
 * spf_price -- what an SPF record costs a receiver at worst: every term of the
 * record, and of all it includes, that makes the receiver ask DNS
 * (RFC 7208 4.6.4: ten such terms, and two of them without an answer).
 *
 * The worst case is that nothing matches.  What one address costs, the
 * evaluation says.
 *
 * Owner:   lines live in the arena that was passed in.
 * Failure: what asking reports; a branch that cannot be known is counted in
 *          `unknown`, not guessed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/plan/ask.h"
#include "core/record/spf_record.h"

enum { SPF_VOID_LIMIT = 2 };

/* A term that costs something, or would if it could be followed. */
struct spf_price_line {
	const char *record; /* the domain whose record it stands in */
	size_t column;
	enum spf_kind kind;
	const char *term; /* as written */
	unsigned depth;   /* how many includes and redirects deep */
	size_t lookups;   /* of the term and all behind it */
	size_t voids;     /* of these, how many find nothing, for the worse address family */
	bool unknown;     /* DNS did not say, the record there is broken, or macros hide the name */
	const char *problem; /* why receivers stumble here: one sentence; NULL */
};

struct spf_price {
	size_t lookups;   /* counting stops some way above the limit */
	bool cut;         /* it did stop there: a loop, or far too many */
	size_t voids4;    /* look-ups that find nothing, for mail from an IPv4 address */
	size_t voids6;    /* the same from an IPv6 address, for which AAAA are asked */
	size_t voids;     /* the larger of both */
	size_t unknown;   /* includes and redirects that could not be followed */
	size_t silent;    /* terms, of any kind, about which DNS gave no answer */
	const char *dead; /* a name without one good SPF record: permerror for all; NULL */
	const struct spf_price_line *lines; /* in the order a receiver meets them */
	size_t line_count;
};

/* `domain` is where the record stands or shall stand: bare a and mx mean it.
 * `ask` NULL: only the record itself is counted, what it includes is unknown. */
bool spf_price(struct arena *arena, const struct ask *ask, const char *domain, const char *record,
               struct spf_price *price, struct err *err) CHECKED;

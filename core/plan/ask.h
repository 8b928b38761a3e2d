#pragma once

/*
 * ask -- how the planner looks at DNS: through functions it is given, so that
 * it can be tested without a network and works without DNS at all.
 *
 * Owner: answers live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/plan/spf_merge.h"
#include "core/verify/spf_check.h"

enum ask_what { ASK_TXT, ASK_A, ASK_AAAA, ASK_MX, ASK_WHATS };

enum ask_state {
	ASK_FOUND,
	ASK_NONE,    /* the name or the type certainly does not exist */
	ASK_UNKNOWN, /* no answer, or a broken one: nothing may be concluded */
	ASK_STATES,
};

struct ask_answer {
	enum ask_state state;
	struct spf_text
		*texts; /* TXT with its strings joined; an address; the name of an MX host */
	size_t count;
	const char *why; /* of ASK_UNKNOWN, one sentence */
};

/* All records of a name.  False only for our own failures. */
typedef bool (*ask_fn)(void *context, struct arena *arena, const char *name, enum ask_what what,
                       struct ask_answer *answer, struct err *err);

/* One evaluation of SPF. */
struct ask_spf {
	const char *domain;
	const char *record; /* as if this stood there; NULL: as it is today */
	const char *address;
	const char *helo;
};

/* What a receiver makes of mail of this domain from this address. */
typedef bool (*ask_spf_fn)(void *context, struct arena *arena, const struct ask_spf *question,
                           struct spf_check_verdict *verdict, struct err *err);

/* A change of a domain's SPF record. */
struct ask_change {
	const char *domain;
	const char *const *before; /* the SPF records that stand there */
	size_t before_count;
	const char *after;
	const char *const *terms; /* what was added */
	size_t term_count;
	const char *const *relays; /* addresses that shall pass */
	size_t relay_count;
};

struct ask_proof {
	size_t tried;    /* addresses */
	size_t unsure;   /* of these: DNS did not answer */
	const char *bad; /* the first address that gets what it should not, and what; NULL */
};

/* Tried out: do ours pass then, and does everybody else get what they got? */
typedef bool (*ask_prove_fn)(void *context, struct arena *arena, const struct ask_change *change,
                             struct ask_proof *proof, struct err *err);

/* The zone a name lies in, as its servers say; NULL when that could not be told. */
typedef bool (*ask_zone_fn)(void *context, struct arena *arena, const char *name, const char **zone,
                            struct err *err);

struct ask {
	ask_fn records;
	ask_spf_fn spf;     /* may be NULL: then only a record's text counts */
	ask_prove_fn prove; /* may be NULL */
	ask_zone_fn zone;   /* may be NULL */
	void *context;
};

#pragma once

/*
 * ask -- how the planner looks at DNS: through a function it is given, so that
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

enum ask_state {
	ASK_FOUND,
	ASK_NONE,    /* the name or the type certainly does not exist */
	ASK_UNKNOWN, /* no answer, or a broken one: nothing may be concluded */
	ASK_STATES,
};

struct ask_answer {
	enum ask_state state;
	struct spf_text *texts; /* strings joined */
	size_t count;
	const char *why; /* of ASK_UNKNOWN, one sentence */
};

/* All TXT records of a name.  False only for our own failures. */
typedef bool (*ask_fn)(void *context, struct arena *arena, const char *name,
                       struct ask_answer *answer, struct err *err);

/* Does mail of this domain pass SPF from this address today, by evaluation? */
typedef bool (*ask_passes_fn)(void *context, struct arena *arena, const char *domain,
                              const char *address, const char *helo, bool *passes, struct err *err);

/* The zone a name lies in, as its servers say; NULL when that could not be told. */
typedef bool (*ask_zone_fn)(void *context, struct arena *arena, const char *name, const char **zone,
                            struct err *err);

struct ask {
	ask_fn txt;
	ask_passes_fn passes; /* may be NULL: then only the record's text counts */
	ask_zone_fn zone;     /* may be NULL */
	void *context;
};

#pragma once

/*
 * doctor -- what is wrong with this machine, and what to do about it.
 *
 * Looks and changes nothing.  Each finding stands alone, so that one broken
 * part does not hide the next.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/conf.h"
#include "core/base/err.h"

enum finding_state { FINDING_FINE, FINDING_CARE, FINDING_BROKEN, FINDING_STATES };

struct finding {
	enum finding_state state;
	const char *subject; /* "database", "key service", ... */
	const char *text;
	const char *remedy; /* NULL when nothing needs to be done */
};

/* "ok", "care", "broken": for JSON too. */
const char *finding_word(enum finding_state state);

typedef bool (*finding_fn)(const struct finding *finding, void *context, struct err *err);

bool doctor_examine(const struct conf *conf, struct arena *arena, finding_fn call, void *context,
                    enum finding_state *worst, struct err *err) CHECKED;

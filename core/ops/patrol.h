#pragma once

/*
 * patrol -- looks at many domains under way together, each on its own: one
 * whose servers keep silent holds nobody up.
 *
 * Looks begin and end at any time, in the language of their provider.  What is
 * remembered of servers and answers lives as long as the patrol: open one when
 * there is something to look at, close it when there is nothing.
 *
 * Owner:   whoever opened it closes it; a look that has ended belongs to the
 *          caller until patrol_drop().
 * Failure: opening and beginning can fail; a look never does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/scope.h"
#include "core/ops/checkup.h"
#include "core/verify/domain_probe.h"
#include "core/verify/resolver.h"
#include "sql/db.h"

enum { PATROL_MOST = 200 }; /* looks under way */

struct patrol;

struct patrol_settings {
	const struct resolver_settings *resolver;
	struct domain_probe_settings probing;
};

/* One domain, looked at. */
struct patrol_look {
	struct arena arena;
	struct checkup checkup; /* of this domain alone */
	const char *language;
	size_t place; /* among those under way */
};

bool patrol_open(struct patrol **patrol, const struct patrol_settings *settings,
                 struct err *err) CHECKED;

/* NULL is fine.  Looks under way are forgotten; returns how many evaluations
 * ended with an internal error. */
size_t patrol_close(struct patrol *patrol);

/* Begin to look at a domain; there must be room.  Inside the caller's
 * transaction.  *begun is false when the domain is in use no more. */
bool patrol_begin(struct patrol *patrol, struct db *db, const struct scope *scope, bool *begun,
                  struct err *err) CHECKED;

size_t patrol_under_way(const struct patrol *patrol);

/* A look that has ended; NULL: none yet, after waiting up to so many milliseconds. */
struct patrol_look *patrol_turn(struct patrol *patrol, int milliseconds);

void patrol_drop(struct patrol_look *look);

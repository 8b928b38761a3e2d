#pragma once

/*
 * watch -- which sender domains are to be looked at next, shared by any number
 * of monitors.
 *
 * A claim is a random name; a domain that is claimed belongs to that monitor
 * until it is finished, given back, or the lease is over.  When the next look
 * is due is the business of watch_next() in sql/schema/0016_watch.sql.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db reports.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "core/model/scope.h"
#include "sql/db.h"

/* Domains of one provider, taken together. */
struct watch_batch {
	const char *language; /* of the provider */
	struct scope *scopes; /* one domain each */
	size_t count;
};

/* Take at most so many domains that are due.  Not inside a transaction. */
bool watch_claim(struct db *db, struct arena *arena, const struct uuid *claim, double lease,
                 size_t most, struct watch_batch *batch, struct err *err) CHECKED;

/* Whoever claimed lives: what it holds stays its own for another lease. */
bool watch_renew(struct db *db, const struct uuid *claim, double lease, struct err *err) CHECKED;

/* Is the domain still mine?  Then it is free again; in the transaction that
 * stores the look, so that both happen or neither. */
bool watch_release(struct db *db, struct arena *arena, const struct uuid *claim,
                   long long provider_id, long long domain_id, bool *mine, struct err *err) CHECKED;

/* Of what I hold, the domains that are retired are looked at no more. */
bool watch_stop(struct db *db, const struct uuid *claim, struct err *err) CHECKED;

/* Everything that I hold is free again. */
bool watch_give_back(struct db *db, const struct uuid *claim, struct err *err) CHECKED;

/* A look is stored: note what changed, and when the next one is due. */
bool watch_finish(struct db *db, struct arena *arena, long long provider_id, long long domain_id,
                  struct err *err) CHECKED;

/* Milliseconds until something is due, at most `most`. */
bool watch_wait(struct db *db, int64_t most, int64_t *milliseconds, struct err *err) CHECKED;

/* From now on db_wait() ends early when a domain is to be looked at at once. */
bool watch_listen(struct db *db, struct err *err) CHECKED;

struct watch_state {
	long long domains;
	long long due;
	long long late; /* due for more than an hour */
	long long claimed;
	long long never; /* not looked at yet */
	long long monitors;
	const char *next_at;   /* NULL: there is nothing to look at */
	const char *oldest_at; /* the look that lies back farthest; NULL: none yet */
};

bool watch_state(struct db *db, struct arena *arena, struct watch_state *state,
                 struct err *err) CHECKED;

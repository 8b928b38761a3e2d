#pragma once

/*
 * migrate -- bring a database to the schema this program was built with.
 *
 * Forward only, one transaction for all that is missing, under an advisory
 * lock, so that two at once do it once.  A migration that was applied and has
 * another checksum now is refused: files that ran are history.
 *
 * Needs a connection whose role may create roles and schemas (a superuser, or
 * CREATEROLE and CREATE on the database).
 */

#include "core/base/arena.h"
#include "core/base/err.h"
#include "sql/db.h"

/* Apply what is missing; *applied counts it (0: nothing to do). */
bool migrate_run(struct db *db, int *applied, struct err *err) CHECKED;

/* What a database has: how many of ours are applied and how many are missing. */
struct migrate_status {
	bool initialised;
	int applied;
	int missing;
	const char *last; /* name of the newest applied one, in the arena; NULL for none */
};
bool migrate_look(struct db *db, struct arena *arena, struct migrate_status *status,
                  struct err *err) CHECKED;

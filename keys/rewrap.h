#pragma once

/*
 * rewrap -- everything that hangs on the master key, wrapped again under the
 * newest version, a batch at a time, while the service answers others.
 *
 * What hangs on it is a table in rewrap.c: a new table of the database is one
 * row there, and one line in keyd_master_rows.sql and keyd_master_foreign.sql.
 *
 * A batch is one transaction: open, seal, open what was sealed, compare, store.
 * A service that is killed in between begins again where rows still name a
 * former version; both open all the while.
 *
 * Failure: none is returned.  A row that does not open is logged, counted and
 *          passed by; a database that is away is waited for.
 * Secrets: each key for the time of its own turn.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyd;

struct rewrap {
	bool running;
	size_t row;      /* of the table: what is under way */
	long long at[3]; /* provider, id and version of the last one that was looked at */
	long long done;
	long long failed; /* did not open */
	int64_t pause;    /* clock_ticks() before which nothing is tried */
};

/* From the beginning; rows that name the newest already are not touched. */
void rewrap_begin(struct rewrap *rewrap);

/* Is there something to do now? */
bool rewrap_is_due(const struct rewrap *rewrap);

/* One batch: some ten milliseconds. */
void rewrap_step(struct keyd *keyd);

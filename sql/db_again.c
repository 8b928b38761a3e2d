#include "sql/db.h"

#include <time.h>

#include "core/base/clock.h"

enum { REPEATS = 8, LONGEST = 6, FIRST = 20 };

static bool once(struct db *db, enum db_mode mode, db_work_fn work, void *context, struct err *err)
{
	*err = (struct err){ 0 };
	bool ok = db_begin(db, mode, err) && work(db, context, err)
	          && (mode != DB_WRITE || db_commit(db, err));
	db_rollback(db);
	return ok;
}

/* Longer each time, and of a random length: those who were in each other's way
 * must not come back together.  The nanoseconds of now are random enough. */
static int64_t pause(int repeat)
{
	int64_t most = FIRST << (repeat < LONGEST ? repeat : LONGEST);
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_nsec / 1000 % most;
}

bool db_again(struct db *db, enum db_mode mode, db_work_fn work, void *context, struct err *err)
{
	for (int repeat = 0;; repeat++) {
		if (once(db, mode, work, context, err))
			return true;
		if (err->code != ERR_AGAIN || repeat == REPEATS)
			return false;
		clock_wait(pause(repeat));
	}
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/base/clock.h"
#include "sql/db.h"

/* A database that is busy for so many commits, and counts. */
struct db {
	int busy;
	int begun, committed, rolled_back;
	bool open;
};

static int waits;
static int64_t longest;

bool db_begin(struct db *db, enum db_mode mode, struct err *err)
{
	(void)mode;
	(void)err;
	assert_false(db->open);
	db->open = true;
	db->begun++;
	return true;
}

bool db_commit(struct db *db, struct err *err)
{
	if (db->busy > 0) {
		db->busy--;
		return err_set(err, ERR_AGAIN, "busy");
	}
	db->open = false;
	db->committed++;
	return true;
}

void db_rollback(struct db *db)
{
	db->rolled_back += db->open;
	db->open = false;
}

void clock_wait(int64_t milliseconds)
{
	waits++;
	longest = milliseconds > longest ? milliseconds : longest;
}

/* The work itself fails so with the first `fails` calls. */
struct work {
	enum err_code code;
	int fails;
	int calls;
};

static bool work(struct db *db, void *context, struct err *err)
{
	struct work *this = context;

	assert_true(db->open);
	assert_int_equal(err->code, ERR_NONE);
	this->calls++;
	return this->calls > this->fails || err_set(err, this->code, "not now");
}

static const struct {
	const char *what;
	enum db_mode mode;
	enum err_code code;
	int fails, busy;
	int calls, committed;
	enum err_code end;
} cases[] = {
	{ "once is enough", DB_WRITE, ERR_NONE, 0, 0, 1, 1, ERR_NONE },
	{ "a conflict in the work", DB_WRITE, ERR_AGAIN, 2, 0, 3, 1, ERR_NONE },
	{ "a conflict at the commit", DB_WRITE, ERR_NONE, 0, 2, 3, 1, ERR_NONE },
	{ "both", DB_WRITE, ERR_AGAIN, 1, 1, 3, 1, ERR_NONE },
	{ "at last it is given up", DB_WRITE, ERR_AGAIN, 100, 0, 9, 0, ERR_AGAIN },
	{ "the last try counts", DB_WRITE, ERR_AGAIN, 8, 0, 9, 1, ERR_NONE },
	{ "what is refused is not repeated", DB_WRITE, ERR_REFUSED, 100, 0, 1, 0, ERR_REFUSED },
	{ "a dry run is not kept", DB_TRY, ERR_NONE, 0, 9, 1, 0, ERR_NONE },
	{ "nor is what was read", DB_READ, ERR_NONE, 0, 9, 1, 0, ERR_NONE },
};

static void it_is_done_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct db db = { .busy = cases[i].busy };
		struct work some = { .code = cases[i].code, .fails = cases[i].fails };
		struct err err = { .code = ERR_INPUT };

		waits = 0;
		longest = 0;
		bool ok = db_again(&db, cases[i].mode, work, &some, &err);
		if (some.calls != cases[i].calls || db.committed != cases[i].committed)
			fail_msg("%s: %d calls, %d commits", cases[i].what, some.calls,
			         db.committed);
		assert_int_equal(ok, cases[i].end == ERR_NONE);
		assert_int_equal(ok ? ERR_NONE : err.code, cases[i].end);
		assert_false(db.open);
		assert_int_equal(db.rolled_back, db.begun - db.committed);
		assert_int_equal(waits, some.calls - 1);
		assert_true(longest < 20 << 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_done_again) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

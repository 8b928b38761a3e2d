#include "core/ops/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/clock.h"

/* What a shell script makes of the input, and what we say about it. */
static const struct {
	const char *script;
	const char *input;
	const char *complaint; /* NULL: all is well */
} cases[] = {
	{ "read line && [ \"$line\" = hello ]", "hello\n", NULL },
	{ "exit 0", "nobody reads this", NULL },
	{ "exit 3", "", "/bin/sh failed: it said nothing" },
	{ "echo first; echo the disk is full >&2; echo; exit 1", "",
	  "/bin/sh failed: the disk is full" },
	{ "kill -9 $$", "", "/bin/sh failed: it said nothing" },
	{ "[ -z \"$SECRET\" ]", "", NULL },
	{ "sleep 60", "", "/bin/sh took too long and was ended" },
};

static void run(void **state)
{
	UNUSED(state);
	assert_int_equal(setenv("SECRET", "1", 1), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err err = { 0 };
		int64_t begun = clock_ticks();
		bool ok = child_run((const char *const[]){ "/bin/sh", "-c", cases[i].script, NULL },
		                    cases[i].input, strlen(cases[i].input), 2000, &err);

		assert_string_equal(err.text, cases[i].complaint ? cases[i].complaint : "");
		assert_int_equal(ok, cases[i].complaint == NULL);
		assert_true(clock_ticks() - begun < 20000);
	}
}

static void no_program(void **state)
{
	struct err err = { 0 };

	UNUSED(state);
	assert_false(
		child_run((const char *const[]){ "/no/such/program", NULL }, "", 0, 1000, &err));
	assert_string_equal(err.text, "/no/such/program failed: No such file or directory");
}

/* Larger than any pipe. */
static void much(void **state)
{
	static char input[1 << 20];
	struct err err = { 0 };

	UNUSED(state);
	memset(input, 'x', sizeof input);
	assert_true(
		child_run((const char *const[]){ "/bin/sh", "-c", "[ $(wc -c) = 1048576 ]", NULL },
	                  input, sizeof input, 10000, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run),
		cmocka_unit_test(no_program),
		cmocka_unit_test(much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/progress.h"
#include "core/base/utf8.h"

static const struct progress_part parts[] = { { "ok", 790 }, { "missing", 0 }, { "unknown", 22 } };

static struct progress running(void)
{
	return (struct progress){
		.what = "checking", .parts = parts, .part_count = 3, .per_second = 231
	};
}

static void what_matters_least_goes_first(void **state)
{
	static const struct {
		size_t columns;
		const char *line;
	} rows[] = {
		{ 80,
		  "checking  [                   ]  812/20000  231/s  1:23 left  ok 790  unknown 22" },
		{ 68, "checking  812/20000  231/s  1:23 left  ok 790  unknown 22" },
		{ 57, "checking  812/20000  231/s  1:23 left  ok 790  unknown 22" },
		{ 56, "812/20000  231/s  1:23 left  ok 790  unknown 22" },
		{ 46, "checking  812/20000  231/s  1:23 left" },
		{ 30, "812/20000  231/s  1:23 left" },
		{ 20, "812/20000  1:23 left" },
		{ 12, "812/20000" },
		{ 3, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct progress progress = running();
		struct text out = { 0 };

		progress_render(&progress, 812, 20000, rows[i].columns, &out);
		assert_string_equal(text_string(&out), rows[i].line);
		text_free(&out);
	}
}

static void no_width_is_ever_exceeded(void **state)
{
	(void)state;
	for (size_t columns = 0; columns < 200; columns++)
		for (size_t done = 0; done <= 20000; done += 1999) {
			struct progress progress = running();
			struct text out = { 0 };

			progress.what = "pr\xc3\xbc"
					"fe";
			progress_render(&progress, done, 20000, columns, &out);
			assert_true(utf8_count(text_string(&out), out.length) <= columns);
			text_free(&out);
		}
}

static void time_is_read_easily(void **state)
{
	static const struct {
		double per_second;
		size_t left;
		const char *part;
	} rows[] = {
		{ 10, 95, "0:10 left" },      { 1, 3599, "59:59 left" },
		{ 1, 3600, "1:00:00 left" },  { 0.5, 5000, "0.5/s  2:46:40 left" },
		{ 0.001, 1000, "0.0/s  ok" }, /* nobody believes a forecast of days */
		{ 0, 1000, "0/1000  ok" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct progress progress = running();
		struct text out = { 0 };

		progress.per_second = rows[i].per_second;
		progress_render(&progress, 0, rows[i].left, 100, &out);
		if (!strstr(text_string(&out), rows[i].part))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].part, text_string(&out));
		text_free(&out);
	}
}

static void the_bar_fills(void **state)
{
	struct progress progress = { .what = "" };
	struct text out = { 0 };

	(void)state;
	progress_render(&progress, 10, 20, 100, &out);
	progress_render(&progress, 20, 20, 100, &out);
	assert_non_null(strstr(text_string(&out), "[###############               ]"));
	assert_non_null(strstr(text_string(&out), "[##############################]"));
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matters_least_goes_first),
		cmocka_unit_test(no_width_is_ever_exceeded),
		cmocka_unit_test(time_is_read_easily),
		cmocka_unit_test(the_bar_fills),
	};
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}

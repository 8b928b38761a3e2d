#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/base/nearest.h"

static void finds_what_was_meant(void **state)
{
	static const char *const words[] = { "language", "color", "resolver", "timeout" };
	static const struct {
		const char *typed, *meant;
	} cases[] = {
		{ "langauge", "language" },
		{ "colour", "color" },
		{ "resolvers", "resolver" },
		{ "timeuot", "timeout" },
		{ "x", NULL },
		{ "completely-else", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *found = nearest(cases[i].typed, words, LENGTH(words));
		if (cases[i].meant == NULL)
			assert_null(found);
		else
			assert_string_equal(found, cases[i].meant);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_what_was_meant) };
	return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}

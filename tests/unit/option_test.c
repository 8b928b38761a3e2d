#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/option.h"

struct args {
	const char *name;
	const char *mode;
	struct option_list addresses;
	struct option_list rest;
	long number;
	bool dry;
};

static const struct option_row rows[] = {
	PLACE(struct args, name, "NAME", "a name"),
	PLACES(struct args, rest, "MORE", "more names"),
	ALLOWED(struct args, mode, "--mode", "hosted|relayed", "a mode"),
	LIST(struct args, addresses, "--address", "IP", "an address"),
	NUMBER(struct args, number, "--number", "N", "a number"),
	FLAG(struct args, dry, "--dry-run", "nothing happens"),
	OPTIONS_END,
};

struct globals_of_test {
	const char *lang;
};

static const struct option_row more_rows[] = {
	ALLOWED(struct globals_of_test, lang, "--lang", "de|en", "language"),
	OPTIONS_END,
};

struct given {
	struct args args;
	struct globals_of_test globals;
	struct arena arena;
	struct err err;
};

static bool parse(struct given *given, const char *line)
{
	static char words[512];
	char *argv[32];
	int argc = 0;
	const struct option_target targets[] = { { rows, &given->args },
		                                 { more_rows, &given->globals } };

	memset(given, 0, sizeof *given);
	(void)snprintf(words, sizeof words, "%s", line);
	for (char *p = words; *p != '\0';) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p == ' ')
			*p++ = '\0';
	}
	return option_parse(targets, 2, argc, argv, &given->arena, &given->err);
}

static void fills_every_kind(void **state)
{
	struct given g;

	(void)state;
	assert_true(parse(&g, "acme --address 192.0.2.1 x --mode=relayed --address 192.0.2.2 y "
	                      "--number -7 --dry-run --lang de"));
	assert_string_equal(g.args.name, "acme");
	assert_string_equal(g.args.mode, "relayed");
	assert_int_equal(g.args.addresses.count, 2);
	assert_string_equal(g.args.addresses.items[1], "192.0.2.2");
	assert_int_equal(g.args.rest.count, 2);
	assert_string_equal(g.args.rest.items[0], "x");
	assert_int_equal(g.args.number, -7);
	assert_true(g.args.dry);
	assert_string_equal(g.globals.lang, "de");
	arena_reset(&g.arena);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *text, *hint;
	} cases[] = {
		{ "", "NAME is missing", "NAME: a name" },
		{ "acme --mode direct", "--mode cannot be \"direct\"",
		  "it is one of hosted|relayed" },
		{ "acme --mode relay", "--mode cannot be \"relay\"",
		  "it is one of hosted|relayed" },
		{ "acme --mode", "--mode needs a value", "" },
		{ "acme --moed hosted", "there is no option --moed here", "did you mean --mode?" },
		{ "acme --xyzzyxyzzy", "there is no option --xyzzyxyzzy here",
		  "--help lists the options" },
		{ "acme --dry-run=1", "--dry-run takes no value", "" },
		{ "acme --number 7x", "--number needs a number, not \"7x\"", "" },
		{ "acme --number 99999999999999999999",
		  "--number needs a number, not \"99999999999999999999\"", "" },
		{ "acme --mode hosted --mode hosted", "--mode is given twice", "" },
		{ "acme --lang fr", "--lang cannot be \"fr\"", "it is one of de|en" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct given g;
		assert_false(parse(&g, cases[i].line));
		assert_string_equal(g.err.text, cases[i].text);
		assert_string_equal(g.err.hint, cases[i].hint);
		arena_reset(&g.arena);
	}
}

static void after_two_dashes_all_are_places(void **state)
{
	struct given g;

	(void)state;
	assert_true(parse(&g, "-- --mode -x"));
	assert_string_equal(g.args.name, "--mode");
	assert_string_equal(g.args.rest.items[0], "-x");
	arena_reset(&g.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_every_kind),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(after_two_dashes_all_are_places),
	};
	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}

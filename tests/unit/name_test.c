#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/record/name.h"
#include "core/record/suffix.h"

#define L10  "abcdefghij"
#define L60  L10 L10 L10 L10 L10 L10
#define L63  L60 "abc"
#define N253 L60 "abc." L60 "abc." L60 "abc." L10 L10 L10 L10 L10 "aaa.example"

/* What is typed, what becomes of it; NULL: refused, with these words in the sentence. */
/* clang-format off */
static const struct {
	const char *text;
	size_t length;          /* 0: strlen */
	enum name_kind kind;
	const char *name;
	const char *sentence;
} cases[] = {
	{ "acme.example", 0, NAME_HOST, "acme.example", NULL },
	{ "ACME.Example.", 0, NAME_HOST, "acme.example", NULL },
	{ "a-b.c-d.example", 0, NAME_HOST, "a-b.c-d.example", NULL },
	{ "a--b.example", 0, NAME_HOST, "a--b.example", NULL },
	{ "1und1.example", 0, NAME_HOST, "1und1.example", NULL },
	{ "müller.example", 0, NAME_HOST, "xn--mller-kva.example", NULL },
	{ "MÜLLER.example", 0, NAME_HOST, "xn--mller-kva.example", NULL },
	{ "mu\xcc\x88ller.example", 0, NAME_HOST, "xn--mller-kva.example", NULL },
	{ "straße.example", 0, NAME_HOST, "xn--strae-oqa.example", NULL },
	{ "XN--MLLER-KVA.example", 0, NAME_HOST, "xn--mller-kva.example", NULL },
	{ "acme\xe3\x80\x82" "example", 0, NAME_HOST, "acme.example", NULL },
	{ "ＡＣＭＥ．example", 0, NAME_HOST, "acme.example", NULL },
	{ "пример.example", 0, NAME_HOST, "xn--e1afmkfd.example", NULL },
	{ "例え.example", 0, NAME_HOST, "xn--r8jz45g.example", NULL },
	{ "א.example", 0, NAME_HOST, "xn--4db.example", NULL },
	{ "_dmarc.acme.example", 0, NAME_RECORD, "_dmarc.acme.example", NULL },
	{ "s1._domainkey.müller.example", 0, NAME_RECORD,
	  "s1._domainkey.xn--mller-kva.example", NULL },
	{ "acme.example._report._dmarc.vendor.example", 0, NAME_RECORD,
	  "acme.example._report._dmarc.vendor.example", NULL },
	{ L63 ".example", 0, NAME_HOST, L63 ".example", NULL },
	{ N253, 0, NAME_HOST, N253, NULL },
	{ "acme", 0, NAME_LABEL, "acme", NULL },
	{ "s202611a", 0, NAME_SELECTOR, "s202611a", NULL },
	{ "s1.vendor", 0, NAME_SELECTOR, "s1.vendor", NULL },

	{ "", 0, NAME_HOST, NULL, "missing" },
	{ ".", 0, NAME_HOST, NULL, "empty part" },
	{ "acme", 0, NAME_HOST, NULL, "only one word" },
	{ "ac..example", 0, NAME_HOST, NULL, "empty part" },
	{ ".acme.example", 0, NAME_HOST, NULL, "empty part" },
	{ "acme.example..", 0, NAME_HOST, NULL, "empty part" },
	{ "ü..example", 0, NAME_HOST, NULL, "empty part" },
	{ "-acme.example", 0, NAME_HOST, NULL, "dash" },
	{ "acme-.example", 0, NAME_HOST, NULL, "dash" },
	{ "ü-.example", 0, NAME_HOST, NULL, "dash" },
	{ L63 "d.example", 0, NAME_HOST, NULL, "63 octets" },
	{ "ü" L60 ".example", 0, NAME_HOST, NULL, "63 octets" },
	{ "aaa." N253, 0, NAME_HOST, NULL, "253 octets" },
	{ "_dmarc.acme.example", 0, NAME_HOST, NULL, "underscore" },
	{ "_dmarc.müller.example", 0, NAME_HOST, NULL, "underscore" },
	{ "a_b", 0, NAME_SELECTOR, NULL, "underscore" },
	{ "a.b", 0, NAME_LABEL, NULL, "has a dot" },
	{ "acme.example\n", 0, NAME_HOST, NULL, "column 13: control character U+000A" },
	{ "acme\r\n.example", 0, NAME_HOST, NULL, "column 5: control character U+000D" },
	{ "acme\tx.example", 0, NAME_HOST, NULL, "column 5: control character U+0009" },
	{ "acme\0x.example", 14, NAME_HOST, NULL, "column 5: control character U+0000" },
	{ "acme\x7f.example", 0, NAME_HOST, NULL, "column 5: control character U+007F" },
	{ "acme\xc2\x85.example", 0, NAME_HOST, NULL, "column 5: control character U+0085" },
	{ "ac me.example", 0, NAME_HOST, NULL, "column 3: a blank" },
	{ " acme.example", 0, NAME_HOST, NULL, "column 1: a blank" },
	{ "ac\xc2\xa0me.example", 0, NAME_HOST, NULL, "column 3: a blank" },
	{ "a#b.example", 0, NAME_HOST, NULL, "column 2: \"#\"" },
	{ "a%b.example", 0, NAME_HOST, NULL, "column 2: \"%\"" },
	{ "a$b.example", 0, NAME_HOST, NULL, "column 2: \"$\"" },
	{ "a:b.example", 0, NAME_HOST, NULL, "column 2: \":\"" },
	{ "a\"b.example", 0, NAME_HOST, NULL, "column 2: \"\"\"" },
	{ "a;b.example", 0, NAME_HOST, NULL, "column 2: \";\"" },
	{ "*.acme.example", 0, NAME_HOST, NULL, "column 1: \"*\"" },
	{ "${run{/bin/id}}.example", 0, NAME_HOST, NULL, "column 1: \"$\"" },
	{ "https://acme.example/", 0, NAME_HOST, NULL, "column 6: \":\"" },
	{ "claim@acme.example", 0, NAME_HOST, NULL, "column 6: \"@\"" },
	{ "../../etc/passwd", 0, NAME_HOST, NULL, "column 3: \"/\"" },
	{ "ac\xc2\xadme.example", 0, NAME_HOST, NULL, "invisible character U+00AD" },
	{ "ü\xe2\x80\x8b.example", 0, NAME_HOST, NULL, "column 2: invisible character U+200B" },
	{ "acme\xe2\x80\x8f.example", 0, NAME_HOST, NULL, "invisible character U+200F" },
	{ "acme\xe2\x80\xae.example", 0, NAME_HOST, NULL, "invisible character U+202E" },
	{ "\xef\xbb\xbf" "acme.example", 0, NAME_HOST, NULL, "invisible character U+FEFF" },
	{ "m\xfcller.example", 0, NAME_HOST, NULL, "column 2: octet 0xFC is not UTF-8" },
	{ "m\xc0\xaf.example", 0, NAME_HOST, NULL, "not UTF-8" },
	{ "m\xed\xa0\x80.example", 0, NAME_HOST, NULL, "not UTF-8" },
	{ "xn--mxnmplrrrrrrrrrrrrrrrrrr-rjme.example", 0, NAME_HOST, NULL, "xn--" },
	{ "xn--zzzzzz.example", 0, NAME_HOST, NULL, "xn--" },
	{ "\u2603.example", 0, NAME_HOST, NULL, "not a valid internationalised name" },
	{ "\u05d0a1.example", 0, NAME_HOST, NULL, "writing directions" },
	{ "ü\uff20.example", 0, NAME_HOST, NULL, "may not stand" },
	{ "192.0.2.1", 0, NAME_HOST, NULL, "IP address" },
	{ "acme.123", 0, NAME_HOST, NULL, "two letters" },
	{ "acme.e", 0, NAME_HOST, NULL, "two letters" },
};
/* clang-format on */

static void names_are_normalised_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		const char *name = NULL;
		size_t length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
		bool ok = name_parse_part(&arena, cases[i].text, length, cases[i].kind, 1, &name,
		                          &err);

		if (ok != (cases[i].name != NULL) || (ok && strcmp(name, cases[i].name) != 0)
		    || (!ok && strstr(err.text, cases[i].sentence) == NULL))
			fail_msg("case %zu \"%s\": %s", i, cases[i].text, ok ? name : err.text);
		if (!ok)
			assert_int_equal(err.code, ERR_INPUT);
		arena_reset(&arena);
	}
}

static void a_million_octets_are_refused_at_once(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	const char *name;
	size_t size = 1000000;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', size);
	assert_false(name_parse_part(&arena, text, size, NAME_HOST, 1, &name, &err));
	free(text);
	arena_reset(&arena);
}

/* A name, how people see it, how many warnings it has. */
static void people_see_umlauts_but_no_lookalikes(void **state)
{
	static const struct {
		const char *typed;
		const char *shown;
		size_t warnings;
	} rows[] = {
		{ "acme.example", "acme.example", 0 },
		{ "müller.example", "müller.example", 0 },
		{ "例えabc.example", "例えabc.example", 0 },
		{ "пример.example", "пример.example", 0 },
		{ "\u0440\u0430\u0443\u0440.example", "xn--80aa9abw.example",
		  1 }, /* "paup" in Cyrillic */
		{ "p\u0430ypal.example", "xn--pypal-4ve.example", 1 },
		{ "אב.example", "xn--4dbc.example", 1 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		const char *name, *warnings[NAME_WARNINGS];
		if (!name_parse(&arena, rows[i].typed, NAME_HOST, &name, &err))
			fail_msg("%s: %s", rows[i].typed, err.text);
		size_t count = name_warn(&arena, name, warnings);
		if (count != rows[i].warnings
		    || (count == 0 && strcmp(name_show(&arena, name), rows[i].shown) != 0)
		    || (count > 0 && strcmp(name_show(&arena, name), name) != 0))
			fail_msg("%s: %zu warnings, shown as %s", name, count,
			         name_show(&arena, name));
		arena_reset(&arena);
	}
}

static void places_are_found_by_whole_labels(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_true(name_within("mail.acme.example", "acme.example"));
	assert_true(name_within("acme.example", "acme.example"));
	assert_false(name_within("badacme.example", "acme.example"));
	assert_false(name_within("acme.example", "mail.acme.example"));
	assert_string_equal(name_parent("mail.acme.example"), "acme.example");
	assert_null(name_parent("example"));
	assert_int_equal(name_labels("a.b.c"), 3);
	assert_int_equal(name_labels(""), 0);
	assert_string_equal(name_relative(&arena, "s1._domainkey.acme.example", "acme.example"),
	                    "s1._domainkey");
	assert_string_equal(name_relative(&arena, "acme.example", "acme.example"), "@");
	assert_string_equal(name_relative(&arena, "x.vendor.example", "acme.example"),
	                    "x.vendor.example");
	arena_reset(&arena);
}

static void the_suffix_list_knows_what_can_be_registered(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_true(suffix_is_public("co.uk"));
	assert_false(suffix_is_public("acme.co.uk"));
	assert_string_equal(suffix_registrable(&arena, "mail.acme.co.uk"), "acme.co.uk");
	assert_string_equal(suffix_registrable(&arena, "mail.acme.example"), "acme.example");
	assert_string_equal(suffix_registrable(&arena, "co.uk"), "co.uk");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_normalised_or_refused),
		cmocka_unit_test(a_million_octets_are_refused_at_once),
		cmocka_unit_test(people_see_umlauts_but_no_lookalikes),
		cmocka_unit_test(places_are_found_by_whole_labels),
		cmocka_unit_test(the_suffix_list_knows_what_can_be_registered),
	};
	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}

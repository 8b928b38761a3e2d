#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/utf8.h"
#include "core/record/address.h"

#define L10  "abcdefghij"
#define L60  L10 L10 L10 L10 L10 L10
#define D189 L60 "." L60 "." L60 "a.example" /* 191 octets */

/* clang-format off */
static const struct {
	const char *text;
	size_t length;
	const char *address;    /* NULL: refused */
	const char *sentence;
} cases[] = {
	{ "claim@acme.example", 0, "claim@acme.example", NULL },
	{ "Claim@ACME.Example", 0, "claim@acme.example", NULL },
	{ "first.last+tag@acme.example", 0, "first.last+tag@acme.example", NULL },
	{ "!&'*+/=?^_{|}~.-x@acme.example", 0, "!&'*+/=?^_{|}~.-x@acme.example", NULL },
	{ "claim@müller.example", 0, "claim@xn--mller-kva.example", NULL },
	{ "claim@acme.example.", 0, "claim@acme.example", NULL },
	{ L60 "abcd@acme.example", 0, L60 "abcd@acme.example", NULL },
	{ L60 "@" D189, 0, L60 "@" D189, NULL },

	{ "", 0, NULL, "missing" },
	{ "claim", 0, NULL, "has no @" },
	{ "@acme.example", 0, NULL, "nothing stands before" },
	{ "claim@", 0, NULL, "column 7: a domain name is missing" },
	{ "claim@acme", 0, NULL, "only one word" },
	{ L60 "abcde@acme.example", 0, NULL, "64 are allowed" },
	{ L60 "abcd@" D189, 0, NULL, "254 are allowed" },
	{ "claim@acme.example\nceo@victim.example login1", 0, NULL,
	  "column 19: control character U+000A" },
	{ "cl\naim@acme.example", 0, NULL, "column 3: control character U+000A" },
	{ "cl\0aim@acme.example", 19, NULL, "column 3: control character U+0000" },
	{ "claim@acme\0.example", 19, NULL, "column 11: control character U+0000" },
	{ "cl#aim@acme.example", 0, NULL, "column 3: \"#\"" },
	{ "#claim@acme.example", 0, NULL, "column 1: \"#\"" },
	{ "cl%aim@acme.example", 0, NULL, "column 3: \"%\"" },
	{ "cl$aim@acme.example", 0, NULL, "column 3: \"$\"" },
	{ "cl:aim@acme.example", 0, NULL, "column 3: \":\"" },
	{ "\"claim\"@acme.example", 0, NULL, "column 1: \"\"\"" },
	{ "cl'aim@acme.example", 0, "cl'aim@acme.example", NULL },
	{ "cl`aim@acme.example", 0, NULL, "column 3: \"`\"" },
	{ "cl,aim@acme.example", 0, NULL, "column 3: \",\"" },
	{ "cl;aim@acme.example", 0, NULL, "column 3: \";\"" },
	{ "cl\\aim@acme.example", 0, NULL, "column 3: \"\\\"" },
	{ "cl(x)aim@acme.example", 0, NULL, "column 3: \"(\"" },
	{ "cl[aim@acme.example", 0, NULL, "column 3: \"[\"" },
	{ "cl aim@acme.example", 0, NULL, "column 3: a blank" },
	{ " claim@acme.example", 0, NULL, "column 1: a blank" },
	{ "claim@acme.example ", 0, NULL, "column 19: a blank" },
	{ "a@b@acme.example", 0, NULL, "column 4: \"@\"" },
	{ "Claims <claim@acme.example>", 0, NULL, "column 7: a blank" },
	{ "<claim@acme.example>", 0, NULL, "column 1: \"<\"" },
	{ ".claim@acme.example", 0, NULL, "begin with a dot" },
	{ "claim.@acme.example", 0, NULL, "right before the @" },
	{ "cl..aim@acme.example", 0, NULL, "column 4: two dots" },
	{ "jürgen@acme.example", 0, NULL, "column 2: \"ü\" before the @" },
	{ "j\xfcrgen@acme.example", 0, NULL, "column 2: octet 0xFC is not UTF-8" },
	{ "cl\xe2\x80\x8f" "aim@acme.example", 0, NULL, "invisible character U+200F" },
	{ "cl\xe2\x80\xae" "aim@acme.example", 0, NULL, "invisible character U+202E" },
	{ "claim@ac\xe2\x80\x8fme.example", 0, NULL, "column 9: invisible character U+200F" },
	{ "claim@a_b.example", 0, NULL, "underscore" },
	{ "claim@[192.0.2.1]", 0, NULL, "column 7: \"[\"" },
	{ "claim@192.0.2.1", 0, NULL, "IP address" },
};
/* clang-format on */

static void addresses_are_normalised_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct address address = { 0 };
		size_t length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
		bool ok = address_parse_part(&arena, cases[i].text, length, &address, &err);

		if (ok != (cases[i].address != NULL)
		    || (ok && strcmp(address.text, cases[i].address) != 0)
		    || (!ok && strstr(err.text, cases[i].sentence) == NULL))
			fail_msg("case %zu \"%s\": %s", i, cases[i].text,
			         ok ? address.text : err.text);
		if (ok)
			assert_string_equal(strchr(address.text, '@') + 1, address.domain);
		else
			assert_int_equal(err.code, ERR_INPUT);
		arena_reset(&arena);
	}
}

/* relays.md 1: whatever octet stands in an address, none that a mail server
 * treats specially comes through. */
static void no_octet_comes_through_that_a_table_could_misread(void **state)
{
	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct address address;
		char text[] = "c?m@acme.example";
		text[1] = (char)byte;
		if (address_parse_part(&arena, text, sizeof text - 1, &address, &err))
			assert_null(strpbrk(address.local, "#%$\"(),:;<>[\\]` \t\r\n@"));
		else
			assert_non_null(strstr(err.text, "column"));
		arena_reset(&arena);
	}
}

static void people_see_the_domain_in_their_letters(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_string_equal(address_show(&arena, "claim@xn--mller-kva.example"),
	                    "claim@müller.example");
	assert_string_equal(address_show(&arena, "claim@acme.example"), "claim@acme.example");
	assert_string_equal(address_show(&arena, "claim"), "claim");
	arena_reset(&arena);
}

static void utf8_is_read_strictly_and_written_back(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10FFFF; point += point < 0x900 ? 1 : 61) {
		char out[4];
		uint32_t read = 0;
		size_t size = utf8_put(out, point);
		if (point >= 0xD800 && point <= 0xDFFF) {
			assert_int_equal(utf8_next(out, size, &read), 0);
			continue;
		}
		assert_int_equal(utf8_next(out, size, &read), size);
		assert_int_equal(read, point);
		assert_int_equal(utf8_next(out, size - 1, &read), 0);
	}
	assert_true(utf8_valid("Grüße", strlen("Grüße")));
	assert_false(utf8_valid("\xf5\x80\x80\x80", 4));
	assert_int_equal(utf8_count("Gr\xfc\xc3\xbc", 5), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_normalised_or_refused),
		cmocka_unit_test(no_octet_comes_through_that_a_table_could_misread),
		cmocka_unit_test(people_see_the_domain_in_their_letters),
		cmocka_unit_test(utf8_is_read_strictly_and_written_back),
	};
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

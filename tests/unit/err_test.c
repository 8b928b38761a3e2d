#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/err.h"

static void keeps_code_and_sentence(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_false(err_set(&err, ERR_CONFLICT, "%s exists", "acme"));
	assert_false(err_within(&err, "line %d", 7));
	assert_string_equal(err.text, "line 7: acme exists");
	assert_int_equal(err_exit_status(err.code), 4);
}

static void foreign_controls_do_not_reach_a_terminal(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)err_set(&err, ERR_INPUT, "bad name \"%s\"", "a\x1b[31m\nb\x7f");
	assert_string_equal(err.text, "bad name \"a?[31m?b?\"");
}

static void a_long_sentence_is_cut_at_a_character(void **state)
{
	struct err err = { 0 };
	char umlauts[2001];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		umlauts[2 * i] = '\xc3';
		umlauts[2 * i + 1] = '\xa4';
	}
	umlauts[2000] = '\0';
	(void)err_set(&err, ERR_INPUT, "%s", umlauts);
	size_t length = 0;
	while (err.text[length] != '\0')
		length++;
	assert_int_equal(length % 2, 0);
	assert_true(length > 700);
}

static void what_is_no_utf8_becomes_a_question_mark(void **state)
{
	struct err err = { 0 };

	UNUSED(state);
	(void)err_set(&err, ERR_INPUT, "near '%s' %s", "\xe1\x87", "\xc3\xbc\x1b\xff");
	assert_string_equal(err.text, "near '?\?' \xc3\xbc?\?");
	(void)err_hint(&err, "%.2s", "\xe2\x82\xac");
	assert_string_equal(err.hint, "?\?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_code_and_sentence),
		cmocka_unit_test(foreign_controls_do_not_reach_a_terminal),
		cmocka_unit_test(a_long_sentence_is_cut_at_a_character),
		cmocka_unit_test(what_is_no_utf8_becomes_a_question_mark),
	};
	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}

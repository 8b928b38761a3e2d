#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/command.h"
#include "cli/help.h"

static void every_row_can_be_found_and_explains_itself(void **state)
{
	(void)state;
	for (size_t t = 0; command_tables[t] != NULL; t++)
		for (const struct command *c = command_tables[t]; c->words != NULL; c++) {
			char words[128];
			char *argv[8];
			int argc = 0, used;
			struct text out = { 0 };

			(void)snprintf(words, sizeof words, "%s", c->words);
			for (char *p = words; *p != '\0';) {
				argv[argc++] = p;
				p += strcspn(p, " ");
				if (*p == ' ')
					*p++ = '\0';
			}
			assert_ptr_equal(command_find(argc, argv, &used), c);
			assert_int_equal(used, argc);
			help_command(c, &out);
			/* an example shows the command itself */
			assert_non_null(c->examples);
			assert_non_null(strstr(c->examples, "senderctl"));
			assert_non_null(strstr(text_string(&out), c->summary));
			text_free(&out);
		}
}

static void options_are_named_once_and_explained(void **state)
{
	(void)state;
	for (size_t t = 0; command_tables[t] != NULL; t++)
		for (const struct command *c = command_tables[t]; c->words != NULL; c++)
			for (const struct option_row *a = c->options;
			     a->kind != OPTION_END_OF_TABLE; a++) {
				assert_non_null(a->help);
				assert_true(a->member < c->args_size);
				for (const struct option_row *b = a + 1;
				     b->kind != OPTION_END_OF_TABLE; b++)
					if (strcmp(a->name, b->name) == 0)
						fail_msg("%s has %s twice", c->words, a->name);
				for (const struct option_row *g = global_options;
				     g->kind != OPTION_END_OF_TABLE; g++)
					if (strcmp(a->name, g->name) == 0)
						fail_msg("%s shadows the global %s", c->words,
						         a->name);
			}
}

static void two_words_win_over_one(void **state)
{
	char a[] = "completion", b[] = "nothing";
	char *argv[] = { a, b };
	int used;

	(void)state;
	assert_string_equal(command_find(2, argv, &used)->words, "completion");
	assert_int_equal(used, 1);
	assert_null(command_find(1, argv + 1, &used));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_can_be_found_and_explains_itself),
		cmocka_unit_test(options_are_named_once_and_explained),
		cmocka_unit_test(two_words_win_over_one),
	};
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

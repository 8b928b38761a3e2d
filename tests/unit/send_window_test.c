#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/verify/send_window.h"

enum { LEAST = SEND_WINDOW_LEAST, MOST = SEND_WINDOW_MOST };

/* So many answers, each after so many milliseconds. */
static void answer(struct send_window *window, int count, int64_t took, bool full)
{
	for (int i = 0; i < count; i++)
		send_window_answered(window, took, full);
}

static const struct {
	const char *what;
	int64_t first; /* what the first answer took */
	int64_t then;  /* and 100 more */
	bool full;
	size_t size;
} cases[] = {
	{ "a far server's window opens", 40, 40, true, LEAST + 101 },
	{ "with nothing to send it does not", 40, 40, false, LEAST },
	{ "a little slower is no queue", 40, 80, true, LEAST + 101 },
	{ "a queue at the server stops it", 40, 82, true, LEAST + 1 },
	{ "so does one at a near server", 0, 3, true, LEAST + 1 },
};

static void it_opens_while_nothing_queues(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct send_window window = send_window_begin();

		assert_int_equal(window.size, LEAST);
		answer(&window, 1, cases[i].first, cases[i].full);
		answer(&window, 100, cases[i].then, cases[i].full);
		if (window.size != cases[i].size)
			fail_msg("%s: %zu", cases[i].what, window.size);
	}
}

static void it_ends_somewhere(void **state)
{
	struct send_window window = send_window_begin();

	(void)state;
	answer(&window, 10 * MOST, 40, true);
	assert_int_equal(window.size, MOST);
	send_window_lost(&window);
	assert_int_equal(window.size, MOST / 2);
	for (int i = 0; i < 10; i++)
		send_window_lost(&window);
	assert_int_equal(window.size, LEAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_while_nothing_queues),
		cmocka_unit_test(it_ends_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/rate.h"

static size_t taken(struct rate *rate, int64_t from, int64_t to)
{
	size_t count = 0;

	for (int64_t now = from; now < to; now++)
		while (rate_take(rate, now) && count < 100000)
			count++;
	return count;
}

static void so_many_a_second_and_no_more(void **state)
{
	static const double rates[] = { 1, 5, 50, 500 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct rate rate = { .per_second = rates[i] };
		size_t count = taken(&rate, 1000, 11000);
		/* Ten seconds' worth, and at most a tenth of a second's more. */
		assert_true((double)count >= rates[i] * 10 - 1);
		assert_true((double)count <= rates[i] * 10 + rates[i] / 10 + 1);
	}
}

static void a_pause_is_not_saved_up(void **state)
{
	struct rate rate = { .per_second = 100 };

	(void)state;
	assert_int_equal(taken(&rate, 1000, 1001), 1);
	assert_int_equal(taken(&rate, 90000, 90001), 10);
}

static void nothing_limits_nothing(void **state)
{
	struct rate rate = { 0 };

	(void)state;
	assert_int_equal(taken(&rate, 1, 2), 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_second_and_no_more),
		cmocka_unit_test(a_pause_is_not_saved_up),
		cmocka_unit_test(nothing_limits_nothing),
	};
	return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}

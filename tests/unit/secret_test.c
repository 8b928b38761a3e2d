#include "keys/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/attr.h"

static struct secret taken(size_t size)
{
	struct secret secret = { 0 };
	struct err err = { 0 };

	assert_true(secret_take(&secret, size, &err));
	assert_int_equal(secret.size, size);
	return secret;
}

/* Does the kernel end whoever does this? */
static bool deadly(void (*act)(volatile unsigned char *at), unsigned char *at)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would tell of it */
		act(at);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void look(volatile unsigned char *at)
{
	(void)*at;
}
static void touch(volatile unsigned char *at)
{
	*at = 1;
}

static void the_next_of_the_same_size_finds_it_wiped(void **state)
{
	static const unsigned char zeros[48] = { 0 };
	struct secret first = taken(sizeof zeros);
	const unsigned char *was = first.bytes;

	UNUSED(state);
	memset(first.bytes, 'x', first.size);
	secret_seal(&first); /* may not be written to when it is dropped */
	secret_drop(&first);
	struct secret other = taken(sizeof zeros + 1);
	struct secret next = taken(sizeof zeros);
	assert_ptr_not_equal(other.bytes, was);
	assert_ptr_equal(next.bytes, was);
	assert_memory_equal(next.bytes, zeros, sizeof zeros);
	assert_false(deadly(touch, next.bytes));
	secret_drop(&other);
	secret_drop(&next);
}

static void what_was_dropped_is_out_of_reach(void **state)
{
	struct secret secret = taken(100);
	unsigned char *was = secret.bytes;

	UNUSED(state);
	assert_false(deadly(look, was));
	assert_false(deadly(touch, was));
	secret_drop(&secret);
	assert_null(secret.bytes);
	assert_true(deadly(look, was));
	assert_true(deadly(touch, was));
}

/* New or used, whole or shortened before. */
static void behind_the_last_byte_is_a_guard(void **state)
{
	const unsigned char *was = NULL;

	UNUSED(state);
	for (int i = 0; i < 3; i++) {
		struct secret secret = taken(77);
		assert_true(i == 0 || secret.bytes == was);
		assert_false(deadly(touch, secret.bytes + 76));
		assert_true(deadly(touch, secret.bytes + 77));
		was = secret.bytes;
		secret_shorten(&secret, 5);
		assert_int_equal(secret.size, 5);
		secret_drop(&secret);
	}
}

/* More than are kept, and ones that are too large for it. */
static void any_number_comes_and_goes(void **state)
{
	struct secret many[40] = { { 0 } };

	UNUSED(state);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < LENGTH(many); i++) {
			many[i] = taken(i % 2 == 0 ? i : 5000 + i);
			for (size_t k = 0; k < many[i].size; k++)
				assert_int_equal(many[i].bytes[k], 0);
			memset(many[i].bytes, 'y', many[i].size);
		}
		for (size_t i = 0; i < LENGTH(many); i++)
			secret_drop(&many[i]);
	}
}

static int setup(void **state)
{
	struct err err = { 0 };

	UNUSED(state);
	return secret_setup(&err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_of_the_same_size_finds_it_wiped),
		cmocka_unit_test(what_was_dropped_is_out_of_reach),
		cmocka_unit_test(behind_the_last_byte_is_a_guard),
		cmocka_unit_test(any_number_comes_and_goes),
	};

	return cmocka_run_group_tests_name("secret", tests, setup, NULL);
}

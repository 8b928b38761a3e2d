#include "keys/foundry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "keys/prover.h"

/* A line of /proc/PID/status; -1: there is none. */
static long says(const char *pid, const char *name)
{
	char path[280], line[256];
	long value = -1;

	(void)snprintf(path, sizeof path, "/proc/%s/status", pid);
	FILE *file = fopen(path, "re");
	while (file != NULL && value < 0 && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			value = strtol(line + strlen(name) + 1, NULL, 10);
	if (file != NULL)
		(void)fclose(file);
	return value;
}

/* A child of this process, if there is one now. */
static bool child_of(pid_t parent, char pid[static 32])
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	bool found = false;

	assert_non_null(processes);
	while (!found && (entry = readdir(processes)) != NULL) {
		found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9'
		        && says(entry->d_name, "PPid") == parent;
		if (found)
			(void)snprintf(pid, 32, "%.31s", entry->d_name);
	}
	(void)closedir(processes);
	return found;
}

static void helper_is_locked_in(pid_t helper)
{
	char text[32];
	const int64_t end = clock_ticks() + 10000;

	(void)snprintf(text, sizeof text, "%ld", (long)helper);
	while (says(text, "Seccomp") != 2 && clock_ticks() < end)
		clock_wait(10);
	assert_int_equal(says(text, "Seccomp"), 2);
	assert_int_equal(says(text, "NoNewPrivs"), 1);
}

/* Seen from outside, while the child searches primes: two filters, its own on
 * top of that of the helper. */
static void who_makes_a_key_is_locked_in(void **state)
{
	struct foundry foundry = { { 0 } };
	struct delivery delivery;
	struct keypair pair = { 0 };
	struct cast cast = { 0 };
	struct err err = { 0 };
	char child[32] = "";
	bool seen = false;

	(void)state;
	assert_true(foundry_start(&foundry, &err));
	helper_is_locked_in(foundry.helper.process);
	for (int i = 0; i < 20 && !seen; i++) {
		assert_true(foundry_order(&foundry, KEYPAIR_RSA, 2048, false, &cast, &err));
		while (!child_of(foundry.helper.process, child))
			clock_wait(1);
		for (int k = 0; k < 50 && !seen; k++) {
			seen = says(child, "Seccomp_filters") == 2 && says(child, "Seccomp") == 2
			       && says(child, "NoNewPrivs") == 1;
			clock_wait(1);
		}
		assert_true(foundry_receive(&foundry, &delivery, &err));
		assert_int_equal(delivery.number, cast.number);
		assert_true(foundry_take(&cast, &delivery, &pair, &err));
		keypair_drop(&pair);
		cast_drop(&cast);
	}
	assert_true(seen);
	foundry_stop(&foundry);
}

/* Every kind is made inside, and none of them needs what is not there. */
static void every_kind_is_made_there(void **state)
{
	static const struct {
		enum keypair_kind kind;
		int bits;
		enum keypair_method method;
		bool quiet;
	} rows[] = {
		{ KEYPAIR_RSA, 2048, KEYPAIR_BY_EVP, false },
		{ KEYPAIR_RSA, 2048, KEYPAIR_BY_BN, false },
		{ KEYPAIR_RSA, 2048, KEYPAIR_BY_EVP, true },
		{ KEYPAIR_ED25519, 0, KEYPAIR_BY_EVP, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct foundry foundry = { { 0 } };
		struct prover prover = { { 0 } };
		struct delivery delivery;
		struct keypair pair = { 0 };
		struct cast cast = { 0 };
		struct err err = { 0 };

		keypair_choose(rows[i].method);
		assert_true(foundry_start(&foundry, &err) && prover_start(&prover, &err));
		assert_true(foundry_order(&foundry, rows[i].kind, rows[i].bits, rows[i].quiet,
		                          &cast, &err));
		assert_true(foundry_receive(&foundry, &delivery, &err));
		assert_true(foundry_take(&cast, &delivery, &pair, &err));
		assert_true(prover_try(&prover, rows[i].kind, &pair.pkcs8, pair.public_key,
		                       pair.public_size, &err));
		helper_is_locked_in(prover.helper.process);
		keypair_drop(&pair);
		cast_drop(&cast);
		prover_stop(&prover);
		foundry_stop(&foundry);
	}
}

static void the_foundry_delivers_to_whom_it_belongs(void **state)
{
	struct err err = { 0 };
	struct foundry foundry = { 0 };
	struct cast casts[2] = { 0 };
	struct delivery *delivery = calloc(1, sizeof *delivery);
	struct keypair pair = { 0 };

	(void)state;
	assert_true(foundry_start(&foundry, &err));
	for (size_t i = 0; i < LENGTH(casts); i++)
		assert_true(foundry_order(&foundry, KEYPAIR_ED25519, 0, false, &casts[i], &err));
	for (size_t i = 0; i < LENGTH(casts); i++) {
		assert_true(foundry_receive(&foundry, delivery, &err));
		const struct cast *mine = &casts[delivery->number == casts[0].number ? 0 : 1];
		const struct cast *other = &casts[delivery->number == casts[0].number ? 1 : 0];
		assert_false(foundry_take(other, delivery, &pair, &err));
		assert_true(foundry_take(mine, delivery, &pair, &err));
		assert_int_equal(pair.pkcs8.size, 48);
		keypair_drop(&pair);
	}
	for (size_t i = 0; i < LENGTH(casts); i++)
		cast_drop(&casts[i]);
	foundry_stop(&foundry);
	free(delivery);
}

static void a_private_key_is_tried_against_its_public_half(void **state)
{
	static const enum keypair_kind kinds[] = { KEYPAIR_RSA, KEYPAIR_ED25519 };
	struct keypair pairs[LENGTH(kinds)];
	struct prover prover = { { 0 } };
	struct err err = { 0 };

	(void)state;
	assert_true(prover_start(&prover, &err));
	for (size_t i = 0; i < LENGTH(kinds); i++) {
		struct keypair stranger;
		assert_true(keypair_make(kinds[i], 2048, &pairs[i], &err));
		assert_true(prover_try(&prover, kinds[i], &pairs[i].pkcs8, pairs[i].public_key,
		                       pairs[i].public_size, &err));
		assert_true(keypair_make(kinds[i], 2048, &stranger, &err));
		assert_false(prover_try(&prover, kinds[i], &pairs[i].pkcs8, stranger.public_key,
		                        stranger.public_size, &err));
		assert_int_equal(err.code, ERR_CRYPTO);
		/* and it goes on working */
		secret_unseal(&stranger.pkcs8);
		memset(stranger.pkcs8.bytes, 0, stranger.pkcs8.size);
		stranger.pkcs8.size -= 1;
		assert_false(prover_try(&prover, kinds[i], &stranger.pkcs8, stranger.public_key,
		                        stranger.public_size, &err));
		assert_true(prover_try(&prover, kinds[i], &pairs[i].pkcs8, pairs[i].public_key,
		                       pairs[i].public_size, &err));
		stranger.pkcs8.size += 1;
		keypair_drop(&stranger);
	}
	/* one kind is not the other */
	assert_false(prover_try(&prover, KEYPAIR_RSA, &pairs[1].pkcs8, pairs[0].public_key,
	                        pairs[0].public_size, &err));
	keypair_drop(&pairs[0]);
	keypair_drop(&pairs[1]);
	prover_stop(&prover);
}

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	return secret_setup(&err) && keypair_setup(&err) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_makes_a_key_is_locked_in),
		cmocka_unit_test(every_kind_is_made_there),
		cmocka_unit_test(the_foundry_delivers_to_whom_it_belongs),
		cmocka_unit_test(a_private_key_is_tried_against_its_public_half),
	};

	return cmocka_run_group_tests_name("foundry", tests, setup, NULL);
}

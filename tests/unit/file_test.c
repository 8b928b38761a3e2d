#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

static char folder[] = "/tmp/file_test.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void a_written_file_is_read_back(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct stat about;
	char *bytes;
	size_t size;

	(void)state;
	assert_true(file_write("a", 0640, "x\0y", 3, &err));
	assert_true(file_write("a", 0600, "one\0two", 7, &err));
	assert_true(file_read("a", 7, &arena, &bytes, &size, &err));
	assert_int_equal(size, 7);
	assert_memory_equal(bytes, "one\0two", 8);
	assert_int_equal(stat("a", &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_false(file_read("a", 6, &arena, &bytes, &size, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(unlink("a"), 0);
	arena_reset(&arena);
}

static void what_is_dropped_leaves_nothing(void **state)
{
	struct file_new file;
	struct err err = { 0 };

	(void)state;
	assert_true(file_new_open(&file, "b", 0600, &err));
	assert_true(file_new_add(&file, "half", 4, &err));
	file_new_drop(&file);
	file_new_drop(&file);
	assert_false(file_exists("b"));
}

static void only_regular_files_are_read(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	char *bytes;
	size_t size;

	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	assert_false(file_read("pipe", 10, &arena, &bytes, &size, &err));
	assert_false(file_read(".", 10, &arena, &bytes, &size, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_false(file_read("nothing", 10, &arena, &bytes, &size, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(unlink("pipe"), 0);
	arena_reset(&arena);
}

static void a_full_disk_is_named(void **state)
{
	struct file_new file;
	struct err err = { 0 };

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	assert_true(file_new_open(&file, "c", 0600, &err));
	/* The device that is always full stands in for the disk. */
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	(void)dup2(fileno(full), file.fd);
	assert_false(file_new_add(&file, "x", 1, &err));
	assert_non_null(strstr(err.hint, "disk is full"));
	(void)fclose(full);
	file_new_drop(&file);
	assert_false(file_exists("c"));
}

static void folders_are_made_with_their_parents(void **state)
{
	struct err err = { 0 };
	struct stat about;

	(void)state;
	assert_true(file_folder("p/q/r", 0700, &err));
	assert_true(file_folder("p/q/r/", 0755, &err));
	assert_int_equal(stat("p/q/r", &about), 0);
	assert_int_equal(about.st_mode & 07777, 0700);
	assert_int_equal(stat("p", &about), 0);
	assert_int_equal(about.st_mode & 07777, 0755);
	assert_true(file_write("p/f", 0600, "", 0, &err));
	assert_false(file_folder("p/f/g", 0700, &err));
	(void)unlink("p/f");
	(void)rmdir("p/q/r");
	(void)rmdir("p/q");
	(void)rmdir("p");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_written_file_is_read_back),
		cmocka_unit_test(what_is_dropped_leaves_nothing),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(a_full_disk_is_named),
		cmocka_unit_test(folders_are_made_with_their_parents),
	};
	return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}

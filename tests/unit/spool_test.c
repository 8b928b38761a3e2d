#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/spool.h"

/* What is printed, read again. */
static struct tree *printed(struct spool *spool, const struct tree *map)
{
	struct err err = { 0 };
	struct tree *tree = NULL;
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	assert_non_null(out);
	assert_true(spool_print(spool, map, "domains", out, &err));
	(void)fclose(out);
	if (!tree_parse(bytes, size, &tree, &err))
		fail_msg("%s: %s", err.text, bytes);
	assert_int_equal(bytes[size - 1], '\n');
	free(bytes);
	return tree;
}

static void a_list_becomes_part_of_one_document(void **state)
{
	(void)state;
	for (size_t items = 0; items < 2000; items = items * 10 + 1)
		for (size_t others = 0; others < 2; others++) {
			struct spool spool = { 0 };
			struct err err = { 0 };
			struct tree *map = tree_map();

			if (others > 0)
				tree_put_text(map, "odd", "}\n }");
			for (size_t i = 0; i < items; i++) {
				struct tree *item = tree_number((long long)i);

				assert_true(spool_add(&spool, item, &err));
				tree_drop(item);
			}
			struct tree *tree = printed(&spool, map);
			const struct tree *list = tree_get(tree, "domains");
			assert_true(tree_is_list(list));
			assert_int_equal(tree_count(list), items);
			for (size_t i = 0; i < items; i++)
				assert_int_equal(tree_as_number(tree_at(list, i), -1), i);
			assert_int_equal(tree_find_text(tree, "odd") != NULL, others > 0);
			tree_drop(tree);
			tree_drop(map);
			spool_drop(&spool);
		}
}

static void a_full_disk_is_an_error(void **state)
{
	struct spool spool = { 0 };
	struct err err = { 0 };
	struct tree *map = tree_map();
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	(void)setvbuf(full, NULL, _IONBF, 0);
	assert_false(spool_print(&spool, map, "domains", full, &err));
	assert_int_equal(err.code, ERR_SYSTEM);
	(void)fclose(full);
	tree_drop(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_becomes_part_of_one_document),
		cmocka_unit_test(a_full_disk_is_an_error),
	};
	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}

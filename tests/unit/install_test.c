#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "core/base/file.h"
#include "core/export/apply.h"
#include "core/export/install.h"
#include "core/export/plan.h"
#include "core/export/table.h"
#include "core/export/tool.h"

/* A view of three senders and one domain, from nowhere. */
static const char *const addresses[] = { "a@acme.example", "b@acme.example", "c@acme.example" };
static size_t address_count = 2;

static bool feed_senders(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	UNUSED(rows);
	for (size_t i = 0; i < address_count; i++) {
		const struct serving_sender sender = { addresses[i], "acme-app", "1" };
		if (!call(&sender, context, err))
			return false;
	}
	return true;
}

static bool no_senders(void *rows, serving_sender_fn call, void *context, struct err *err)
{
	UNUSED(rows), UNUSED(call), UNUSED(context), UNUSED(err);
	return true;
}

static bool feed_domains(void *rows, serving_domain_fn call, void *context, struct err *err)
{
	const struct serving_domain domain = { .id = 5,
		                               .name = "acme.example",
		                               .mode = "relayed",
		                               .rsa_key = 9,
		                               .rsa_selector = "s202611a" };

	UNUSED(rows);
	return call(&domain, context, err);
}

static bool no_hops(void *rows, serving_hop_fn call, void *context, struct err *err)
{
	UNUSED(rows), UNUSED(call), UNUSED(context), UNUSED(err);
	return true;
}

static bool feed_keys(void *rows, serving_key_fn call, void *context, struct err *err)
{
	const struct serving_key key = { 9, "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a03", "acme.example",
		                         "s202611a", "rsa-sha256" };

	UNUSED(rows);
	return call(&key, context, err);
}

static bool no_logins(void *rows, serving_login_fn call, void *context, struct err *err)
{
	UNUSED(rows), UNUSED(call), UNUSED(context), UNUSED(err);
	return true;
}

static const struct view_source source = { feed_senders, no_senders, feed_domains,
	                                   no_hops,      feed_keys,  no_logins };

static char house[] = "/tmp/install_test.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(house) == NULL ? -1 : 0;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	UNUSED(about), UNUSED(kind), UNUSED(walk);
	return remove(path);
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(house, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Export into house/NAME; the relay's last generation is `relay`'s. */
static void exported(struct arena *arena, const char *name, struct generation_relay *relay,
                     struct apply *apply)
{
	struct view view = { .relay = relay, .root = "/srv/relay", .source = &source };
	struct err err = { 0 };

	relay->uuid = "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a04";
	relay->full_name = "lms/mx1";
	relay->mta = "postfix";
	relay->signer = "opendkim";
	const char *folder = arena_print(arena, "%s/%s", house, name);
	if (!apply_open(apply, &view, arena, folder, &err)
	    || !apply_commit(apply, "0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a05", &err))
		fail_msg("%s", err.text);
}

static void the_number_grows_with_the_content_alone(void **state)
{
	struct arena arena = { 0 };
	struct generation_relay relay = { .last = 0 };
	struct apply first, again, more;
	struct err err = { 0 };
	char *a, *b;
	size_t a_size, b_size;

	(void)state;
	exported(&arena, "first", &relay, &first);
	assert_true(first.changed);
	assert_int_equal(first.generation.number, 1);
	assert_int_equal(first.generation.senders, 2);
	assert_int_equal(first.generation.active.count, 1);
	assert_int_equal(first.generation.staged.items[0], 9);

	relay.last = 1;
	memcpy(relay.last_digest, first.generation.digest, sizeof relay.last_digest);
	exported(&arena, "again", &relay, &again);
	assert_false(again.changed);
	assert_int_equal(again.generation.number, 1);
	for (size_t i = 0; i < again.count; i++) {
		const char *path = again.files[i].artifact->path;
		assert_true(file_read(arena_print(&arena, "%s/first/%s", house, path), 1 << 20,
		                      &arena, &a, &a_size, &err));
		assert_true(file_read(arena_print(&arena, "%s/again/%s", house, path), 1 << 20,
		                      &arena, &b, &b_size, &err));
		assert_int_equal(a_size, b_size);
		assert_memory_equal(a, b, a_size);
		assert_non_null(
			strstr(a, "written by senderctl: relay lms/mx1, generation 00000001\n"));
	}

	address_count = 3;
	exported(&arena, "more", &relay, &more);
	address_count = 2;
	assert_true(more.changed);
	assert_int_equal(more.generation.number, 2);
	apply_close(&first);
	apply_close(&again);
	apply_close(&more);
	arena_reset(&arena);
}

static void a_plan_is_read_back_and_every_byte_counts(void **state)
{
	struct arena arena = { 0 };
	struct generation_relay relay = { .last = 0 };
	struct apply apply;
	struct install_plan plan;
	struct err err = { 0 };

	(void)state;
	exported(&arena, "plan", &relay, &apply);
	const char *folder = arena_print(&arena, "%s/plan", house);
	assert_true(install_read(&arena, folder, &plan, &err));
	assert_string_equal(plan.relay, "lms/mx1");
	assert_int_equal(plan.number, 1);
	assert_string_equal(plan.root, "/srv/relay");
	assert_int_equal(plan.count, apply.count);
	assert_memory_equal(plan.tree, apply.tree, sizeof plan.tree);

	FILE *file = fopen(arena_print(&arena, "%s/postfix/sender_login", folder), "a");
	assert_non_null(file);
	(void)fputs("ceo@victim.example\tacme-app\n", file);
	(void)fclose(file);
	assert_false(install_read(&arena, folder, &plan, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	apply_close(&apply);
	arena_reset(&arena);
}

static void a_plan_of_strange_lines_is_refused(void **state)
{
	static const char *const lines[] = {
		"file 0644 1 00 ../../etc/passwd\n",
		"file 0644 1 00 /etc/passwd\n",
		"file 4755 1 00 postfix/main.cf\n",
		"rm -rf\n",
		"relay a/b\ngeneration 0 x\n",
		"generation 7 0e4f8a4e-6f0e-4f0a-9d3e-0d6f4b1f2a05\n",
		"",
		"\xff\xff\n",
	};
	struct arena arena = { 0 };
	struct install_plan plan;

	(void)state;
	const char *folder = arena_print(&arena, "%s/strange", house);
	for (size_t i = 0; i < LENGTH(lines); i++) {
		struct err err = { 0 };
		assert_true(file_folder(folder, 0755, &err));
		assert_true(file_write(arena_print(&arena, "%s/GENERATION", folder), 0644, lines[i],
		                       strlen(lines[i]), &err));
		assert_false(install_read(&arena, folder, &plan, &err));
		assert_int_equal(err.code, ERR_INPUT);
	}
	arena_reset(&arena);
}

static void a_plan_shows_what_changes(void **state)
{
	struct arena arena = { 0 };
	struct generation_relay relay = { .last = 0 };
	struct apply old, fresh;
	struct tree *changes;
	struct text lines = { 0 };
	struct err err = { 0 };
	bool differs;

	(void)state;
	exported(&arena, "old", &relay, &old);
	relay.last = 1;
	address_count = 3;
	exported(&arena, "fresh", &relay, &fresh);
	address_count = 2;
	assert_true(plan_compare(&arena, arena_print(&arena, "%s/old", house),
	                         arena_print(&arena, "%s/fresh", house), &changes, &lines, &differs,
	                         &err));
	assert_true(differs);
	assert_non_null(
		strstr(text_string(&lines), "postfix/sender_login\n+c@acme.example\tacme-app\n"));
	tree_drop(changes);
	assert_true(plan_compare(&arena, arena_print(&arena, "%s/old", house),
	                         arena_print(&arena, "%s/old", house), &changes, NULL, &differs,
	                         &err));
	assert_false(differs);
	tree_drop(changes);
	text_free(&lines);
	apply_close(&old);
	apply_close(&fresh);
	arena_reset(&arena);
}

static void a_program_is_heard_and_its_status_kept(void **state)
{
	struct tool_result result;
	struct err err = { 0 };

	(void)state;
	assert_true(tool_run((const char *const[]){ "sh", "-c", "echo out; echo bad >&2; exit 7",
	                                            NULL },
	                     -1, -1, &result, &err));
	assert_int_equal(result.status, 7);
	assert_non_null(strstr(text_string(&result.said), "bad\n"));
	tool_drop(&result);
	assert_true(tool_run((const char *const[]){ "sh", "-c", "kill -9 $$", NULL }, -1, -1,
	                     &result, &err));
	assert_int_equal(result.status, 128 + 9);
	tool_drop(&result);
	assert_false(tool_run((const char *const[]){ "no-such-program-here", NULL }, -1, -1,
	                      &result, &err));
	assert_int_equal(err.code, ERR_SYSTEM);
	/* postmap's way: status 0, and a complaint */
	assert_true(tool_must((const char *const[]){ "sh", "-c", "echo odd", NULL }, -1, -1, false,
	                      &err));
	assert_false(tool_must((const char *const[]){ "sh", "-c", "echo odd", NULL }, -1, -1, true,
	                       &err));
	assert_non_null(strstr(err.text, "odd"));
}

static bool count_row(const char *key, const char *value, void *context, struct err *err)
{
	UNUSED(err);
	assert_string_equal(key, "key");
	assert_string_equal(value, "value\twith tab");
	++*(int *)context;
	return true;
}

static void rows_of_a_source_are_read_without_comments(void **state)
{
	static const char good[] = "# written by senderctl\nkey\tvalue\twith tab\n";
	static const char bad[] = "key value\n";
	struct arena arena = { 0 };
	struct err err = { 0 };
	int count = 0;

	(void)state;
	const char *path = arena_print(&arena, "%s/table", house);
	assert_true(file_write(path, 0600, good, sizeof good - 1, &err));
	assert_true(table_each(path, count_row, &count, &err));
	assert_int_equal(count, 1);
	assert_true(file_write(path, 0600, bad, sizeof bad - 1, &err));
	assert_false(table_each(path, count_row, &count, &err));
	assert_int_equal(err.code, ERR_INPUT);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_number_grows_with_the_content_alone),
		cmocka_unit_test(a_plan_is_read_back_and_every_byte_counts),
		cmocka_unit_test(a_plan_of_strange_lines_is_refused),
		cmocka_unit_test(a_plan_shows_what_changes),
		cmocka_unit_test(a_program_is_heard_and_its_status_kept),
		cmocka_unit_test(rows_of_a_source_are_read_without_comments),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

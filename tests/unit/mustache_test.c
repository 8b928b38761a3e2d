#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/handover/mustache.h"

static const char *partial_of(void *context, const char *name)
{
	const struct tree *const *partials = context;

	return tree_find_text(*partials, name);
}

static struct tree *suite_read(const char *name)
{
	static char bytes[200000];
	char path[512];
	struct tree *suite = NULL;
	struct err err = { 0 };

	const char *top = getenv("top_srcdir");
	(void)snprintf(path, sizeof path, "%s/tests/data/mustache-spec/%s.json",
	               top != NULL ? top : ".", name);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return NULL;
	size_t size = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	if (!tree_parse(bytes, size, &suite, &err))
		fail_msg("%s: %s", path, err.text);
	return suite;
}

static size_t suite_run(const char *name)
{
	struct tree *suite = suite_read(name);

	if (suite == NULL)
		skip();
	const struct tree *tests = tree_get(suite, "tests");
	for (size_t i = 0; i < tree_count(tests); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct text out = { 0 };
		const struct tree *test = tree_at(tests, i);
		const struct tree *partials = tree_get(test, "partials");
		union {
			const struct tree **from;
			void *to;
		} context = { &partials };
		struct mustache mustache = { .name = name,
			                     .source = tree_find_text(test, "template"),
			                     .escape = mustache_escape_html,
			                     .partial = partial_of,
			                     .context = context.to };
		bool ok = mustache_render(&arena, &mustache, tree_get(test, "data"), &out, &err);
		if (!ok || strcmp(text_string(&out), tree_find_text(test, "expected")) != 0)
			fail_msg("%s, %s: got \"%s\" instead of \"%s\" (%s)", name,
			         tree_find_text(test, "name"), text_string(&out),
			         tree_find_text(test, "expected"), err.text);
		text_free(&out);
		arena_reset(&arena);
	}
	size_t count = tree_count(tests);
	tree_drop(suite);
	return count;
}

static void the_public_suite_passes(void **state)
{
	static const struct {
		const char *name;
		size_t tests;
	} suites[] = {
		{ "comments", 12 }, { "delimiters", 14 }, { "interpolation", 42 },
		{ "inverted", 22 }, { "partials", 12 },   { "sections", 34 },
	};
	size_t total = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(suites); i++) {
		size_t count = suite_run(suites[i].name);
		assert_int_equal(count, suites[i].tests);
		total += count;
	}
	assert_int_equal(total, 136);
}

static void a_broken_template_is_named_with_its_line(void **state)
{
	static const struct {
		const char *source;
		const char *sentence;
	} rows[] = {
		{ "a\nb {{name", "template t, line 2: a tag is not closed" },
		{ "a\n{{{name}}", "line 2: a tag is not closed" },
		{ "a\n\n{{#open}}\nx", "line 3: this section is never closed" },
		{ "{{#a}}{{#b}}{{/a}}{{/b}}", "line 1: this section was not opened here" },
		{ "a\n{{/a}}", "line 2: this section was not opened here" },
		{ "{{=x=}}", "no delimiters" },
		{ "{{= == == =}}", "no delimiters" },
		{ "{{}}", "without a name" },
		{ "{{# }}{{/ }}", "without a name" },
		{ "{{=<% >=}}<%>", "without a name" }, /* '>' closes, and begins no partial */
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct text out = { 0 };
		struct mustache mustache = { .name = "t",
			                     .source = rows[i].source,
			                     .escape = mustache_escape_text };
		if (mustache_render(&arena, &mustache, NULL, &out, &err)
		    || strstr(err.text, rows[i].sentence) == NULL)
			fail_msg("\"%s\": %s", rows[i].source, err.text);
		text_free(&out);
		arena_reset(&arena);
	}
}

static const char *forever(void *context, const char *name)
{
	UNUSED(context);
	UNUSED(name);
	return "x{{>again}}";
}

static void a_partial_that_calls_itself_ends(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct text out = { 0 };
	struct mustache mustache = { .name = "t",
		                     .source = "{{>again}}",
		                     .escape = mustache_escape_text,
		                     .partial = forever };

	(void)state;
	assert_false(mustache_render(&arena, &mustache, NULL, &out, &err));
	assert_non_null(strstr(err.text, "too deep"));
	text_free(&out);
	arena_reset(&arena);
}

static void values_stay_values(void **state)
{
	struct text out = { 0 };

	(void)state;
	mustache_escape_html(&out, "<b>\"it's\" & {{x}}\x1b[31m\n");
	assert_string_equal(text_string(&out),
	                    "&lt;b&gt;&quot;it&#39;s&quot; &amp; {{x}}\xef\xbf\xbd[31m\n");
	text_clear(&out);
	mustache_escape_text(&out, "two\nlines\x1b[31m \xc3\xa4");
	assert_string_equal(text_string(&out), "two?lines?[31m \xc3\xa4");
	text_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_public_suite_passes),
		cmocka_unit_test(a_broken_template_is_named_with_its_line),
		cmocka_unit_test(a_partial_that_calls_itself_ends),
		cmocka_unit_test(values_stay_values),
	};
	return cmocka_run_group_tests_name("mustache", tests, NULL, NULL);
}

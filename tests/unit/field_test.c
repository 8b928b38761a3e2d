#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/model/field.h"
#include "core/model/relay.h"

static const struct field span = { "linger", FIELD_TEXT, field_span, false, NULL };
static const struct field yes_no = { "ed25519", FIELD_BOOL, field_bool, false, NULL };
static const struct field probes = { "probes", FIELD_NUMBER, field_number, false, NULL };
static const struct field language = { "language", FIELD_TEXT, field_choice, true, "de|en" };
static const struct field host = { "helo", FIELD_NAME, field_host, false, NULL };
static const struct field record = { "spf_host", FIELD_NAME, field_record, false, NULL };
static const struct field address = { "reply_to", FIELD_ADDRESS, field_address, true, NULL };
static const struct field url = { "url", FIELD_TEXT, field_url, false, NULL };
static const struct field title = { "title", FIELD_TEXT, field_label, false, NULL };

/* What is said, what becomes of it; NULL: refused, with these words in sentence or hint. */
static const struct {
	const struct field *field;
	const char *said;
	const char *made;
	const char *words;
} cases[] = {
	{ &span, "8 days", "8 days", NULL },
	{ &span, "1.5s", "1.5 s", NULL },
	{ &span, "0 min", "0 min", NULL },
	{ &span, "2  hours", "2 hours", NULL },
	{ &span, "04:00:00", "04:00:00", NULL },
	{ &span, "1 day 02:30:00", "1 day 02:30:00", NULL },
	{ &span, "30 days 00:00:01.5", "30 days 00:00:01.5", NULL },
	{ &span, "4:00", NULL, "is not a span of time" },
	{ &span, "04:60:00", NULL, "is not a span of time" },
	{ &span, "04:00:00x", NULL, "is not a span of time" },
	{ &span, "1 day02:00:00", NULL, "is not a span of time" },
	{ &span, "8", NULL, "\"8\" is not a span of time" },
	{ &span, "days", NULL, "is not a span of time" },
	{ &span, "1.2.3 s", NULL, "is not a span of time" },
	{ &span, "-1 s", NULL, "is not a span of time" },
	{ &span, "1 month", NULL, "is not a span of time" },
	{ &span, "1 s; DROP TABLE x", NULL, "is not a span of time" },
	{ &span, "1234567890 s", NULL, "is not a span of time" },
	{ &yes_no, "yes", "t", NULL },
	{ &yes_no, "no", "f", NULL },
	{ &yes_no, "true", NULL, "yes|no" },
	{ &probes, "3", "3", NULL },
	{ &probes, "3x", NULL, "is not a number" },
	{ &probes, "-3", NULL, "is not a number" },
	{ &probes, "12345678901", NULL, "is not a number" },
	{ &language, "de", "de", NULL },
	{ &language, "d", NULL, "language: there is no \"d\" here" },
	{ &language, "", "", NULL },
	{ &host, "MX1.Vendor.Example.", "mx1.vendor.example", NULL },
	{ &host, "_spf.vendor.example", NULL, "helo: " },
	{ &host, "", NULL, "helo cannot be empty" },
	{ &record, "_SPF.vendor.example", "_spf.vendor.example", NULL },
	{ &address, "Desk@Acme.Example", "desk@acme.example", NULL },
	{ &address, "desk", NULL, "reply_to: " },
	{ &address, "a\nb@acme.example", NULL, "column 2" },
	{ &url, "HTTPS://Acme.Example/X", "https://acme.example/X", NULL },
	{ &url, "ftp://acme.example/", NULL, "url: " },
	{ &title, "Größe & Söhne", "Größe & Söhne", NULL },
	{ &title, "two\nlines", NULL, "title: column 4" },
};

static void values_are_checked(void **state)
{
	UNUSED(state);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const struct field table[] = { *cases[i].field, FIELDS_END };
		const char *made = NULL;
		struct arena arena = { 0 };
		struct err err = { 0 };

		bool ok = field_check(table, &arena, &cases[i].said, &made, &err);
		if (ok != (cases[i].made != NULL))
			fail_msg("%s \"%s\": %s", table[0].key, cases[i].said, err.text);
		if (ok) {
			assert_string_equal(made, cases[i].made);
		} else {
			assert_int_equal(err.code, ERR_INPUT);
			if (strstr(err.text, cases[i].words) == NULL
			    && strstr(err.hint, cases[i].words) == NULL)
				fail_msg("\"%s\": %s", cases[i].said, err.text);
		}
		arena_reset(&arena);
	}
}

static void what_was_not_said_stays_unsaid(void **state)
{
	const struct field table[] = { title, address, FIELDS_END };
	const char *const said[] = { NULL, "desk@acme.example" };
	const char *made[] = { "something", NULL };
	struct arena arena = { 0 };
	struct err err = { 0 };

	UNUSED(state);
	assert_true(field_check(table, &arena, said, made, &err));
	assert_null(made[0]);
	assert_string_equal(made[1], "desk@acme.example");
	arena_reset(&arena);
}

static void shown_rows_are_never_said(void **state)
{
	const struct field table[] = { title,
		                       { "uuid", FIELD_TEXT, NULL, false, NULL },
		                       FIELDS_END };

	UNUSED(state);
	assert_int_equal(field_count(table), 1);
}

static void a_difference_says_from_what_to_what(void **state)
{
	const struct field table[] = {
		title,
		language,
		{ "uuid", FIELD_TEXT, NULL, false, NULL },
		FIELDS_END,
	};
	struct tree *before = tree_map(), *after = tree_map();
	struct text json = { 0 };

	UNUSED(state);
	tree_put_text(before, "title", "Acme");
	tree_put_text(before, "language", "de");
	tree_put_text(before, "uuid", "1");
	tree_put_text(after, "title", "Acme");
	tree_put_text(after, "language", NULL);
	tree_put_text(after, "uuid", "2");
	struct tree *difference = field_difference(table, before, after);
	tree_render(difference, false, &json);
	assert_string_equal(text_string(&json), "{\"language\":{\"from\":\"de\",\"to\":null}}");
	text_free(&json);
	tree_drop(difference);
	tree_drop(before);
	tree_drop(after);
}

static void relay_addresses_get_one_spelling(void **state)
{
	const char *const good[] = { "192.0.2.25", "2001:DB8:0:0::1" };
	const char *const bad[] = { "192.0.2.0/24", "192.0.2",    "fe80::1%eth0", "",
		                    "mx1.example",  "192.0.2.1\n" };
	struct arena arena = { 0 };
	struct err err = { 0 };
	const char *said;

	UNUSED(state);
	assert_true(relay_addresses(&arena, good, LENGTH(good), &said, &err));
	assert_string_equal(said, "{\"192.0.2.25\",\"2001:db8::1\"}");
	for (size_t i = 0; i < LENGTH(bad); i++)
		assert_false(relay_addresses(&arena, &bad[i], 1, &said, &err));
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(what_was_not_said_stays_unsaid),
		cmocka_unit_test(shown_rows_are_never_said),
		cmocka_unit_test(a_difference_says_from_what_to_what),
		cmocka_unit_test(relay_addresses_get_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

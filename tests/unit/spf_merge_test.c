#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/record/spf_record.h"
#include "tests/unit/spf_merge_cases.h"

static const char *const vendor[] = { V };

static size_t count(const char *const list[CASE_MOST])
{
	size_t n = 0;

	while (n < CASE_MOST && list[n] != NULL)
		n++;
	return n;
}

/* The wish of a row; the texts are the caller's. */
static struct spf_merge_wish wish_of(const struct merge_case *row, struct spf_text texts[CASE_MOST])
{
	bool own = row->terms[0] != NULL;

	for (size_t i = 0; i < count(row->records); i++)
		texts[i] = (struct spf_text){ row->records[i], strlen(row->records[i]) };
	return (struct spf_merge_wish){
		.records = texts,
		.record_count = count(row->records),
		.terms = own ? row->terms : vendor,
		.term_count = own ? count(row->terms) : 1,
		.relays = row->relays,
		.relay_count = count(row->relays),
		.sends_now = row->sends_now,
		.fails_today = row->fails_today,
	};
}

static bool said(const struct spf_merge *merge, const char *words)
{
	for (size_t i = 0; i < merge->change_count; i++)
		if (strstr(merge->changes[i], words) != NULL)
			return true;
	for (size_t i = 0; i < merge->warning_count; i++)
		if (strstr(merge->warnings[i], words) != NULL)
			return true;
	return false;
}

static void row_check(size_t number, const struct merge_case *row, const struct spf_merge *merge)
{
	bool refused = merge->outcome == SPF_MERGE_REFUSED;

	if (merge->outcome == row->outcome
	    && (refused ? strstr(merge->reason, row->record) != NULL
	                : strcmp(merge->record, row->record) == 0)
	    && (row->says == NULL || said(merge, row->says)))
		return;
	for (size_t i = 0; i < merge->change_count; i++)
		print_message("change: %s\n", merge->changes[i]);
	for (size_t i = 0; i < merge->warning_count; i++)
		print_message("warning: %s\n", merge->warnings[i]);
	fail_msg("case %zu \"%s\": %s: %s", number, row->records[0] != NULL ? row->records[0] : "",
	         spf_merge_word(merge->outcome), refused ? merge->reason : merge->record);
}

static void a_merge_gives_the_record_of_the_table(void **state)
{
	(void)state;
	assert_true(LENGTH(cases) >= 130);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_text texts[CASE_MOST];
		struct spf_merge_wish wish = wish_of(&cases[i], texts);
		struct spf_merge merge;

		if (!spf_merge(&arena, &wish, &merge, &err))
			fail_msg("case %zu: %s", i, err.text);
		row_check(i, &cases[i], &merge);
		arena_reset(&arena);
	}
}

static void merging_again_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_text texts[CASE_MOST];
		struct spf_merge_wish wish = wish_of(&cases[i], texts);
		struct spf_merge merge;
		struct spf_merge second;

		assert_true(spf_merge(&arena, &wish, &merge, &err));
		if (merge.outcome != SPF_MERGE_REFUSED) {
			texts[0] = (struct spf_text){ merge.record, strlen(merge.record) };
			wish.record_count = 1;
			assert_true(spf_merge(&arena, &wish, &second, &err));
			if (second.outcome != SPF_MERGE_UNCHANGED
			    || strcmp(second.record, merge.record) != 0)
				fail_msg("case %zu again: %s", i, second.record);
		}
		arena_reset(&arena);
	}
}

/* A change names each term that it touches, between quotes. */
static bool named(const struct spf_merge *merge, const char *term)
{
	char quoted[512];

	(void)snprintf(quoted, sizeof quoted, "\"%s\"", term);
	for (size_t i = 0; i < merge->change_count; i++)
		if (strstr(merge->changes[i], quoted) != NULL)
			return true;
	return false;
}

/* Every term that no change names is there, in its order, as it was written;
 * and what is new, a change names. */
static void order_check(size_t number, const struct spf_record *before,
                        const struct spf_record *after, const struct spf_merge *merge)
{
	size_t at = 0;

	for (size_t i = 0; i < before->term_count; i++) {
		const char *text = before->terms[i].text;
		size_t found = at;

		while (found < after->term_count && strcmp(after->terms[found].text, text) != 0)
			found++;
		if (found == after->term_count) {
			if (!named(merge, text))
				fail_msg("case %zu: \"%s\" is lost", number, text);
			continue;
		}
		for (; at < found; at++)
			if (!named(merge, after->terms[at].text))
				fail_msg("case %zu: \"%s\" came from nowhere", number,
				         after->terms[at].text);
		at = found + 1;
	}
}

/* What receivers do with everybody else: the same "all", or none, as before. */
static void policy_check(size_t number, const struct spf_record *before,
                         const struct spf_record *after)
{
	static const enum spf_kind kinds[] = { SPF_TERM_ALL, SPF_TERM_REDIRECT, SPF_TERM_EXP };

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		const struct spf_term *old = spf_record_find(before, kinds[i]);
		const struct spf_term *new = spf_record_find(after, kinds[i]);

		if ((old == NULL) != (new == NULL) || (old != NULL && strcmp(old->text, new->text)))
			fail_msg("case %zu: \"%s\" is another one now", number,
			         spf_record_kind_word(kinds[i]));
	}
}

static void nothing_else_changes(void **state)
{
	size_t looked_at = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_text texts[CASE_MOST];
		struct spf_merge_wish wish = wish_of(&cases[i], texts);
		struct spf_merge merge;
		struct spf_record before, after;

		assert_true(spf_merge(&arena, &wish, &merge, &err));
		if (merge.outcome != SPF_MERGE_REFUSED && merge.spf_count == 1) {
			looked_at++;
			assert_true(spf_record_parse(&arena, merge.present, strlen(merge.present),
			                             &before, &err));
			assert_true(spf_record_parse(&arena, merge.record, strlen(merge.record),
			                             &after, &err));
			order_check(i, &before, &after, &merge);
			policy_check(i, &before, &after);
		}
		arena_reset(&arena);
	}
	assert_true(looked_at > 100);
}

/* libspf2 would stop at 255 mechanisms, others at 64 kB. */
static void many_terms_are_all_kept(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct text before = { 0 }, wanted = { 0 };
	struct spf_merge merge;
	struct spf_text text;
	struct spf_merge_wish wish = {
		.records = &text, .record_count = 1, .terms = vendor, .term_count = 1
	};

	(void)state;
	text_add(&before, "v=spf1");
	for (int i = 0; i < 2000; i++)
		text_addf(&before, " ip4:198.%d.%d.0/24", 18 + i / 256, i % 256);
	text_addf(&wanted, "%s " V " ~all", text_string(&before));
	text_add(&before, " ~all");
	text = (struct spf_text){ before.data, before.length };
	assert_true(spf_merge(&arena, &wish, &merge, &err));
	assert_int_equal(merge.outcome, SPF_MERGE_MERGED);
	assert_string_equal(merge.record, text_string(&wanted));
	text_free(&before);
	text_free(&wanted);
	arena_reset(&arena);
}

/* NUL and other octets that no receiver takes. */
static void foreign_octets_are_refused(void **state)
{
	static const struct spf_text texts[] = {
		{ "v=spf1 mx\0 -all", 15 },
		{ "v=spf1 mx -all\0", 15 },
		{ "v=spf1 \xc3\xa4.example -all", 21 },
		{ "v=spf1 mx\n-all", 14 },
		{ "v=spf1 a:\x7f.example -all", 23 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_merge merge;
		struct spf_merge_wish wish = {
			.records = &texts[i], .record_count = 1, .terms = vendor, .term_count = 1
		};

		assert_true(spf_merge(&arena, &wish, &merge, &err));
		if (merge.outcome != SPF_MERGE_REFUSED || strstr(merge.reason, "column") == NULL)
			fail_msg("case %zu: %s", i, merge.record);
		arena_reset(&arena);
	}
}

/* A NUL in front makes it somebody else's TXT (4.5). */
static void a_nul_in_the_version_is_no_record(void **state)
{
	static const struct spf_text text = { "v=spf1\0 mx -all", 15 };
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct spf_merge merge;
	struct spf_merge_wish wish = {
		.records = &text, .record_count = 1, .terms = vendor, .term_count = 1
	};

	(void)state;
	assert_true(spf_merge(&arena, &wish, &merge, &err));
	assert_int_equal(merge.spf_count, 0);
	assert_string_equal(merge.record, "v=spf1 " V " ~all");
	arena_reset(&arena);
}

static void of_a_refusal_the_present_record_is_told(void **state)
{
	static const struct spf_text text = { NINE " a:8.example -all",
		                              sizeof(NINE " a:8.example -all") - 1 };
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct spf_merge merge;
	struct spf_merge_wish wish = {
		.records = &text, .record_count = 1, .terms = vendor, .term_count = 1
	};

	(void)state;
	assert_true(spf_merge(&arena, &wish, &merge, &err));
	assert_int_equal(merge.outcome, SPF_MERGE_REFUSED);
	assert_string_equal(merge.record, text.text);
	assert_string_equal(merge.would_be, NINE " a:8.example " V " -all");
	arena_reset(&arena);
}

static void a_wish_must_authorise_somebody(void **state)
{
	static const char *const wishes[] = {
		"all",
		"-all",
		"redirect=x.example",
		"?include:x.example",
		"exp=x.example",
		"include:",
		"ip4:1.2.3",
		"nonsense",
		"",
		"include:a.example mx",
		"v=spf1",
		"ip6:::ffff:192.0.2.1",
		"ip6:::ffff:0.0.0.0/96",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(wishes); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_merge merge;
		struct spf_merge_wish wish = { .terms = &wishes[i], .term_count = 1 };
		if (spf_merge(&arena, &wish, &merge, &err))
			fail_msg("\"%s\" was taken", wishes[i]);
		assert_int_equal(err.code, ERR_INPUT);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_merge_gives_the_record_of_the_table),
		cmocka_unit_test(merging_again_changes_nothing),
		cmocka_unit_test(nothing_else_changes),
		cmocka_unit_test(many_terms_are_all_kept),
		cmocka_unit_test(foreign_octets_are_refused),
		cmocka_unit_test(a_nul_in_the_version_is_no_record),
		cmocka_unit_test(of_a_refusal_the_present_record_is_told),
		cmocka_unit_test(a_wish_must_authorise_somebody),
	};
	return cmocka_run_group_tests_name("spf_merge", tests, NULL, NULL);
}

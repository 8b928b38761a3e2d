#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/base/text.h"
#include "core/record/spf_lint.h"

/* A record, and what is said about it: E for an error, W for a warning, each
 * with its column; 0 is the record as a whole. */
static const struct {
	const char *record;
	const char *findings;
	unsigned lookups;
} cases[] = {
	{ "v=spf1 include:_spf.vendor.example -all", "", 1 },
	{ "v=spf1 redirect=_spf.vendor.example", "", 1 },
	{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all", "", 0 },
	{ "v=spf1 a mx", "W0", 2 },
	{ "v=spf1 +all", "W8", 0 },
	{ "v=spf1 all", "W8", 0 },
	{ "v=spf1 -all a", "W13", 1 },
	{ "v=spf1 -all a exp=why.acme.example", "W13", 1 },
	{ "v=spf1 redirect=a.example -all", "W8", 1 },
	{ "v=spf1 -all redirect=a.example", "W13", 1 },
	{ "v=spf1 ptr -all", "W8", 1 },
	{ "v=spf1 a a -all", "W10", 2 },
	{ "v=spf1 a A -all", "W10", 2 },
	{ "v=spf1 ip4=192.0.2.1 -all", "W8", 0 },
	{ "v=spf1 include=_spf.vendor.example -all", "W8", 0 },
	{ "v=spf1 moo=1 -all", "", 0 },
	{ "v=spf1 ip4:123.4.5.678/90 -all", "E20 E24", 0 },
	{ "v=spf1 inclde:a.example -all", "E8", 0 },
	{ "v=spf1 \xe2\x80\x9c"
	  "a\xe2\x80\x9d -all",
	  "E8", 0 },
	{ "v=spf1 a\xc2\xa0mx -all", "E9", 0 },
	{ "v=spf2 -all", "E1", 0 },
	{ "v=spf1 a mx a:b.c a:d.e a:f.g a:h.i a:j.k a:l.m a:n.o a:p.q a:r.s -all", "E0", 11 },
	{ "v=spf1 exp=a.example exp=b.example -all", "E22", 0 },
	{ "v=spf1 include: -all", "E16", 0 },
	{ "v=spf1 a:acme. -all", "E10", 0 },
};

static void says_what_is_wrong_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct text seen = { 0 };
		struct spf_lint lint;

		spf_lint_run(&arena, cases[i].record, strlen(cases[i].record), &lint);
		for (size_t f = 0; f < lint.count; f++)
			text_addf(&seen, "%s%c%zu", f > 0 ? " " : "",
			          lint.findings[f].error ? 'E' : 'W', lint.findings[f].column);
		if (strcmp(text_string(&seen), cases[i].findings) != 0
		    || lint.lookups != cases[i].lookups)
			fail_msg("%s: %s, %u look-ups", cases[i].record, text_string(&seen),
			         lint.lookups);
		text_free(&seen);
		arena_reset(&arena);
	}
}

static void sizes_are_told(void **state)
{
	static const struct {
		size_t octets;
		size_t findings;
	} sizes[] = { { 255, 0 }, { 256, 1 }, { 450, 1 }, { 451, 2 } };

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct arena arena = { 0 };
		struct text record = { 0 };
		struct spf_lint lint;

		text_add(&record, "v=spf1 -all x=");
		while (record.length < sizes[i].octets)
			text_add_char(&record, 'x');
		spf_lint_run(&arena, record.data, record.length, &lint);
		assert_int_equal(lint.count, sizes[i].findings);
		text_free(&record);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(sizes_are_told),
	};
	return cmocka_run_group_tests_name("spf_lint", tests, NULL, NULL);
}

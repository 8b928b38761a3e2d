#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/plan/spf_price.h"
#include "tests/unit/ask_world.h"

static const struct ask_world world[] = {
	{ "acme.example", "192.0.2.80", ASK_A },
	{ "acme.example", "mail.acme.example", ASK_MX },
	{ "mail.acme.example", "192.0.2.25", ASK_A },
	{ "mail.acme.example", "2001:db8::25", ASK_AAAA },
	{ "six.example", "2001:db8::6", ASK_AAAA },
	{ "flat.example", "v=spf1 ip4:192.0.2.0/24 -all", ASK_TXT },
	{ "deep.example", "google-site-verification=x", ASK_TXT },
	{ "deep.example", "v=spf1 include:flat.example a:gone.example ~all a:never.example",
	  ASK_TXT },
	{ "last.example", "v=spf1 redirect=flat.example a:mail.acme.example", ASK_TXT },
	{ "both.example", "v=spf1 redirect=gone.example ~all", ASK_TXT },
	{ "loop-a.example", "v=spf1 include:loop-b.example -all", ASK_TXT },
	{ "loop-b.example", "v=spf1 include:loop-a.example -all", ASK_TXT },
	{ "two.example", "v=spf1 -all", ASK_TXT },
	{ "two.example", "v=spf1 ~all", ASK_TXT },
	{ "broken.example", "v=spf1 inclde:flat.example -all", ASK_TXT },
	{ "silent.example", NULL, ASK_TXT },
	{ "nomail.example", "", ASK_MX },
	{ NULL, NULL, ASK_TXT },
};

/* Lookups, voids, unknown; the dead name; then each line with its depth. */
/* clang-format off */
static const struct {
	const char *record;
	size_t lookups, voids, unknown;
	const char *dead;
	const char *lines;
} cases[] = {
	{ "v=spf1 -all", 0, 0, 0, NULL, "" },
	{ "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 ~all", 0, 0, 0, NULL, "" },
	/* acme.example has no AAAA: for IPv6 clients that is a void look-up */
	{ "v=spf1 a mx -all", 2, 1, 0, NULL, "0 a 1/1; 0 mx 1/0; " },
	{ "v=spf1 a:mail.acme.example -all", 1, 0, 0, NULL, "0 a:mail.acme.example 1/0; " },
	{ "v=spf1 a:six.example a:gone.example -all", 2, 2, 0, NULL,
	  "0 a:six.example 1/1; 0 a:gone.example 1/1; " },
	{ "v=spf1 include:flat.example -all", 1, 0, 0, NULL, "0 include:flat.example 1/0; " },
	{ "v=spf1 include:deep.example -all", 3, 1, 0, NULL,
	  "0 include:deep.example 3/1; 1 include:flat.example 1/0; 1 a:gone.example 1/1; " },
	{ "v=spf1 include:last.example -all", 3, 0, 0, NULL,
	  "0 include:last.example 3/0; 1 a:mail.acme.example 1/0; 1 redirect=flat.example 1/0; " },
	{ "v=spf1 include:both.example -all", 1, 0, 0, NULL, "0 include:both.example 1/0; " },
	{ "v=spf1 include:flat.example include:flat.example -all", 2, 0, 0, NULL,
	  "0 include:flat.example 1/0; 0 include:flat.example 1/0; " },
	/* what is never looked at costs nothing */
	{ "v=spf1 -all a:gone.example include:gone.example", 0, 0, 0, NULL, "" },
	{ "v=spf1 ~all redirect=gone.example", 0, 0, 0, NULL, "" },
	/* permerror for everybody */
	{ "v=spf1 include:gone.example mx -all a", 2, 0, 0, "gone.example",
	  "0 include:gone.example 1/0 !; 0 mx 1/0; " },
	{ "v=spf1 include:two.example -all", 1, 0, 0, "two.example", "0 include:two.example 1/0 !; " },
	{ "v=spf1 include:broken.example -all", 1, 0, 0, "broken.example",
	  "0 include:broken.example 1/0 !; " },
	{ "v=spf1 redirect=gone.example", 1, 0, 0, "gone.example", "0 redirect=gone.example 1/0 !; " },
	/* what cannot be told is not guessed */
	{ "v=spf1 include:silent.example -all", 1, 0, 1, NULL, "0 include:silent.example 1/0 ?; " },
	{ "v=spf1 include:%{d}.example redirect=flat.example", 2, 0, 1, NULL,
	  "0 include:%{d}.example 1/0 ?; 0 redirect=flat.example 1/0; " },
	{ "v=spf1 exists:%{i}.example a:silent.example mx:silent.example -all", 3, 0, 0, NULL,
	  "0 exists:%{i}.example 1/0 ?; 0 a:silent.example 1/0 ?; 0 mx:silent.example 1/0 ?; " },
	{ "v=spf1 ptr -all", 1, 0, 0, NULL, "0 ptr 1/0; " },
	{ "v=spf1 mx:nomail.example exists:gone.example -all", 2, 1, 0, NULL,
	  "0 mx:nomail.example 1/0; 0 exists:gone.example 1/1; " },
	{ "v=spf1 mx:gone.example -all", 1, 1, 0, NULL, "0 mx:gone.example 1/1; " },
	{ "v=spf1 inclde:flat.example -all", 0, 0, 1, NULL, "" },
};
/* clang-format on */

static void every_branch_has_its_price(void **state)
{
	struct ask ask = ask_world(world);

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct text lines = { 0 };
		struct err err = { 0 };
		struct spf_price price;

		assert_true(spf_price(&arena, &ask, "acme.example", cases[i].record, &price, &err));
		for (size_t l = 0; l < price.line_count; l++)
			text_addf(&lines, "%u %s %zu/%zu%s%s; ", price.lines[l].depth,
			          price.lines[l].term, price.lines[l].lookups, price.lines[l].voids,
			          price.lines[l].problem != NULL ? " !" : "",
			          price.lines[l].unknown ? " ?" : "");
		bool same = price.lookups == cases[i].lookups && price.voids == cases[i].voids
		            && price.unknown == cases[i].unknown
		            && (price.dead == NULL) == (cases[i].dead == NULL)
		            && (price.dead == NULL || strcmp(price.dead, cases[i].dead) == 0)
		            && strcmp(text_string(&lines), cases[i].lines) == 0;
		if (!same)
			fail_msg("%s: %zu %zu %zu %s: %s", cases[i].record, price.lookups,
			         price.voids, price.unknown, price.dead != NULL ? price.dead : "-",
			         text_string(&lines));
		text_free(&lines);
		arena_reset(&arena);
	}
}

static void a_loop_of_includes_is_counted_and_left(void **state)
{
	struct ask ask = ask_world(world);
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct spf_price price;

	(void)state;
	assert_true(spf_price(&arena, &ask, "acme.example", "v=spf1 include:loop-a.example -all",
	                      &price, &err));
	assert_true(price.lookups > SPF_LOOKUP_LIMIT);
	assert_true(price.line_count < 40);
	assert_true(price.cut);
	arena_reset(&arena);
}

/* Who has no AAAA costs nothing to a sender with an IPv4 address. */
static void each_family_finds_nothing_by_itself(void **state)
{
	static const struct {
		const char *record;
		size_t four, six, silent;
	} families[] = {
		{ "v=spf1 a mx -all", 0, 1, 0 },
		{ "v=spf1 a:six.example a:six.example a -all", 2, 1, 0 },
		{ "v=spf1 a:gone.example mx:gone.example -all", 2, 2, 0 },
		{ "v=spf1 exists:gone.example exists:six.example -all", 2, 2, 0 },
		{ "v=spf1 include:silent.example a:silent.example mx:silent.example -all", 0, 0,
		  3 },
		{ "v=spf1 include:%{i}.example ptr -all", 0, 0, 0 },
	};
	struct ask ask = ask_world(world);

	(void)state;
	for (size_t i = 0; i < LENGTH(families); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_price price;

		assert_true(
			spf_price(&arena, &ask, "acme.example", families[i].record, &price, &err));
		if (price.voids4 != families[i].four || price.voids6 != families[i].six
		    || price.silent != families[i].silent || price.cut)
			fail_msg("%s: %zu %zu %zu", families[i].record, price.voids4, price.voids6,
			         price.silent);
		arena_reset(&arena);
	}
}

static void a_final_dot_is_no_part_of_a_name(void **state)
{
	struct ask ask = ask_world(world);
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct spf_price price;

	(void)state;
	assert_true(spf_price(&arena, &ask, "acme.example",
	                      "v=spf1 include:deep.example. include:gone.example. -all", &price,
	                      &err));
	assert_int_equal(price.lookups, 4);
	assert_string_equal(price.lines[1].record, "deep.example");
	assert_string_equal(price.dead, "gone.example");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_branch_has_its_price),
		cmocka_unit_test(a_loop_of_includes_is_counted_and_left),
		cmocka_unit_test(each_family_finds_nothing_by_itself),
		cmocka_unit_test(a_final_dot_is_no_part_of_a_name),
	};
	return cmocka_run_group_tests_name("spf_price", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/record/spf_record.h"

static struct arena arena;

static int give_back(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

/* Records a receiver accepts, and how their terms read: qualifier, kind,
 * domain, prefixes. */
static const struct {
	const char *record;
	const char *terms;
} accepted[] = {
	{ "v=spf1", "" },
	{ "V=SPF1 -ALL", "-all" },
	{ "v=spf1   a   mx  ", "+a +mx" },
	{ "v=spf1 a/24 mx//64 a/8//48", "+a/24 +mx//64 +a/8//48" },
	{ "v=spf1 a:mail.acme.example/24//64 ~all", "+a(mail.acme.example)/24//64 ~all" },
	{ "v=spf1 a:acme.example. -all", "+a(acme.example.) -all" },
	{ "v=spf1 ip4:192.0.2.1 ip4:192.0.2.0/0 ?all", "+ip4 +ip4/0 ?all" },
	{ "v=spf1 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1/128", "+ip6//32 +ip6 +ip6//128" },
	{ "v=spf1 include:%{d}.x redirect=%{o}", "+include(%{d}.x) redirect(%{o})" },
	{ "v=spf1 exists:%{ir}.%{v}._spf.%{d2} ptr ptr:acme.example",
	  "+exists(%{ir}.%{v}._spf.%{d2}) +ptr +ptr(acme.example)" },
	{ "v=spf1 exists:%{l1r+-,/_=.}.%%.%_.%-.x.org", "+exists(%{l1r+-,/_=.}.%%.%_.%-.x.org)" },
	{ "v=spf1 a:foo:bar/baz.example.com", "+a(foo:bar/baz.example.com)" },
	{ "v=spf1 exp=why.acme.example moo.x-y_z=%{d} default=",
	  "exp(why.acme.example) modifier(%{d}) modifier()" },
	{ "v=spf1 ip4=192.0.2.1 -all", "modifier(192.0.2.1) -all" },
	{ "v=spf1 a:1-2.3-4", "+a(1-2.3-4)" },
	{ "v=spf1 redirect=a.example redirection=b", "redirect(a.example) modifier(b)" },
};

static void render_term(const struct spf_term *term, struct text *out)
{
	if (out->length > 0)
		text_add_char(out, ' ');
	if (term->qualifier)
		text_add_char(out, term->qualifier);
	text_add(out, spf_record_kind_word(term->kind));
	if (term->domain)
		text_addf(out, "(%s)", term->domain);
	if (term->prefix4 != SPF_NO_PREFIX)
		text_addf(out, "/%d", term->prefix4);
	if (term->prefix6 != SPF_NO_PREFIX)
		text_addf(out, "//%d", term->prefix6);
}

static void a_good_record_is_read_term_by_term(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(accepted); i++) {
		struct spf_record record = { 0 };
		struct err err = { 0 };
		struct text seen = { 0 };

		if (!spf_record_parse(&arena, accepted[i].record, strlen(accepted[i].record),
		                      &record, &err))
			fail_msg("%s: %s", accepted[i].record, err.text);
		for (size_t t = 0; t < record.term_count; t++)
			render_term(&record.terms[t], &seen);
		assert_string_equal(text_string(&seen), accepted[i].terms);
		text_free(&seen);
	}
}

/* Records a receiver answers with permerror, and where the first fault is. */
static const struct {
	const char *record;
	size_t column;
	size_t problems;
} refused[] = {
	{ "", 1, 1 },
	{ " v=spf1 a", 1, 1 },
	{ "v=spf10 a", 1, 1 },
	{ "v=spf1\ta", 1, 1 },
	{ "v=spf1 all.", 8, 1 },
	{ "v=spf1 all:x.org", 11, 1 },
	{ "v=spf1 all/8", 11, 1 },
	{ "v=spf1 a: -all", 10, 1 },
	{ "v=spf1 a:/24", 10, 1 },
	{ "v=spf1 a:acme -all", 10, 1 },
	{ "v=spf1 a:acme.123", 15, 1 },
	{ "v=spf1 a:acme.-x", 15, 1 },
	{ "v=spf1 a:acme.x-", 15, 1 },
	{ "v=spf1 a:acme..", 15, 1 },
	{ "v=spf1 a:%{d}x", 14, 1 },
	{ "v=spf1 a/33", 10, 1 },
	{ "v=spf1 a/032", 10, 1 },
	{ "v=spf1 a//129", 11, 1 },
	{ "v=spf1 a//64/24", 9, 1 },
	{ "v=spf1 a/", 9, 1 },
	{ "v=spf1 mx:acme.example/", 16, 1 },
	{ "v=spf1 include", 15, 1 },
	{ "v=spf1 include=acme.example include:", 37, 1 },
	{ "v=spf1 ptr/24", 11, 1 },
	{ "v=spf1 ip4 ip4: ip4:192.0.2", 11, 3 },
	{ "v=spf1 ip4:123.4.5.678/90", 20, 2 },
	{ "v=spf1 ip4:192.0.2.01", 20, 1 },
	{ "v=spf1 ip4:999.0.888.1/33", 12, 3 },
	{ "v=spf1 ip4:192.0.2/33", 19, 2 },
	{ "v=spf1 a:acme/33//129", 10, 3 },
	{ "v=spf1 mx/33//129", 11, 2 },
	{ "v=spf1 ip4:192.0.2.1.5", 21, 1 },
	{ "v=spf1 ip4:::ffff:192.0.2.1", 12, 1 },
	{ "v=spf1 ip6:192.0.2.1", 12, 1 },
	{ "v=spf1 ip6:2001:db8::/129", 23, 1 },
	{ "v=spf1 ip6:2001:db8::g", 12, 1 },
	{ "v=spf1 exists:foo%.org", 18, 1 },
	{ "v=spf1 exists:foo%(d).org", 18, 1 },
	{ "v=spf1 exists:%{x}.org", 15, 1 },
	{ "v=spf1 exists:%{c}.org", 15, 1 },
	{ "v=spf1 exists:%{d0}.org", 15, 1 },
	{ "v=spf1 exists:%{d", 15, 1 },
	{ "v=spf1 exists:%", 15, 1 },
	{ "v=spf1 moo=%x", 12, 1 },
	{ "v=spf1 1up=x =all", 8, 2 },
	{ "v=spf1 redirect:acme.example", 8, 1 },
	{ "v=spf1 -redirect=acme.example", 9, 1 },
	{ "v=spf1 exp= redirect=-all", 12, 2 },
	{ "v=spf1 redirect=a.example -all redirect=b.example", 32, 1 },
	{ "v=spf1 inclde:x.example -al", 8, 2 },
	{ "v=spf1 a\xe2\x80\x9c", 9, 1 },
	{ "v=spf1 \xe2\x80\x9c-all\xe2\x80\x9d", 8, 1 },
	{ "v=spf1 \xe2\x80\x93"
	  "all\xe2\x80\x9d \xe2\x80\x9c",
	  8, 3 },
	{ "v=spf1 a:m\xc3\xbcller.example:\x01", 11, 1 },
	{ "v=spf1 a\tmx", 9, 1 },
	{ "v=spf1 --all", 9, 1 },
};

static void a_bad_record_is_refused_where_it_is_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		struct spf_record record = { 0 };
		struct err err = { 0 };

		if (spf_record_parse(&arena, refused[i].record, strlen(refused[i].record), &record,
		                     &err))
			fail_msg("accepted: %s", refused[i].record);
		if (record.problems[0].column != refused[i].column
		    || record.problem_count != refused[i].problems)
			fail_msg("%s: column %zu, %zu problems: %s", refused[i].record,
			         record.problems[0].column, record.problem_count, err.text);
	}
}

static void a_nul_does_not_end_a_record(void **state)
{
	static const char text[] = "v=spf1 a\0ll -all";
	struct spf_record record = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_false(spf_record_parse(&arena, text, sizeof(text) - 1, &record, &err));
	assert_int_equal(record.term_count, 2);
	assert_int_equal(record.problems[0].column, 9);
}

static void nothing_is_lost(void **state)
{
	static const char text[] = "v=spf1 +A:Mail.Acme.Example/24 ?Include:X.example moo=1 -ALL";
	struct spf_record record = { 0 };
	struct err err = { 0 };
	struct text again = { 0 };

	(void)state;
	assert_true(spf_record_parse(&arena, text, sizeof(text) - 1, &record, &err));
	spf_record_render(record.terms, record.term_count, &again);
	assert_string_equal(text_string(&again), text);
	assert_true(record.terms[0].qualifier_written);
	assert_int_equal(record.terms[1].column, 32);
	assert_ptr_equal(spf_record_find(&record, SPF_TERM_ALL), &record.terms[3]);
	assert_null(spf_record_find(&record, SPF_TERM_REDIRECT));
	text_free(&again);
}

static void one_term_alone(void **state)
{
	struct spf_term term = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(spf_record_parse_term(&arena, "include:_spf.vendor.example", &term, &err));
	assert_int_equal(term.kind, SPF_TERM_INCLUDE);
	assert_false(spf_record_parse_term(&arena, "include:a b", &term, &err));
	assert_false(spf_record_parse_term(&arena, "", &term, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_record_is_read_term_by_term),
		cmocka_unit_test(a_bad_record_is_refused_where_it_is_bad),
		cmocka_unit_test(a_nul_does_not_end_a_record),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(one_term_alone),
	};
	return cmocka_run_group_tests_name("spf_record", tests, NULL, give_back);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/record/spf_macro.h"

/* The examples of RFC 7208 section 7.4, and some of our own. */
static const struct spf_macro_values mail4 = {
	.sender = "strong-bad@email.example.com",
	.local_part = "strong-bad",
	.sender_domain = "email.example.com",
	.domain = "email.example.com",
	.address_labels = "192.0.2.3",
	.address = "192.0.2.3",
	.validated = "mx.example.org",
	.family = "in-addr",
	.helo = "mx.example.org",
	.receiver = "mail.vendor.example",
	.now = 1792108800,
};

static const struct {
	const char *spec;
	enum spf_macro_place place;
	const char *result; /* NULL: against the grammar */
} cases[] = {
	{ "%{s}", SPF_MACRO_DOMAIN, "strong-bad@email.example.com" },
	{ "%{o}", SPF_MACRO_DOMAIN, "email.example.com" },
	{ "%{d4}", SPF_MACRO_DOMAIN, "email.example.com" },
	{ "%{d3}", SPF_MACRO_DOMAIN, "email.example.com" },
	{ "%{d2}", SPF_MACRO_DOMAIN, "example.com" },
	{ "%{d1}", SPF_MACRO_DOMAIN, "com" },
	{ "%{dr}", SPF_MACRO_DOMAIN, "com.example.email" },
	{ "%{d2r}", SPF_MACRO_DOMAIN, "example.email" },
	{ "%{d2R}", SPF_MACRO_DOMAIN, "example.email" },
	{ "%{l}", SPF_MACRO_DOMAIN, "strong-bad" },
	{ "%{l-}", SPF_MACRO_DOMAIN, "strong.bad" },
	{ "%{lr}", SPF_MACRO_DOMAIN, "strong-bad" },
	{ "%{lr-}", SPF_MACRO_DOMAIN, "bad.strong" },
	{ "%{l1r-}", SPF_MACRO_DOMAIN, "strong" },
	{ "%{ir}.%{v}._spf.%{d2}", SPF_MACRO_DOMAIN, "3.2.0.192.in-addr._spf.example.com" },
	{ "%{lr-}.lp._spf.%{d2}", SPF_MACRO_DOMAIN, "bad.strong.lp._spf.example.com" },
	{ "%{d999999999999}", SPF_MACRO_DOMAIN, "email.example.com" },
	{ "%{d@}", SPF_MACRO_DOMAIN, NULL },
	{ "%{l--+-.}", SPF_MACRO_DOMAIN, "strong.bad" },
	{ "%{S}", SPF_MACRO_DOMAIN, "strong-bad%40email.example.com" },
	{ "%%%_%-", SPF_MACRO_DOMAIN, "% %20" },
	{ "%{t}", SPF_MACRO_DOMAIN, NULL },
	{ "a b", SPF_MACRO_DOMAIN, NULL },
	{ "%{c} is not %{r} at %{t}", SPF_MACRO_EXPLANATION,
	  "192.0.2.3 is not mail.vendor.example at 1792108800" },
	{ "%{p}", SPF_MACRO_EXPLANATION, "mx.example.org" },
	{ "%{d0}", SPF_MACRO_DOMAIN, NULL },
	{ "%{d", SPF_MACRO_DOMAIN, NULL },
	{ "%{", SPF_MACRO_DOMAIN, NULL },
	{ "%", SPF_MACRO_DOMAIN, NULL },
	{ "%{rd}", SPF_MACRO_EXPLANATION, NULL },
	{ "\xc3\xa4", SPF_MACRO_EXPLANATION, NULL },
	{ "a\nb", SPF_MACRO_EXPLANATION, NULL },
};

static void expands_as_the_rfc_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct text out = { 0 };
		struct err err = { 0 };
		bool good = spf_macro_expand(cases[i].spec, strlen(cases[i].spec), cases[i].place,
		                             &mail4, &out, &err);

		if (good != (cases[i].result != NULL))
			fail_msg("%s: %s", cases[i].spec, good ? "accepted" : err.text);
		if (good)
			assert_string_equal(text_string(&out), cases[i].result);
		text_free(&out);
	}
}

static void what_is_not_known_is_unknown(void **state)
{
	static const struct spf_macro_values nothing = { 0 };
	struct text out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(spf_macro_expand("%{p}.x", 6, SPF_MACRO_DOMAIN, &nothing, &out, &err));
	assert_string_equal(text_string(&out), "unknown.x");
	text_free(&out);
}

static void tells_which_letters_are_used(void **state)
{
	(void)state;
	assert_true(spf_macro_uses("a.%{P}.b", 8, 'p'));
	assert_false(spf_macro_uses("a.%%{p}", 7, 'p'));
	assert_false(spf_macro_uses("a.%{d}", 6, 'p'));
}

static void a_long_name_loses_labels_on_its_left(void **state)
{
	char name[400];
	const char *trimmed = NULL;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		name[i] = i % 10 == 9 ? '.' : 'a';
	name[300] = '\0';
	name[299] = 'z';
	trimmed = spf_macro_trim(name);
	assert_int_equal(strlen(trimmed), 250);
	assert_string_equal(trimmed, name + 50);
	assert_string_equal(spf_macro_trim("a.b."), "a.b.");
	for (size_t i = 0; i < 300; i++)
		name[i] = 'a';
	assert_ptr_equal(spf_macro_trim(name), name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands_as_the_rfc_says),
		cmocka_unit_test(what_is_not_known_is_unknown),
		cmocka_unit_test(tells_which_letters_are_used),
		cmocka_unit_test(a_long_name_loses_labels_on_its_left),
	};
	return cmocka_run_group_tests_name("spf_macro", tests, NULL, NULL);
}

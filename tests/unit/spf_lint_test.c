#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/base/text.h"
#include "core/record/spf_head.h"
#include "core/record/spf_lint.h"
#include "core/record/spf_record.h"
#include "tests/unit/spf_lint_cases.h"

static const char *first_advice(const struct spf_lint *lint)
{
	for (size_t i = 0; i < lint->count; i++)
		if (lint->findings[i].meant)
			return lint->findings[i].meant;
	return "";
}

static void says_what_is_wrong_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(spf_lint_cases); i++) {
		struct arena arena = { 0 };
		struct text seen = { 0 };
		struct spf_lint lint;

		spf_lint_run(&arena, spf_lint_cases[i].record, strlen(spf_lint_cases[i].record),
		             NULL, &lint);
		for (size_t f = 0; f < lint.count; f++)
			text_addf(&seen, "%s%c%zu", f > 0 ? " " : "",
			          "NWE"[lint.findings[f].severity], lint.findings[f].column);
		if (strcmp(text_string(&seen), spf_lint_cases[i].findings) != 0
		    || lint.lookups != spf_lint_cases[i].lookups
		    || strcmp(first_advice(&lint),
		              spf_lint_cases[i].meant ? spf_lint_cases[i].meant : "")
		               != 0)
			fail_msg("%s: %s, %u look-ups, %s", spf_lint_cases[i].record,
			         text_string(&seen), lint.lookups, first_advice(&lint));
		text_free(&seen);
		arena_reset(&arena);
	}
}

/* What the parser refuses the linter must call an error, and advice must be
 * better than what it replaces. */
static void never_calls_a_broken_record_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(spf_lint_cases); i++) {
		struct arena arena = { 0 };
		struct spf_record record = { 0 };
		struct err err = { 0 };
		struct spf_lint lint;
		const char *record_text = spf_lint_cases[i].record;
		bool good = spf_record_parse(&arena, record_text, strlen(record_text), &record,
		                             &err);

		spf_lint_run(&arena, record_text, strlen(record_text), NULL, &lint);
		if (!good && lint.errors == 0)
			fail_msg("%s: %s", record_text, err.text);
		for (size_t f = 0; f < lint.count; f++) {
			const char *meant = lint.findings[f].meant;

			if (meant && (*meant == '\0' || meant[strlen(meant) - 1] == ' '))
				fail_msg("%s: advice \"%s\"", record_text, meant);
			if (meant
			    && !spf_record_parse(&arena, arena_print(&arena, "v=spf1 %s", meant),
			                         strlen(meant) + 7, &record, &err))
				fail_msg("%s: advice %s: %s", record_text, meant, err.text);
		}
		arena_reset(&arena);
	}
}

#define LABEL_60 "abcdefghijklmnopqrstabcdefghijklmnopqrstabcdefghijklmnopqrst"
#define LABEL_64 LABEL_60 "abcd"

/* One record for each kind of sentence, and a part of it. */
static const struct {
	const char *record;
	const char *says;
} sentences[] = {
	{ "v=spf1 ip4:123.4.5.678/90 -all", "\"678\" is not an octet" },
	{ "v=spf1 ip4:192.0.43.1/90 -all", "/90 is longer than /32" },
	{ "v=spf1 ip4:192.0.043.1 -all", "leading zero" },
	{ "\"v=spf1 -all\"", "begins with a quotation mark" },
	{ " v=spf1 -all", "begins with a blank" },
	{ "\xe2\x80\x9cv=spf1 -all\xe2\x80\x9d", "typographic quote" },
	{ "v=spf1 \xe2\x80\x93"
	  "all",
	  "typographic dash" },
	{ "v=spf1 a\xc2\xa0-all", "no-break space" },
	{ "v=spf1 a\xe2\x80\x89-all", "typographic space" },
	{ "v=spf1 a\xe2\x80\x8b -all", "invisible" },
	{ "\xef\xbb\xbfv=spf1 -all", "invisible" },
	{ "v=spf1 a\t-all", "a tab" },
	{ "v=spf1 a\r\n-all", "line break" },
	{ "v=spf1 a \"-all", "quotation mark" },
	{ "v=spf1 a\\ -all", "backslash" },
	{ "v=spf1 a  -all", "more than one space" },
	{ "v=spf1 -all ", "space at the end" },
	{ "", "the text is empty" },
	{ "  \"\"", "the text is empty" },
	{ "include:a.example -all", "missing before this" },
	{ "v=spf2 -all", "no SPF version 2" },
	{ "spf2.0/pra -all", "Sender ID" },
	{ "v=sfp1 -all", "is not \"v=spf1\"" },
	{ "v =spf1 -all", "inside \"v=spf1\"" },
	{ "v=spf1-all", "a space must follow" },
	{ "@ TXT v=spf1 -all", "no part of the record" },
	{ "v=DMARC1; p=none", "DMARC record" },
	{ "v=DKIM1; p=", "DKIM record" },
	{ "v=BIMI1; l=", "BIMI record" },
	{ "v=STSv1; id=1", "MTA-STS" },
	{ "v=TLSRPTv1; rua=mailto:a@b.example", "TLS report" },
	{ "v=spf1 include: a.example -all", "after \":\"" },
	{ "v=spf1 include :a.example -all", "before \":\"" },
	{ "v=spf1 include a.example -all", "\":\" is missing" },
	{ "v=spf1 a /24 -all", "before \"/\"" },
	{ "v=spf1 a, -all", "not by \",\"" },
	{ "v=spf1 mx-all", "missing before \"-all\"" },
	{ "v=spf1 - all", "between a sign" },
	{ "v=spf1 a -", "without a mechanism" },
	{ "v=spf1 --all", "one sign" },
	{ "v=spf1 ip:192.0.43.1 -all", "no mechanism \"ip\"" },
	{ "v=spf1 /24 -all", "name of a mechanism is missing" },
	{ "v=spf1 192.0.43.1 -all", "an address alone" },
	{ "v=spf1 a.example -all", "\"include:a.example\" or \"a:a.example\"" },
	{ "v=spf1 ip4=192.0.43.1 -all", "\"ip4=\" does nothing" },
	{ "v=spf1 redirect:a.example", "written with \"=\"" },
	{ "v=spf1 ~redirect=a.example", "no sign in front" },
	{ "v=spf1 redirct=a.example -all", "nobody knows" },
	{ "v=spf1 include:a.example/24 -all", "takes no prefix length" },
	{ "v=spf1 mx/ -all", "a number is missing" },
	{ "v=spf1 a:192.0.43.1 -all", "an address stands where a name" },
	{ "v=spf1 ip4:a.example -all", "a name stands where an address" },
	{ "v=spf1 ip4:2a00::1 -all", "an IPv6 address; \"ip6\"" },
	{ "v=spf1 ip6:192.0.43.1 -all", "an IPv4 address; \"ip4\"" },
	{ "v=spf1 ip4:192.0.43.0/255.255.255.0 -all", "netmask" },
	{ "v=spf1 ip4:192.0.43.1-9 -all", "written as a network" },
	{ "v=spf1 ip6:[2a00::1] -all", "brackets" },
	{ "v=spf1 a:a.example:25 -all", "no ports" },
	{ "v=spf1 ip4: -all", "address must follow" },
	{ "v=spf1 mx:post@a.example -all", "a mail address" },
	{ "v=spf1 include:http://a.example -all", "a web address" },
	{ "v=spf1 include:*.a.example -all", "\"*\" cannot stand" },
	{ "v=spf1 include:a..example -all", "dots is empty" },
	{ "v=spf1 include:m\xc3\xbcller.example -all", "xn--" },
	{ "v=spf1 -all a", "after \"all\" is ignored" },
	{ "v=spf1 ~all -all", "second \"all\"" },
	{ "v=spf1 a +all", "the whole world" },
	{ "v=spf1 a all", "without a sign" },
	{ "v=spf1 a ?all", "says nothing about other servers" },
	{ "v=spf1 a", "means \"?all\"" },
	{ "v=spf1", "is empty" },
	{ "v=spf1 -all", "sends no mail" },
	{ "v=spf1 redirect=a.example -all", "redirect= is ignored" },
	{ "v=spf1 redirect=a.example redirect=b.example", "a second time" },
	{ "v=spf1 ptr -all", "\"ptr\" is slow" },
	{ "v=spf1 exists:%{p}.a.example -all", "\"%{p}\" is slow" },
	{ "v=spf1 ?mx -all", "not permitted" },
	{ "v=spf1 ip4:192.0.43.1/24 -all", "means the network 192.0.43.0/24" },
	{ "v=spf1 ip4:10.0.0.1 -all", "a private network" },
	{ "v=spf1 ip4:127.0.0.1 -all", "loopback" },
	{ "v=spf1 ip4:192.0.2.1 -all", "documentation" },
	{ "v=spf1 ip6:fe80::1 -all", "link-local" },
	{ "v=spf1 ip4:100.64.0.1 -all", "provider's inner" },
	{ "v=spf1 ip4:224.0.0.1 -all", "multicast" },
	{ "v=spf1 ip6:::ffff:192.0.43.1 -all", "in the form of IPv6" },
	{ "v=spf1 ip4:64.0.0.0/7 -all", "\"/7\" is a larger network" },
	{ "v=spf1 a/0 -all", "every address there is" },
	{ "v=spf1 a A -all", "stood here before" },
	{ "v=spf1 a +a -all", "the same as \"a\"" },
	{ "v=spf1 ip4:8.8.8.8 ip4:8.8.8.0/24 -all", "in \"ip4:8.8.8.0/24\" already" },
	{ "v=spf1 ip4:8.8.8.0/24 -ip4:8.8.8.8 -all", "never decides" },
	{ "v=spf1 include:%{d} -all", "refers to itself" },
	{ "v=spf1 v=spf1 -all", "a second record" },
	{ "v=spf1 exists:%{c}.a.example -all", "explanation texts only" },
	{ "v=spf1 exists:%a.example -all", "must be followed by" },
	{ "v=spf1 exists:%{x}.a.example -all", "no such macro" },
	{ "v=spf1 all:a.example", "takes no argument" },
	{ "v=spf1 a:" LABEL_64 ".example -all", "at most 253 octets" },
	{ "v=spf1 a:" LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 "." LABEL_60 ".example -all",
	  "at most 253 octets" },
};

static bool is_said(const struct spf_lint *lint, const char *part)
{
	for (size_t i = 0; i < lint->count; i++)
		if (strstr(lint->findings[i].text, part))
			return true;
	return false;
}

static void every_mistake_has_its_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(sentences); i++) {
		struct arena arena = { 0 };
		struct spf_lint lint;

		spf_lint_run(&arena, sentences[i].record, strlen(sentences[i].record), NULL, &lint);
		if (!is_said(&lint, sentences[i].says))
			fail_msg("%s: \"%s\" is not said, but: %s", sentences[i].record,
			         sentences[i].says, lint.count > 0 ? lint.findings[0].text : "-");
		arena_reset(&arena);
	}
}

/* Where the record stands changes what it says. */
static void the_place_counts(void **state)
{
	static const struct {
		const char *record;
		const char *says;
	} placed[] = {
		{ "v=spf1 include:acme.example -all", "refers to itself" },
		{ "v=spf1 redirect=Acme.Example.", "refers to itself" },
		{ "v=spf1 a a:acme.example -all", "the same as \"a\"" },
		{ "v=spf1 mx mx:acme.example. -all", "the same as \"mx\"" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(placed); i++) {
		struct arena arena = { 0 };
		struct spf_lint_place place = { .domain = "acme.example" };
		struct spf_lint lint;
		size_t length = strlen(placed[i].record);

		spf_lint_run(&arena, placed[i].record, length, &place, &lint);
		assert_true(is_said(&lint, placed[i].says));
		spf_lint_run(&arena, placed[i].record, length, NULL, &lint);
		assert_false(is_said(&lint, placed[i].says));
		arena_reset(&arena);
	}
}

/* 12 octets of header, 18 of the question about acme.example, and 14 or 15
 * around a record of one or two strings; published ones are split already. */
static void sizes_are_told(void **state)
{
	static const struct {
		size_t octets;
		struct spf_lint_place place;
		const char *findings;
	} sizes[] = {
		{ 255, { 0 }, "" },
		{ 256, { 0 }, "N" },
		{ 450, { 0 }, "N" },
		{ 451, { 0 }, "NW" },
		{ 700, { 0 }, "NW" },
		{ 450, { "acme.example", true, 0 }, "" },
		{ 468, { "acme.example", true, 0 }, "W" },
		{ 469, { "acme.example", true, 0 }, "WW" },
		{ 100, { "acme.example", true, 369 }, "" },
		{ 100, { "acme.example", true, 370 }, "W" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct arena arena = { 0 };
		struct text record = { 0 };
		struct text seen = { 0 };
		struct spf_lint lint;

		text_add(&record, "v=spf1 a -all x=");
		while (record.length < sizes[i].octets)
			text_add_char(&record, 'x');
		spf_lint_run(&arena, record.data, record.length, &sizes[i].place, &lint);
		for (size_t f = 0; f < lint.count; f++)
			text_add_char(&seen, "NWE"[lint.findings[f].severity]);
		if (strcmp(text_string(&seen), sizes[i].findings) != 0)
			fail_msg("%zu octets: %s", sizes[i].octets, text_string(&seen));
		text_free(&record);
		text_free(&seen);
		arena_reset(&arena);
	}
}

/* A word on the command line is a record or a domain. */
static void a_record_is_no_domain(void **state)
{
	static const char *const records[] = {
		"",
		"v=spf1",
		"V=SPF1 -all",
		" v=spf1",
		"\"v=spf1",
		"include:a.example",
		"spf1 -all",
		"a mx",
		"\xe2\x80\x9cv=spf1",
		"v=spf1 include:http://_spf.vendor.example -all",
		"V=SPF1include:https://a.example",
		"\"v=spf1 include:http://a.example -all\"",
	};
	static const char *const domains[] = {
		"acme.example",          "ACME.Example.",        "_spf.acme.example",
		"m\xc3\xbcller.example", "https://acme.example",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(records); i++)
		if (!spf_head_is_record(records[i]))
			fail_msg("%s is taken for a domain", records[i]);
	for (size_t i = 0; i < LENGTH(domains); i++)
		if (spf_head_is_record(domains[i]))
			fail_msg("%s is taken for a record", domains[i]);
}

/* Pairs are compared up to a bound: a stranger's record must not keep us busy. */
static void a_huge_record_is_read(void **state)
{
	struct arena arena = { 0 };
	struct text record = { 0 };
	struct spf_lint lint;

	(void)state;
	text_add(&record, "v=spf1");
	for (unsigned i = 0; i < 700; i++)
		text_add(&record, " ip4:8.8.8.8");
	text_add(&record, " -all");
	spf_lint_run(&arena, record.data, record.length, NULL, &lint);
	assert_int_equal(lint.errors, 0);
	assert_int_equal(lint.warnings, 499 + 1); /* the same again, and too long */
	text_free(&record);
	arena_reset(&arena);
}

/* Findings of one token share its start, so that one line can name them all. */
static void one_token_is_one_place(void **state)
{
	static const char record[] = "v=spf1 ip4:123.4.5.678/90 -all";
	struct arena arena = { 0 };
	struct spf_lint lint;

	(void)state;
	spf_lint_run(&arena, record, sizeof record - 1, NULL, &lint);
	assert_int_equal(lint.count, 2);
	assert_int_equal(lint.findings[0].start, 8);
	assert_int_equal(lint.findings[1].start, 8);
	assert_string_equal(lint.findings[1].token, "ip4:123.4.5.678/90");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(never_calls_a_broken_record_good),
		cmocka_unit_test(every_mistake_has_its_sentence),
		cmocka_unit_test(the_place_counts),
		cmocka_unit_test(sizes_are_told),
		cmocka_unit_test(a_record_is_no_domain),
		cmocka_unit_test(a_huge_record_is_read),
		cmocka_unit_test(one_token_is_one_place),
	};
	return cmocka_run_group_tests_name("spf_lint", tests, NULL, NULL);
}

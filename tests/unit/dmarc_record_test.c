#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/record/dmarc_record.h"

/* What is published, and what remains of it when we write it again; NULL: no
 * DMARC record at all, with these words in the sentence. */
/* clang-format off */
static const struct {
	const char *text;
	const char *again;
	const char *sentence;
} cases[] = {
	{ "v=DMARC1; p=none", "v=DMARC1; p=none", NULL },
	{ "v=DMARC1;p=reject;", "v=DMARC1; p=reject", NULL },
	{ "v = DMARC1 ; p = Quarantine", "v=DMARC1; p=quarantine", NULL },
	{ "v=DMARC1; rua=mailto:d@acme.example; p=none",
	  "v=DMARC1; p=none; rua=mailto:d@acme.example", NULL },
	{ "v=DMARC1; p=reject; sp=none; np=reject",
	  "v=DMARC1; p=reject; sp=none; np=reject", NULL },
	{ "v=DMARC1; p=reject; adkim=s; aspf=s", "v=DMARC1; p=reject; adkim=s; aspf=s", NULL },
	{ "v=DMARC1; p=reject; adkim=r; aspf=r", "v=DMARC1; p=reject", NULL },
	{ "v=DMARC1; p=reject; t=y; psd=n", "v=DMARC1; p=reject; psd=n; t=y", NULL },
	{ "v=DMARC1; p=reject; psd=y", "v=DMARC1; p=reject; psd=y", NULL },
	{ "v=DMARC1; p=none; pct=50; rf=afrf; ri=86400; fo=1", "v=DMARC1; p=none", NULL },
	{ "v=DMARC1; p=none; unknown=1; ruf=mailto:f@acme.example",
	  "v=DMARC1; p=none; ruf=mailto:f@acme.example", NULL },
	{ "v=DMARC1; p=nonsense; rua=mailto:d@acme.example",
	  "v=DMARC1; p=none; rua=mailto:d@acme.example", NULL },
	{ "v=DMARC1; rua=mailto:d@acme.example",
	  "v=DMARC1; p=none; rua=mailto:d@acme.example", NULL },
	{ "v=DMARC1; rua=https://acme.example, mailto:d@acme.example!10m",
	  "v=DMARC1; p=none; rua=https://acme.example, mailto:d@acme.example!10m", NULL },

	{ "v=DMARC1", NULL, "p= is missing" },
	{ "v=DMARC1; p=nonsense", NULL, "p= is missing or unknown" },
	{ "v=DMARC1; rua=https://acme.example", NULL, "p= is missing" },
	{ "v=dmarc1; p=none", NULL, "begin with v=DMARC1" },
	{ "V=DMARC1; p=none", NULL, "begin with v=DMARC1" },
	{ "v=DMARC12; p=none", NULL, "begin with v=DMARC1" },
	{ "p=none; v=DMARC1", NULL, "begin with v=DMARC1" },
	{ " v=DMARC1; p=none", NULL, "begin with v=DMARC1" },
	{ "\"v=DMARC1; p=none\"", NULL, "begin with v=DMARC1" },
	{ "", NULL, "begin with v=DMARC1" },
	{ "v=spf1 -all", NULL, "begin with v=DMARC1" },
	{ "v=DMARC1; p=none; p=reject", NULL, "stands twice" },
	{ "v=DMARC1; p", NULL, "p= is missing" },
	/* a fault behind the policy does not take the policy away */
	{ "v=DMARC1; p=reject; sp", "v=DMARC1; p=reject", NULL },
	{ "v=DMARC1; p=reject; fo=\xc3\xbc; sp=none", "v=DMARC1; p=reject; sp=none", NULL },
	{ "v=DMARC1; p=quarantine; =; ; 1=2; aspf=s", "v=DMARC1; p=quarantine; aspf=s", NULL },
	{ "v=DMARC1; junk; p=reject", "v=DMARC1; p=reject", NULL },
	{ "v=DMARC1 p=none", NULL, "p= is missing" },
};
/* clang-format on */

static void records_are_read_as_receivers_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dmarc_record record;
		struct text out = { 0 };
		bool ok = dmarc_record_parse(&arena, cases[i].text, strlen(cases[i].text), &record,
		                             &err);
		if (ok)
			dmarc_record_render(&out, &record);
		if (ok != (cases[i].again != NULL)
		    || (ok && strcmp(text_string(&out), cases[i].again) != 0)
		    || (!ok && strstr(err.text, cases[i].sentence) == NULL))
			fail_msg("case %zu \"%s\": %s", i, cases[i].text,
			         ok ? text_string(&out) : err.text);
		text_free(&out);
		arena_reset(&arena);
	}
}

/* RFC 9989 4.10.1: the own record's p, else sp or np of the one above. */
static void the_policy_depends_on_where_the_record_stands(void **state)
{
	static const struct {
		const char *text;
		bool own, exists;
		enum dmarc_policy policy;
	} rows[] = {
		{ "v=DMARC1; p=reject; sp=none; np=quarantine", true, true, DMARC_REJECT },
		{ "v=DMARC1; p=reject; sp=none; np=quarantine", false, true, DMARC_NONE },
		{ "v=DMARC1; p=reject; sp=none; np=quarantine", false, false, DMARC_QUARANTINE },
		{ "v=DMARC1; p=reject; sp=none", false, false, DMARC_NONE },
		{ "v=DMARC1; p=reject", false, true, DMARC_REJECT },
		{ "v=DMARC1; p=reject; t=y", true, true, DMARC_QUARANTINE },
		{ "v=DMARC1; p=quarantine; t=y", true, true, DMARC_NONE },
		{ "v=DMARC1; p=none; t=y", true, true, DMARC_NONE },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dmarc_record record;
		assert_true(dmarc_record_parse(&arena, rows[i].text, strlen(rows[i].text), &record,
		                               &err));
		assert_int_equal(dmarc_record_policy(&record, rows[i].own, rows[i].exists),
		                 rows[i].policy);
		arena_reset(&arena);
	}
}

/* Nothing but the address is added, wherever the tag stands. */
static void an_address_for_reports_is_added_to_what_stands_there(void **state)
{
	static const struct {
		const char *text, *address, *with;
	} rows[] = {
		{ "v=DMARC1; p=none", "d@v.example", "v=DMARC1; p=none; rua=mailto:d@v.example" },
		{ "v=DMARC1; p=none;", "d@v.example", "v=DMARC1; p=none; rua=mailto:d@v.example" },
		{ "v=DMARC1;p=reject; pct=20 ; ", "d@v.example",
		  "v=DMARC1;p=reject; pct=20; rua=mailto:d@v.example" },
		{ "v=DMARC1; rua=mailto:a@acme.example; p=none", "d@v.example",
		  "v=DMARC1; rua=mailto:a@acme.example,mailto:d@v.example; p=none" },
		{ "v=DMARC1; p=none; rua = mailto:a@acme.example!10m ; fo=1", "d@v.example",
		  "v=DMARC1; p=none; rua = mailto:a@acme.example!10m,mailto:d@v.example ; fo=1" },
		{ "v=DMARC1; p=none; rua=", "d@v.example",
		  "v=DMARC1; p=none; rua=mailto:d@v.example" },
		{ "v=DMARC1; p=none; x_rua=1; ruf=mailto:f@acme.example", "d+a=b@v.example",
		  "v=DMARC1; p=none; x_rua=1; ruf=mailto:f@acme.example; "
		  "rua=mailto:d+a%3Db@v.example" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dmarc_record record;
		assert_string_equal(dmarc_record_add_report(&arena, rows[i].text, rows[i].address),
		                    rows[i].with);
		assert_true(dmarc_record_parse(&arena, rows[i].with, strlen(rows[i].with), &record,
		                               &err));
		assert_true(dmarc_record_reports(record.rua, rows[i].address));
		assert_false(dmarc_record_reports(record.rua, "x@v.example"));
		assert_false(dmarc_record_reports(record.rua, "d@v.example.net"));
		arena_reset(&arena);
	}
	assert_true(dmarc_record_reports("mailto:A@Acme.example!10m , mailto:b@c.example",
	                                 "a@acme.example"));
	assert_false(dmarc_record_reports(NULL, "a@acme.example"));
}

static void percentages_are_read_for_the_older_standard(void **state)
{
	static const struct {
		const char *text;
		int percent;
	} rows[] = {
		{ "v=DMARC1; p=reject", 100 },           { "v=DMARC1; p=reject; pct=20", 20 },
		{ "v=DMARC1; p=reject; pct=0", 0 },      { "v=DMARC1; p=reject; pct=101", 100 },
		{ "v=DMARC1; p=reject; pct=-1", 100 },   { "v=DMARC1; p=reject; pct=2000", 100 },
		{ "v=DMARC1; p=reject; pct=20 %", 100 }, { "v=DMARC1; p=reject; pct=", 100 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dmarc_record record;
		assert_true(dmarc_record_parse(&arena, rows[i].text, strlen(rows[i].text), &record,
		                               &err));
		assert_int_equal(record.percent, rows[i].percent);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_receivers_do),
		cmocka_unit_test(the_policy_depends_on_where_the_record_stands),
		cmocka_unit_test(an_address_for_reports_is_added_to_what_stands_there),
		cmocka_unit_test(percentages_are_read_for_the_older_standard),
	};
	return cmocka_run_group_tests_name("dmarc_record", tests, NULL, NULL);
}

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
	{ "v=DMARC1; p", NULL, "name=value" },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_receivers_do),
		cmocka_unit_test(the_policy_depends_on_where_the_record_stands),
	};
	return cmocka_run_group_tests_name("dmarc_record", tests, NULL, NULL);
}

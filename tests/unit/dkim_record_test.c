#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base64.h"
#include "core/record/dkim_record.h"
#include "core/record/zone_text.h"

/* Public halves made for this test; their private halves were thrown away. */
#define SPKI_2048 \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1qk+D52HIoG2heIHRXHkOr/ABfRN" \
	"USpxHj25DslU9aS1LrkQj3GPJILLVofe+n7vn9cFDWNEMLUw3jIiaBt0cLtpfDwnQyHkiTIe" \
	"vEvz/mE1CfHgnlXEslSLkHVB3j1I/bdb5zlem9THir8tMC8wT5+18ix1ZggmYbrcC0a0utCF" \
	"L99IpD8l3iehz0q/xSN15iNfVEmjJXBcgia7uGgtWHpt51EDBbXKknFeC7NHczemUwog4EsD" \
	"gE2rDfJhkpJvDsynfP4p2oeeb9wPXJIv6D6RpcGK2WJtacwBU/9SIVXV63+/jDhja57N98L2" \
	"ku5M3t9S7BmP3+CeYDx8E91gCQIDAQAB"
#define BARE_2048 \
	"MIIBCgKCAQEA1qk+D52HIoG2heIHRXHkOr/ABfRNUSpxHj25DslU9aS1LrkQj3GPJILLVofe" \
	"+n7vn9cFDWNEMLUw3jIiaBt0cLtpfDwnQyHkiTIevEvz/mE1CfHgnlXEslSLkHVB3j1I/bdb" \
	"5zlem9THir8tMC8wT5+18ix1ZggmYbrcC0a0utCFL99IpD8l3iehz0q/xSN15iNfVEmjJXBc" \
	"gia7uGgtWHpt51EDBbXKknFeC7NHczemUwog4EsDgE2rDfJhkpJvDsynfP4p2oeeb9wPXJIv" \
	"6D6RpcGK2WJtacwBU/9SIVXV63+/jDhja57N98L2ku5M3t9S7BmP3+CeYDx8E91gCQIDAQAB"
#define SPKI_1024 \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDFKeBxxLhw2588lorjfJs4ePp4JAbEki/3" \
	"E1AdlaK2R14D9kF0KmSCj2WiKiIiXVdzSqTOHxy4ttHdAbTT/LYnW6sfxv7H9ABdewrkB+mP" \
	"8R60TmHHB/329yApEb6W/Wk+cSiNg7thToJjAdQIEBq1UT0TPxpcrOfbbek+g+UZ5QIDAQAB"
#define RAW_ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

enum outcome { BROKEN, REVOKED, OURS, OTHERS };

/* Judged against SPKI_2048. */
/* clang-format off */
static const struct {
	const char *text;
	size_t length;
	enum outcome outcome;
	const char *says;       /* a flag of the record, or words of the sentence */
} cases[] = {
	{ "v=DKIM1; k=rsa; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1;k=rsa;p=" SPKI_2048 ";", 0, OURS, NULL },
	{ "p=" SPKI_2048, 0, OURS, NULL },
	{ "k=rsa; p=" SPKI_2048, 0, OURS, NULL },
	{ " v = DKIM1 ; p = " SPKI_2048 " ; ", 0, OURS, NULL },
	{ "v=DKIM1; p=" SPKI_2048 "; k=rsa", 0, OURS, NULL },
	{ "v=DKIM1; p=" BARE_2048, 0, OURS, NULL },
	{ "v=DKIM1; p= \r\n\t" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; x=unknown; n=note to self; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; t=y; p=" SPKI_2048, 0, OURS, "testing" },
	{ "v=DKIM1; t=y:s; p=" SPKI_2048, 0, OURS, "testing strict" },
	{ "v=DKIM1; t= s ; p=" SPKI_2048, 0, OURS, "strict" },
	{ "v=DKIM1; s=email; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; s=*; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; s=tlsrpt; p=" SPKI_2048, 0, OURS, "not-for-email" },
	{ "v=DKIM1; s=tlsrpt:email; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; h=sha1:sha256; p=" SPKI_2048, 0, OURS, NULL },
	{ "v=DKIM1; h=sha1; p=" SPKI_2048, 0, OURS, "no-sha256" },
	{ "v=DKIM1; p=" SPKI_1024, 0, OTHERS, NULL },
	{ "v=DKIM1; k=ed25519; p=" RAW_ED25519, 0, OTHERS, NULL },
	{ "v=DKIM1; k=dsa; p=AAAA", 0, OTHERS, NULL },
	{ "v=DKIM1; p=", 0, REVOKED, NULL },
	{ "v=DKIM1; k=rsa; p=;", 0, REVOKED, NULL },
	{ "p= ; v2=x", 0, REVOKED, NULL },

	{ "v=DKIM2; p=" SPKI_2048, 0, BROKEN, "not DKIM1" },
	{ "v=dkim1; p=" SPKI_2048, 0, BROKEN, "not DKIM1" },
	{ "k=rsa; v=DKIM1; p=" SPKI_2048, 0, BROKEN, "not the first tag" },
	{ "v=DKIM1; k=rsa", 0, BROKEN, "p= is missing" },
	{ "v=DKIM1; P=" SPKI_2048, 0, BROKEN, "p= is missing" },
	{ "", 0, BROKEN, "name=value" },
	{ "v=DKIM1;; p=" SPKI_2048, 0, BROKEN, "column 9: not of the form" },
	{ "v=DKIM1; p", 0, BROKEN, "column 10: not of the form" },
	{ "v=DKIM1; 9p=x", 0, BROKEN, "column 10: not of the form" },
	{ "v=DKIM1; p=" SPKI_2048 "; p=x", 0, BROKEN, "stands twice" },
	{ "\"v=DKIM1; p=" SPKI_2048 "\"", 0, BROKEN, "column 1: not of the form" },
	{ "v=DKIM1; p=\"" SPKI_2048 "\"", 0, BROKEN, "not base64" },
	{ "v=DKIM1; p=" SPKI_2048 "\\", 0, BROKEN, "not base64" },
	{ "v=DKIM1\\; p=" SPKI_2048, 0, BROKEN, "not DKIM1" },
	{ "v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", 0, BROKEN, "not a whole RSA key" },
	{ "v=DKIM1; p=AAAA", 0, BROKEN, "not a whole RSA key" },
	{ "v=DKIM1; k=ed25519; p=AAAA", 0, BROKEN, "32" },
	{ "v=DKIM1; p=A", 0, BROKEN, "not base64" },
	{ "v=DKIM1; p=AAA\0A", 16, BROKEN, "may not stand in a value" },
	{ "v=DKIM1; n=\xc3\xbc; p=AAAA", 0, BROKEN, "may not stand in a value" },
};
/* clang-format on */

static const uint8_t *decoded(struct arena *arena, const char *text, size_t *size)
{
	const uint8_t *key = NULL;

	assert_true(base64_parse(arena, text, strlen(text), &key, size));
	return key;
}

static bool flags_are(const struct dkim_record *record, const char *says)
{
	if (says == NULL)
		says = "";
	return record->testing == (strstr(says, "testing") != NULL)
	       && record->strict == (strstr(says, "strict") != NULL)
	       && record->for_email == (strstr(says, "not-for-email") == NULL)
	       && record->sha256 == (strstr(says, "no-sha256") == NULL);
}

static void records_are_read_and_compared_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dkim_record record;
		size_t size, length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
		const uint8_t *key = decoded(&arena, SPKI_2048, &size);
		enum outcome outcome = BROKEN;
		if (dkim_record_parse(&arena, cases[i].text, length, &record, &err))
			outcome = record.revoked                                           ? REVOKED
			          : dkim_record_same_key(&record, "rsa-sha256", key, size) ? OURS
			                                                                   : OTHERS;
		if (outcome != cases[i].outcome
		    || (outcome == BROKEN && strstr(err.text, cases[i].says) == NULL)
		    || (outcome != BROKEN && !flags_are(&record, cases[i].says)))
			fail_msg("case %zu \"%s\": outcome %d %s", i, cases[i].text, (int)outcome,
			         err.text);
		arena_reset(&arena);
	}
}

static void sizes_are_those_of_the_modulus(void **state)
{
	static const struct {
		const char *text;
		unsigned bits;
	} rows[] = {
		{ "p=" SPKI_1024, 1024 },
		{ "p=" SPKI_2048, 2048 },
		{ "p=" BARE_2048, 2048 },
		{ "k=ed25519; p=" RAW_ED25519, 256 },
		{ "p=", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dkim_record record;
		assert_true(dkim_record_parse(&arena, rows[i].text, strlen(rows[i].text), &record,
		                              &err));
		assert_int_equal(dkim_record_bits(&record), rows[i].bits);
		arena_reset(&arena);
	}
}

static void what_we_write_we_read(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct dkim_record record;
	struct text out = { 0 };
	size_t size;

	(void)state;
	const uint8_t *key = decoded(&arena, RAW_ED25519, &size);
	dkim_record_render(&out, "ed25519-sha256", key, size);
	assert_string_equal(text_string(&out), "v=DKIM1; k=ed25519; p=" RAW_ED25519);
	assert_true(dkim_record_parse(&arena, out.data, out.length, &record, &err));
	assert_true(dkim_record_same_key(&record, "ed25519-sha256", key, size));
	assert_false(dkim_record_same_key(&record, "rsa-sha256", key, size));

	text_clear(&out);
	key = decoded(&arena, SPKI_2048, &size);
	dkim_record_render(&out, "rsa-sha256", key, size);
	assert_string_equal(text_string(&out), "v=DKIM1; k=rsa; p=" SPKI_2048);
	text_free(&out);
	assert_string_equal(dkim_record_name(&arena, "s202611a", "acme.example"),
	                    "s202611a._domainkey.acme.example");
	assert_string_equal(dkim_record_target(&arena, "s202611a", "acme.example",
	                                       "learning.vendor.example"),
	                    "s202611a.acme.example._domainkey.learning.vendor.example");
	arena_reset(&arena);
}

static void base64_is_one_to_one(void **state)
{
	static const struct {
		const char *text;
		const char *octets; /* NULL: refused */
	} rows[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "Zg", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Z m\t9\r\nv", "foo" },
		{ "Zh==", NULL },
		{ "Zm9=", NULL },
		{ "Zm9v=", NULL },
		{ "Zg=", NULL },
		{ "Z", NULL },
		{ "=", NULL },
		{ "Zg==Zg==", NULL },
		{ "Z*==", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		const uint8_t *octets;
		size_t size;
		bool ok = base64_parse(&arena, rows[i].text, strlen(rows[i].text), &octets, &size);
		if (ok != (rows[i].octets != NULL)
		    || (ok
		        && (size != strlen(rows[i].octets)
		            || memcmp(octets, rows[i].octets, size) != 0)))
			fail_msg("\"%s\"", rows[i].text);
		arena_reset(&arena);
	}
}

static void a_zone_line_splits_quotes_and_ends_names(void **state)
{
	struct arena arena = { 0 };
	struct text out = { 0 };
	size_t count;

	(void)state;
	const char **strings = zone_text_split(&arena, "v=DKIM1; k=rsa; p=" SPKI_2048, &count);
	assert_int_equal(count, 2);
	assert_int_equal(strlen(strings[0]), 255);
	assert_null(strings[2]);
	strings = zone_text_split(&arena, "", &count);
	assert_int_equal(count, 1);
	assert_string_equal(strings[0], "");

	/* An SPF record is cut behind a blank, so that every string reads well. */
	for (int i = 0; i < 20; i++)
		text_addf(&out, "ip4:192.0.2.%d/32 ", i);
	strings = zone_text_split(&arena, text_string(&out), &count);
	assert_int_equal(count, 2);
	assert_int_equal(strings[0][strlen(strings[0]) - 1], ' ');
	assert_true(strlen(strings[0]) <= 255);

	text_clear(&out);
	zone_text_line(&out, &arena, "acme.example", 3600, "TXT", "a\"b\\c;d\x01\xc3\xa4");
	assert_string_equal(out.data,
	                    "acme.example. 3600 IN TXT \"a\\\"b\\\\c;d\\001\\195\\164\"\n");
	text_clear(&out);
	zone_text_line(&out, &arena, "s1._domainkey.acme.example", 60, "CNAME", "x.vendor.example");
	assert_string_equal(out.data,
	                    "s1._domainkey.acme.example. 60 IN CNAME x.vendor.example.\n");
	text_clear(&out);
	zone_text_line(&out, &arena, "mx1.vendor.example", 60, "A", "192.0.2.1");
	assert_string_equal(out.data, "mx1.vendor.example. 60 IN A 192.0.2.1\n");
	text_free(&out);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_and_compared_by_key),
		cmocka_unit_test(sizes_are_those_of_the_modulus),
		cmocka_unit_test(what_we_write_we_read),
		cmocka_unit_test(base64_is_one_to_one),
		cmocka_unit_test(a_zone_line_splits_quotes_and_ends_names),
	};
	return cmocka_run_group_tests_name("dkim_record", tests, NULL, NULL);
}

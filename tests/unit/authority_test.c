#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/verify/authority.h"
#include "core/verify/dmarc_check.h"
#include "core/verify/verdict.h"
#include "told.h"

static void the_zone_is_found_above_the_name(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct zone_cut cut;

	(void)state;
	told(inquiry, "", "mail.acme.example", DNS_SOA, DNS_NO_DATA, NULL);
	told_zone(inquiry);
	assert_true(zone_cut_find(inquiry, "mail.acme.example", &cut));
	assert_null(cut.problem);
	assert_string_equal(cut.apex, "acme.example");
	assert_int_equal(cut.server_count, 2);
	assert_string_equal(cut.servers[1].server, "192.0.2.3");
	assert_int_equal(cut.negative_ttl, 60);
	inquiry_close(inquiry);
}

static void what_cannot_be_found_says_why(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct authority authority;

	(void)state;
	told(inquiry, "", "acme.example", DNS_SOA, DNS_FAILED, NULL);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_UNKNOWN);
	assert_non_null(strstr(authority.problem, "SERVFAIL"));
	inquiry_close(inquiry);
}

static void a_lame_server_is_named(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct authority authority;

	(void)state;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "acme.example", DNS_TXT, DNS_FOUND, "x", NULL);
	told(inquiry, "192.0.2.3", "acme.example", DNS_TXT, DNS_REFUSED, NULL);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_SILENT);
	assert_non_null(strstr(authority.problem, "ns2.acme.example"));
	assert_string_equal(authority.answer->records[0].text, "x");
	inquiry_close(inquiry);
}

/* Who answers from hearsay (no AA bit) has not spoken for the zone. */
static void hearsay_is_no_answer(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct arena *arena = inquiry_arena(inquiry);
	struct dns_record *record = arena_take(arena, sizeof *record);
	struct authority authority;

	(void)state;
	*record = (struct dns_record){
		.name = "acme.example", .type = DNS_TXT, .text = "old", .text_length = 3
	};
	struct dns_answer hearsay = { .outcome = DNS_FOUND,
		                      .records = record,
		                      .record_count = 1,
		                      .last_name = "acme.example" };
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "acme.example", DNS_TXT, DNS_FOUND, "new", NULL);
	inquiry_know(inquiry, "192.0.2.3", &hearsay, "acme.example", DNS_TXT);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_SILENT);
	assert_non_null(strstr(authority.problem, "ns2.acme.example"));
	assert_non_null(strstr(authority.problem, "lame"));
	assert_string_equal(authority.answer->records[0].text, "new");
	inquiry_close(inquiry);
}

static void disagreement_is_not_agreement(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct authority authority;

	(void)state;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "acme.example", DNS_TXT, DNS_FOUND, "a", "b", NULL);
	told(inquiry, "192.0.2.3", "acme.example", DNS_TXT, DNS_FOUND, "b", "c", NULL);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_SPLIT);
	assert_string_equal(authority.outlier, "ns2.acme.example");
	inquiry_close(inquiry);
}

/* Named is who lacks the record, whoever was asked first. */
static void who_lacks_it_is_the_one_that_differs(void **state)
{
	(void)state;
	for (int lacking = 0; lacking < 2; lacking++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct authority authority;

		told_zone(inquiry);
		told(inquiry, lacking ? "192.0.2.3" : "192.0.2.2", "acme.example", DNS_TXT,
		     DNS_NO_DATA, NULL);
		told(inquiry, lacking ? "192.0.2.2" : "192.0.2.3", "acme.example", DNS_TXT,
		     DNS_FOUND, "a", NULL);
		assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
		assert_int_equal(authority.state, AUTHORITY_SPLIT);
		assert_string_equal(authority.outlier,
		                    lacking ? "ns2.acme.example" : "ns1.acme.example");
		inquiry_close(inquiry);
	}
}

static void order_is_no_disagreement(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct authority authority;

	(void)state;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "acme.example", DNS_TXT, DNS_FOUND, "a", "b", NULL);
	told(inquiry, "192.0.2.3", "acme.example", DNS_TXT, DNS_FOUND, "b", "a", NULL);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_AGREED);
	inquiry_close(inquiry);
}

static void cnames_in_circles_end(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct authority authority;

	(void)state;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "acme.example", DNS_TXT, DNS_NO_DATA, ">acme.example", NULL);
	told(inquiry, "192.0.2.3", "acme.example", DNS_TXT, DNS_NO_DATA, ">acme.example", NULL);
	assert_true(authority_ask(inquiry, "acme.example", DNS_TXT, &authority));
	assert_int_equal(authority.state, AUTHORITY_UNKNOWN);
	inquiry_close(inquiry);
}

static void dmarc_is_looked_for_up_the_tree(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct requirement requirement = { .domain = "a.acme.example",
		                           .purpose = PURPOSE_DMARC,
		                           .name = "_dmarc.a.acme.example",
		                           .type = "TXT" };
	struct verdict verdict = { .requirement = &requirement };

	(void)state;
	told(inquiry, "", "a.acme.example", DNS_SOA, DNS_NO_DATA, NULL);
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", "_dmarc.a.acme.example", DNS_TXT, DNS_NO_NAME, NULL);
	told(inquiry, "192.0.2.3", "_dmarc.a.acme.example", DNS_TXT, DNS_NO_NAME, NULL);
	assert_false(dmarc_check(inquiry, &verdict));
	told(inquiry, "", "_dmarc.acme.example", DNS_TXT, DNS_FOUND, "v=DMARC1; p=reject", NULL);
	/* A record of the registry might say that names below it are its customers'. */
	assert_false(dmarc_check(inquiry, &verdict));
	told(inquiry, "", "_dmarc.example", DNS_TXT, DNS_NO_NAME, NULL);
	assert_true(dmarc_check(inquiry, &verdict));
	assert_int_equal(verdict.state, VERDICT_MATCH);
	assert_non_null(strstr(verdict.explanation, "reject"));
	inquiry_close(inquiry);
}

/* State of a required one, of a recommended one, and the word for both. */
static const struct {
	enum verdict_state required, recommended;
	const char *overall;
} overall[] = {
	{ VERDICT_MATCH, VERDICT_MATCH, "ok" },
	{ VERDICT_MATCH, VERDICT_MISSING, "ok" },
	{ VERDICT_MISSING, VERDICT_MATCH, "missing" },
	{ VERDICT_MISPLACED, VERDICT_MATCH, "missing" },
	{ VERDICT_CONFLICT, VERDICT_MATCH, "conflict" },
	{ VERDICT_UNKNOWN, VERDICT_MATCH, "unknown" },
	{ VERDICT_PROPAGATING, VERDICT_CONFLICT, "unknown" },
	{ VERDICT_WAIVED, VERDICT_MISSING, "waived" },
};

static void the_whole_is_as_good_as_what_is_required(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(overall); i++) {
		struct verdict verdicts[2] = {
			{ .state = overall[i].required, .required = true },
			{ .state = overall[i].recommended },
		};

		assert_string_equal(verdict_overall(verdicts, 2), overall[i].overall);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_zone_is_found_above_the_name),
		cmocka_unit_test(what_cannot_be_found_says_why),
		cmocka_unit_test(a_lame_server_is_named),
		cmocka_unit_test(hearsay_is_no_answer),
		cmocka_unit_test(disagreement_is_not_agreement),
		cmocka_unit_test(who_lacks_it_is_the_one_that_differs),
		cmocka_unit_test(order_is_no_disagreement),
		cmocka_unit_test(cnames_in_circles_end),
		cmocka_unit_test(dmarc_is_looked_for_up_the_tree),
		cmocka_unit_test(the_whole_is_as_good_as_what_is_required),
	};
	return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}

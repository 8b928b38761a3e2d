#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/clock.h"
#include "core/verify/dkim_check.h"
#include "told.h"

/* Ed25519 keys: 32 octets, 44 characters. */
#define OURS  "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define OTHER "/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU="
#define NAME  "s1._domainkey.acme.example"

static const char ours[] = "v=DKIM1; k=ed25519; p=" OURS;

/* What the two name servers and the resolver say, and what we make of it. */
static const struct {
	const char *what;
	const char *one, *two, *resolver; /* NULL: no such name; "?": no answer; "!": SERVFAIL */
	enum verdict_state state;
	bool everywhere, otherwise;
} cases[] = {
	{ "everybody shows it", ours, ours, ours, VERDICT_MATCH, true, false },
	{ "v= is not the first tag on one",
	  "k=ed25519;v=DKIM1 ;p= 11qYAYKxCrfVS/7TyWQHOg7h cvPapiMlrwIaaPcHURo=;", ours, ours,
	  VERDICT_PROPAGATING, false, true },
	{ "blanks and order of tags do not matter",
	  "v=DKIM1 ; p=11qYAYKxCrfVS/7TyWQHOg7h cvPapiMlrwIaaPcHURo= ; k=ed25519 ;", ours, ours,
	  VERDICT_MATCH, true, false },
	{ "nobody shows it", NULL, NULL, NULL, VERDICT_MISSING, false, true },
	{ "one shows it", ours, NULL, NULL, VERDICT_PROPAGATING, false, true },
	{ "the other shows it", NULL, ours, NULL, VERDICT_PROPAGATING, false, true },
	{ "one is silent", ours, "?", ours, VERDICT_UNKNOWN, false, false },
	{ "one is silent, one misses it", NULL, "?", NULL, VERDICT_MISSING, false, true },
	{ "both are silent", "?", "?", ours, VERDICT_UNKNOWN, false, false },
	{ "a resolver remembers that it was missing", ours, ours, NULL, VERDICT_PROPAGATING, true,
	  false },
	{ "a resolver is silent", ours, ours, "?", VERDICT_MATCH, true, false },
	{ "a resolver fails, as with broken signatures", ours, ours, "!", VERDICT_UNKNOWN, false,
	  false },
	{ "another key", "v=DKIM1; k=ed25519; p=" OTHER, "v=DKIM1; k=ed25519; p=" OTHER, NULL,
	  VERDICT_CONFLICT, false, true },
	{ "withdrawn", "v=DKIM1; k=ed25519; p=", "v=DKIM1; k=ed25519; p=", NULL, VERDICT_CONFLICT,
	  false, true },
	{ "no DKIM record", "hello", "hello", NULL, VERDICT_CONFLICT, false, true },
	{ "not for mail", "v=DKIM1; k=ed25519; s=tlsrpt; p=" OURS,
	  "v=DKIM1; k=ed25519; s=tlsrpt; p=" OURS, NULL, VERDICT_CONFLICT, false, true },
	{ "marked as a test", "v=DKIM1; k=ed25519; t=y; p=" OURS,
	  "v=DKIM1; k=ed25519; t=y; p=" OURS, ours, VERDICT_MATCH, true, false },
};

static void tell(struct inquiry *inquiry, const char *server, const char *name, const char *text)
{
	if (!text)
		told(inquiry, server, name, DNS_TXT, DNS_NO_NAME, NULL);
	else if (strcmp(text, "?") == 0)
		told(inquiry, server, name, DNS_TXT, DNS_TIMEOUT, NULL);
	else if (strcmp(text, "!") == 0)
		told(inquiry, server, name, DNS_TXT, DNS_FAILED, NULL);
	else
		told(inquiry, server, name, DNS_TXT, DNS_FOUND, text, NULL);
}

static struct requirement wanted(void)
{
	return (struct requirement){ .domain = "acme.example",
		                     .purpose = PURPOSE_DKIM,
		                     .name = NAME,
		                     .type = "TXT",
		                     .selector = "s1",
		                     .value = ours };
}

static void judges_what_the_servers_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct requirement requirement = wanted();
		struct verdict verdict = { .requirement = &requirement };

		told_zone(inquiry);
		tell(inquiry, "192.0.2.2", NAME, cases[i].one);
		tell(inquiry, "192.0.2.3", NAME, cases[i].two);
		tell(inquiry, "", NAME, cases[i].resolver);
		if (!dkim_check(inquiry, &requirement, &verdict))
			fail_msg("%s: asks for more", cases[i].what);
		if (verdict.state != cases[i].state
		    || verdict.shown_everywhere != cases[i].everywhere
		    || verdict.shown_otherwise != cases[i].otherwise)
			fail_msg("%s: %s, %d, %d: %s", cases[i].what, verdict_word(verdict.state),
			         verdict.shown_everywhere, verdict.shown_otherwise,
			         verdict.explanation);
		inquiry_close(inquiry);
	}
}

static void two_keys_at_one_name_are_one_too_many(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct requirement requirement = wanted();
	struct verdict verdict = { .requirement = &requirement };

	(void)state;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_FOUND, ours, ours, NULL);
	told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_FOUND, ours, ours, NULL);
	tell(inquiry, "", NAME, ours);
	assert_true(dkim_check(inquiry, &requirement, &verdict));
	assert_int_equal(verdict.state, VERDICT_CONFLICT);
	assert_non_null(strstr(verdict.explanation, "2 TXT records stand here; only one may"));
	inquiry_close(inquiry);
}

/* What a resolver remembers ends at a moment, and the moment is said. */
static void what_is_remembered_is_forgotten_by_then(void **state)
{
	static const uint32_t remaining[] = { 1, 300, 86400 };

	(void)state;
	for (size_t i = 0; i < LENGTH(remaining); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct requirement requirement = wanted();
		struct verdict verdict = { .requirement = &requirement };
		struct dns_answer absence = { .outcome = DNS_NO_NAME,
			                      .last_name = NAME,
			                      .has_soa = true,
			                      .zone = "acme.example",
			                      .ttl = remaining[i] };
		int64_t soonest = clock_now() + remaining[i];

		told_zone(inquiry);
		tell(inquiry, "192.0.2.2", NAME, ours);
		tell(inquiry, "192.0.2.3", NAME, ours);
		inquiry_know(inquiry, NULL, &absence, NAME, DNS_TXT);
		assert_true(dkim_check(inquiry, &requirement, &verdict));
		assert_int_equal(verdict.state, VERDICT_PROPAGATING);
		assert_in_range(verdict.visible_by, soonest, soonest + 5);
		assert_string_equal(strstr(verdict.explanation, "by ") + 3,
		                    clock_render_soon(inquiry_arena(inquiry), verdict.visible_by));
		inquiry_close(inquiry);
	}
}

/* No resolver learns of a name before the zone's own servers have it. */
static void plants_no_absence(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct requirement requirement = wanted();
	struct verdict verdict = { .requirement = &requirement };

	(void)state;
	told_zone(inquiry);
	tell(inquiry, "192.0.2.2", NAME, NULL);
	tell(inquiry, "192.0.2.3", NAME, ours);
	/* The resolver was told nothing about NAME: asking it would be "call again". */
	assert_true(dkim_check(inquiry, &requirement, &verdict));
	assert_int_equal(verdict.state, VERDICT_PROPAGATING);
	assert_int_equal(verdict.observation_count, 2);
	inquiry_close(inquiry);
}

static void a_pointer_is_followed_into_our_zone(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct requirement record = wanted();
	struct requirement pointer = wanted();
	struct verdict verdict = { .requirement = &pointer };
	const char *target = "s1.acme.example._domainkey.vendor.example";

	(void)state;
	pointer.type = "CNAME";
	pointer.value = target;
	record.name = target;
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_NO_DATA,
	     ">s1.acme.example._domainkey.vendor.example", NULL);
	told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_NO_DATA,
	     ">s1.acme.example._domainkey.vendor.example", NULL);
	assert_false(dkim_check(inquiry, &record, &verdict));
	told(inquiry, "", "vendor.example", DNS_SOA, DNS_FOUND, "ns.vendor.example", NULL);
	told(inquiry, "", "vendor.example", DNS_NS, DNS_FOUND, "ns.vendor.example", NULL);
	told(inquiry, "", "ns.vendor.example", DNS_A, DNS_FOUND, "192.0.2.9", NULL);
	told(inquiry, "", "ns.vendor.example", DNS_AAAA, DNS_NO_DATA, NULL);
	told(inquiry, "192.0.2.9", target, DNS_TXT, DNS_FOUND, ours, NULL);
	tell(inquiry, "", NAME, ours);
	verdict = (struct verdict){ .requirement = &pointer };
	assert_true(dkim_check(inquiry, &record, &verdict));
	assert_int_equal(verdict.state, VERDICT_MATCH);
	assert_true(verdict.shown_everywhere);
	assert_string_equal(verdict.found, target);
	inquiry_close(inquiry);
}

static void a_wrong_pointer_is_a_conflict(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct requirement record = wanted();
	struct requirement pointer = wanted();
	struct verdict verdict = { .requirement = &pointer };

	(void)state;
	pointer.type = "CNAME";
	pointer.value = "s1.acme.example._domainkey.vendor.example";
	told_zone(inquiry);
	told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_NO_NAME, ">x.acme.example", NULL);
	told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_NO_NAME, ">x.acme.example", NULL);
	told(inquiry, "", "x.acme.example", DNS_SOA, DNS_NO_NAME, NULL);
	tell(inquiry, "192.0.2.2", "x.acme.example", NULL);
	tell(inquiry, "192.0.2.3", "x.acme.example", NULL);
	assert_true(dkim_check(inquiry, &record, &verdict));
	assert_int_equal(verdict.state, VERDICT_CONFLICT);
	assert_string_equal(verdict.found, "x.acme.example");
	inquiry_close(inquiry);
}

/* The place of a later key: the pointer alone is looked at, on every server. */
static void a_pointer_of_a_later_key_stands_on_all_servers(void **state)
{
	static const struct {
		const char *one, *two; /* where the CNAME leads; NULL: none */
		enum verdict_state state;
	} later[] = {
		{ ">s3.acme.example", ">s3.acme.example", VERDICT_MATCH },
		{ ">s3.acme.example", NULL, VERDICT_PROPAGATING },
		{ NULL, ">s3.acme.example", VERDICT_PROPAGATING },
		{ ">x.acme.example", NULL, VERDICT_MISSING },
		{ ">x.acme.example", ">x.acme.example", VERDICT_CONFLICT },
		{ NULL, NULL, VERDICT_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(later); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct requirement pointer = wanted();
		struct verdict verdict = { .requirement = &pointer };

		pointer.type = "CNAME";
		pointer.value = "s3.acme.example";
		told_zone(inquiry);
		told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_NO_NAME, later[i].one, NULL);
		told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_NO_NAME, later[i].two, NULL);
		for (size_t n = 0; n < 2; n++) {
			const char *target = n == 0 ? "s3.acme.example" : "x.acme.example";

			told(inquiry, "", target, DNS_SOA, DNS_NO_NAME, NULL);
			tell(inquiry, "192.0.2.2", target, NULL);
			tell(inquiry, "192.0.2.3", target, NULL);
		}
		assert_true(dkim_check_pointer(inquiry, &verdict));
		if (verdict.state != later[i].state)
			fail_msg("%zu: %s: %s", i, verdict_word(verdict.state),
			         verdict.explanation);
		inquiry_close(inquiry);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_what_the_servers_show),
		cmocka_unit_test(two_keys_at_one_name_are_one_too_many),
		cmocka_unit_test(what_is_remembered_is_forgotten_by_then),
		cmocka_unit_test(plants_no_absence),
		cmocka_unit_test(a_pointer_is_followed_into_our_zone),
		cmocka_unit_test(a_wrong_pointer_is_a_conflict),
		cmocka_unit_test(a_pointer_of_a_later_key_stands_on_all_servers),
	};
	return cmocka_run_group_tests_name("dkim_check", tests, NULL, NULL);
}

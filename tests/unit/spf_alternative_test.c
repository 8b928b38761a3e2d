#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/plan/spf_alternative.h"
#include "core/plan/spf_outsider.h"
#include "core/plan/spf_policy.h"
#include "core/record/spf_term.h"
#include "tests/unit/ask_world.h"

#define V "include:_spf.vendor.example"
/* eight look-ups, of which two ask for names that hold nothing for IPv4 */
#define EIGHT "a:1.example a:1.example include:two.example include:two.example ptr mx"

static const struct ask_world world[] = {
	{ "_spf.vendor.example", "v=spf1 ip4:192.0.2.0/24 -all", ASK_TXT },
	{ "acme.example", "mail.acme.example", ASK_MX },
	{ "mail.acme.example", "198.51.100.25", ASK_A },
	{ "mail.acme.example", "2001:db8::25", ASK_AAAA },
	{ "1.example", "203.0.113.1", ASK_A },
	{ "1.example", "2001:db8::1", ASK_AAAA },
	{ "two.example", "v=spf1 a:1.example -all", ASK_TXT },
	{ "_list.acme.example", "v=spf1 mx ?all", ASK_TXT },
	{ "other.example", "v=spf1 mx ?all", ASK_TXT },
	{ "broken.example", "v=spf1 mix -all", ASK_TXT },
	{ "silent.example", NULL, ASK_TXT },
	{ NULL, NULL, ASK_TXT },
};

/* Who passes: whom a range of the record holds. */
static bool ranges_decide(void *context, struct arena *arena, const struct ask_spf *question,
                          struct spf_check_verdict *verdict, struct err *err)
{
	struct spf_record record;
	struct spf_address address;

	UNUSED(context);
	*verdict = (struct spf_check_verdict){ .result = SPF_FAIL };
	assert_true(spf_term_read_address(question->address, &address));
	assert_true(
		spf_record_parse(arena, question->record, strlen(question->record), &record, err));
	for (size_t i = 0; i < record.term_count; i++)
		if (spf_term_holds(&record.terms[i], &address))
			verdict->result = SPF_PASS;
	return true;
}

static bool acme_and_mail_are_one_zone(void *context, struct arena *arena, const char *name,
                                       const char **zone, struct err *err)
{
	UNUSED(context);
	UNUSED(arena);
	UNUSED(err);
	*zone = strstr(name, "acme.example") != NULL ? "acme.example" : "example";
	return true;
}

struct advised {
	struct arena arena;
	struct spf_merge merge;
	struct spf_limit limit;
	struct spf_alternatives advice;
};

static void advise(struct advised *advised, const char *domain, const char *record,
                   const char *term, bool dns)
{
	static const char *const relays[] = { "192.0.2.25", "2001:db8:25::1", "::ffff:192.0.2.26" };
	struct ask ask = ask_world(world);
	struct spf_text text = { record, strlen(record) };
	struct spf_merge_wish wish = { .records = &text,
		                       .record_count = 1,
		                       .terms = &term,
		                       .term_count = 1,
		                       .relays = relays,
		                       .relay_count = 3 };
	struct err err = { 0 };

	ask.spf = ranges_decide;
	ask.zone = acme_and_mail_are_one_zone;
	*advised = (struct advised){ 0 };
	assert_true(spf_merge(&advised->arena, &wish, &advised->merge, &err));
	assert_true(spf_limit_check(&advised->arena, dns ? &ask : NULL, domain, &advised->merge,
	                            &advised->limit, &err));
	struct spf_alternative_question question = { .domain = domain,
		                                     .ask = dns ? &ask : NULL,
		                                     .wish = &wish,
		                                     .merge = &advised->merge,
		                                     .limit = &advised->limit };
	assert_true(spf_alternative_find(&advised->arena, &question, &advised->advice, &err));
}

/* What the merge comes to; words of its reason or of a warning; the ways, each
 * with its look-ups. */
/* clang-format off */
static const struct {
	const char *domain, *record, *term;
	bool dns;
	enum spf_merge_outcome outcome;
	const char *says;
	const char *ways;
} cases[] = {
	/* what fits: the list of addresses is offered, nothing else */
	{ "acme.example", "v=spf1 mx -all", V, true, SPF_MERGE_MERGED, NULL, "direct 1; " },
	{ "acme.example", "v=spf1 mx -all", V, false, SPF_MERGE_MERGED, NULL, "direct 1; " },
	{ "acme.example", "v=spf1 mx -all", "ip4:192.0.2.25", true, SPF_MERGE_MERGED, NULL, "" },
	{ "acme.example", "v=spf1 " V " -all", V, true, SPF_MERGE_UNCHANGED, NULL, "" },
	{ "acme.example", "v=spf1 mix -all", V, true, SPF_MERGE_REFUSED, "broken", "" },
	{ "acme.example", "v=spf1 -all", V, true, SPF_MERGE_REFUSED, "sends no mail", "" },

	/* S17: the list behind redirect=, in the same zone and elsewhere */
	{ "acme.example", "v=spf1 redirect=_list.acme.example", V, true, SPF_MERGE_MERGED, NULL,
	  "redirect-target 3; direct 2; " },
	{ "mail.acme.example", "v=spf1 redirect=_list.acme.example", V, true, SPF_MERGE_MERGED, NULL,
	  "redirect-target 3; direct 2; " },
	{ "acme.example", "v=spf1 redirect=other.example", V, true, SPF_MERGE_MERGED, NULL, "direct 2; " },
	{ "acme.example", "v=spf1 redirect=_list.acme.example ~all", V, true, SPF_MERGE_MERGED, NULL,
	  "direct 0; " },
	{ "acme.example", "v=spf1 redirect=_list.acme.example", V, false, SPF_MERGE_MERGED, NULL, "direct 1; " },

	/* S23: over ten, in this order; what frees most comes first */
	{ "acme.example", "v=spf1 " EIGHT " a:1.example/24 a:mail.acme.example -all", V, true, SPF_MERGE_REFUSED,
	  "more than 10 DNS lookups (11 counted)",
	  "mail-from-subdomain 10; dkim-only 10; direct 10; clean-up 9; clean-up 10; clean-up 10; " },
	{ "acme.example", "v=spf1 " EIGHT " mx:acme.example a:mail.acme.example ip6:2001:db8::25 "
	  "ip4:198.51.100.0/24 -all", V, true, SPF_MERGE_REFUSED, "11 counted",
	  "mail-from-subdomain 10; dkim-only 10; direct 10; clean-up 9; clean-up 10; clean-up 10; clean-up 10; "
	  "clean-up 10; clean-up 10; " },
	{ "acme.example", "v=spf1 " EIGHT " a:1.example/24 mx:acme.example exists:%{i}.x.example -all", V, true,
	  SPF_MERGE_REFUSED, "12 counted",
	  "mail-from-subdomain 11; dkim-only 11; clean-up 10; clean-up 11; clean-up 11; " },
	{ "acme.example", "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example "
	  "a:6.example a:7.example ptr -all", V, false, SPF_MERGE_REFUSED, "11 DNS lookups",
	  "mail-from-subdomain 10; dkim-only 10; direct 10; clean-up 10; " },

	/* two look-ups that find nothing are the limit; dead names break everything */
	{ "acme.example", "v=spf1 a:gone.example a:void.example -all", "a:nowhere.example", true,
	  SPF_MERGE_REFUSED, "3 look-ups of the record would find nothing",
	  "mail-from-subdomain 2; dkim-only 2; direct 2; clean-up 2; clean-up 2; " },
	{ "acme.example", "v=spf1 a:gone.example a:void.example a:no.example -all", V, true, SPF_MERGE_MERGED,
	  "find nothing today already", "" },
	{ "acme.example", "v=spf1 mx -all", "include:nowhere.example", true, SPF_MERGE_REFUSED,
	  "nowhere.example has no good SPF record: everybody would get permerror",
	  "dkim-only 1; direct 1; " },
	{ "acme.example", "v=spf1 mx -all", "include:broken.example", true, SPF_MERGE_REFUSED,
	  "broken.example has no good SPF record", "dkim-only 1; direct 1; " },
	{ "acme.example", "v=spf1 include:nowhere.example -all", V, true, SPF_MERGE_MERGED,
	  "permerror today already", "" },
	{ "acme.example", "v=spf1 include:silent.example -all", V, true, SPF_MERGE_MERGED,
	  "could not be followed", "direct 1; " },
};
/* clang-format on */

static bool said(const struct spf_merge *merge, const char *words)
{
	if (merge->reason != NULL && strstr(merge->reason, words) != NULL)
		return true;
	for (size_t i = 0; i < merge->warning_count; i++)
		if (strstr(merge->warnings[i], words) != NULL)
			return true;
	return false;
}

static void ways_are_priced_and_ranked(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct advised advised;
		struct text ways = { 0 };

		advise(&advised, cases[i].domain, cases[i].record, cases[i].term, cases[i].dns);
		for (size_t j = 0; j < advised.advice.count; j++)
			text_addf(&ways, "%s %zu; ",
			          spf_alternative_word(advised.advice.ways[j].way),
			          advised.advice.ways[j].lookups);
		if (advised.merge.outcome != cases[i].outcome
		    || strcmp(text_string(&ways), cases[i].ways) != 0
		    || (cases[i].says != NULL && !said(&advised.merge, cases[i].says)))
			fail_msg("case %zu: %s: %s: %s", i, spf_merge_word(advised.merge.outcome),
			         text_string(&ways),
			         advised.merge.reason != NULL      ? advised.merge.reason
			         : advised.merge.warning_count > 0 ? advised.merge.warnings[0]
			                                           : "");
		text_free(&ways);
		arena_reset(&advised.arena);
	}
}

/* The way of this number, its record and words of its explanation. */
static void way_is(const struct advised *advised, size_t number, const char *record,
                   const char *words)
{
	const struct spf_alternative *way = &advised->advice.ways[number];

	if (record == NULL)
		assert_null(way->record);
	else
		assert_string_equal(way->record, record);
	if (strstr(way->explanation, words) == NULL)
		fail_msg("way %zu: %s", number, way->explanation);
}

/* Who is not let in by the include is not helped by it elsewhere. */
static void an_outsider_gets_no_way_with_the_term(void **state)
{
	static const char *const relays[] = { "203.0.113.99" };
	static const char *const terms[] = { "ip4:192.0.2.0/24", "ip4:203.0.113.99" };

	(void)state;
	for (size_t in = 0; in < 2; in++) {
		struct arena arena = { 0 };
		struct ask ask = ask_world(world);
		struct spf_merge_wish wish = {
			.terms = &terms[in], .term_count = 1, .relays = relays, .relay_count = 1
		};
		const char *reason = NULL;
		struct err err = { 0 };

		ask.spf = ranges_decide;
		assert_true(spf_outsider_find(&arena, &ask, "acme.example", &wish, &reason, &err));
		if (in == 1)
			assert_null(reason);
		else
			assert_string_equal(reason,
			                    "203.0.113.99 is not let in by ip4:192.0.2.0/24");
		arena_reset(&arena);
	}
}

static void each_way_shows_its_record(void **state)
{
	struct advised advised;

	(void)state;
	advise(&advised, "acme.example",
	       "v=spf1 " EIGHT " mx:acme.example a:mail.acme.example ip6:2001:db8::25 "
	       "ip4:198.51.100.0/24 -all",
	       V, true);
	way_is(&advised, 0, NULL, "\"v=spf1 " V " -all\"");
	way_is(&advised, 1, NULL, "before they look at DKIM");
	way_is(&advised, 2,
	       "v=spf1 " EIGHT " mx:acme.example a:mail.acme.example ip6:2001:db8::25 "
	       "ip4:198.51.100.0/24 ip4:192.0.2.25 ip6:2001:db8:25::1 ip4:192.0.2.26 -all",
	       "owes every change");
	way_is(&advised, 3,
	       "v=spf1 a:1.example a:1.example include:two.example ptr mx mx:acme.example "
	       "a:mail.acme.example ip6:2001:db8::25 ip4:198.51.100.0/24 " V " -all",
	       "\"include:two.example\" stands there twice; the second one could go: that frees 2 "
	       "look-ups");
	way_is(&advised, 4,
	       "v=spf1 a:1.example include:two.example include:two.example ptr mx mx:acme.example "
	       "a:mail.acme.example ip6:2001:db8::25 ip4:198.51.100.0/24 " V " -all",
	       "twice");
	assert_non_null(strstr(advised.advice.ways[5].explanation, "\"ptr\" is slow"));
	assert_non_null(strstr(advised.advice.ways[6].explanation, "all addresses of \"mx\" pass"));
	arena_reset(&advised.arena);
	advise(&advised, "acme.example", "v=spf1 redirect=_list.acme.example", V, true);
	way_is(&advised, 0, "v=spf1 mx " V " ?all", "really stands at _list.acme.example");
	arena_reset(&advised.arena);
}

/* "all", and words of what is said about it. */
static const struct {
	const char *record, *all, *words;
} policies[] = {
	{ "v=spf1 mx -all", "-all", "before they look at DKIM" },
	{ "v=spf1 mx ~all", "~all", "doubtful" },
	{ "v=spf1 mx ?all", "?all", "stops no forgery" },
	{ "v=spf1 mx +all", "+all", "every server in the world" },
	{ "v=spf1 mx ALL", "+all", "every server in the world" },
	{ "v=spf1 mx", "none", "as with \"?all\"" },
	{ "v=spf1 mx ~all -all", "~all", "doubtful" },
	{ "v=spf1 mx redirect=x.example", "redirect", "points to" },
	{ "v=spf1 mx redirect=x.example ?all", "?all", "says nothing" },
};

static void what_all_means_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(policies); i++) {
		struct arena arena = { 0 };
		struct spf_record record;
		struct err err = { 0 };

		assert_true(spf_record_parse(&arena, policies[i].record, strlen(policies[i].record),
		                             &record, &err));
		struct spf_policy policy = spf_policy_of(&record);
		assert_string_equal(policy.all, policies[i].all);
		assert_non_null(strstr(policy.explanation, policies[i].words));
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_are_priced_and_ranked),
		cmocka_unit_test(an_outsider_gets_no_way_with_the_term),
		cmocka_unit_test(each_way_shows_its_record),
		cmocka_unit_test(what_all_means_is_said),
	};
	return cmocka_run_group_tests_name("spf_alternative", tests, NULL, NULL);
}

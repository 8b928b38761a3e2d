#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan/spf_merge.h"

#define V "include:_spf.vendor.example"

enum { MOST = 6 };

/* What the customer publishes, what we wish, what shall stand there; of a
 * refusal, words of its reason. */
/* clang-format off */
static const struct {
	const char *records[MOST];
	const char *terms[MOST];        /* none: V */
	const char *relays[MOST];
	bool sends_now;
	enum spf_merge_outcome outcome;
	const char *record;
	const char *says;               /* words of a change or a warning; NULL */
} cases[] = {
	/* nothing there yet */
	{ { NULL }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " ~all", "new record" },
	{ { "google-site-verification=x" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " ~all", "new record" },
	{ { "v=spf10 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " ~all", NULL },
	{ { " v=spf1 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " ~all", NULL },
	{ { NULL }, { "ip4:192.0.2.1", "ip6:2001:db8::1" }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all", NULL },

	/* S14, S22: before the first all, whose qualifier stays */
	{ { "v=spf1 mx -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 mx " V " -all",
	  "inserted before \"-all\"" },
	{ { "v=spf1 mx ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 mx " V " ~all", NULL },
	{ { "v=spf1 mx ?all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 mx " V " ?all", NULL },
	{ { "V=SPF1 MX -ALL" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 MX " V " -ALL", NULL },
	{ { "v=spf1 a mx ip4:192.0.2.0/24 include:other.example -all" }, { NULL }, { NULL }, false,
	  SPF_MERGE_MERGED, "v=spf1 a mx ip4:192.0.2.0/24 include:other.example " V " -all", NULL },
	{ { "v=spf1 mx -all a:later.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -all a:later.example", "never read" },
	{ { "v=spf1 mx ~all -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " ~all -all", NULL },
	{ { "v=spf1 ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " ~all", NULL },
	{ { "v=spf1 +all" }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED, "v=spf1 +all",
	  "whole world" },
	{ { "v=spf1 all" }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED, "v=spf1 all", "whole world" },
	{ { "v=spf1 -ip4:198.51.100.1 +all" }, { NULL }, { "198.51.100.1" }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " -ip4:198.51.100.1 +all", NULL },

	/* no all, redirect, modifiers */
	{ { "v=spf1 mx" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 mx " V, "no \"all\"" },
	{ { "v=spf1" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V, NULL },
	{ { "v=spf1 redirect=_spf.acme.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " redirect=_spf.acme.example", "inserted before \"redirect" },
	{ { "v=spf1 mx redirect=_spf.acme.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " redirect=_spf.acme.example", NULL },
	{ { "v=spf1 redirect=_spf.acme.example mx" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " redirect=_spf.acme.example mx", NULL },
	{ { "v=spf1 mx redirect=_spf.acme.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx redirect=_spf.acme.example " V " -all", "never followed" },
	{ { "v=spf1 mx exp=why.acme.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " exp=why.acme.example", NULL },
	{ { "v=spf1 mx -all exp=why.acme.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -all exp=why.acme.example", NULL },
	{ { "v=spf1 op=auth mx x-note=%{d} -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 op=auth mx x-note=%{d} " V " -all", NULL },
	{ { "v=spf1 moo.cow=%{s} redirect=r.example" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " moo.cow=%{s} redirect=r.example", NULL },

	/* S12: changed, not duplicated */
	{ { "v=spf1 ?" V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " -all",
	  "becomes" },
	{ { "v=spf1 ~" V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " -all", NULL },
	{ { "v=spf1 -" V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 " V " -all", NULL },
	{ { "v=spf1 ?Include:_SPF.Vendor.example mx -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 Include:_SPF.Vendor.example mx -all", NULL },
	{ { "v=spf1 " V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED, "v=spf1 " V " -all", NULL },
	{ { "v=spf1  " V "   -all " }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1  " V "   -all ", NULL },
	{ { "v=spf1 +" V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1 +" V " -all", NULL },
	{ { "v=spf1 INCLUDE:_SPF.VENDOR.EXAMPLE -all" }, { NULL }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1 INCLUDE:_SPF.VENDOR.EXAMPLE -all", NULL },
	{ { "v=spf1 mx -all " V }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 mx " V " -all",
	  "never read" },

	/* octodns-spf takes every token with the letters "all" for the mechanism */
	{ { "v=spf1 include:mail.small.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 include:mail.small.example " V " -all", NULL },
	{ { "v=spf1 a:all.example mx ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 a:all.example mx " V " ~all", NULL },
	{ { "v=spf1 a mx a/24 mx//64 ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 a mx a/24 mx//64 " V " ~all", NULL },

	/* S18: macros stay */
	{ { "v=spf1 exists:%{i}._spf.%{d} -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 exists:%{i}._spf.%{d} " V " -all", NULL },
	{ { "v=spf1 include:%{d2}.other.example ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 include:%{d2}.other.example " V " ~all", NULL },

	/* S20: before a term that says something else about us */
	{ { "v=spf1 mx -ip4:192.0.2.0/24 a -all" }, { NULL }, { "192.0.2.7" }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -ip4:192.0.2.0/24 a -all", "before \"-ip4" },
	{ { "v=spf1 mx -ip4:192.0.2.0/24 a -all" }, { NULL }, { "198.51.100.7" }, false,
	  SPF_MERGE_MERGED, "v=spf1 mx -ip4:192.0.2.0/24 a " V " -all", NULL },
	{ { "v=spf1 mx -ip4:192.0.2.0/24 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -ip4:192.0.2.0/24 a -all", NULL },
	{ { "v=spf1 ?ip6:2001:db8::/32 ~all" }, { NULL }, { "2001:db8::25" }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " ?ip6:2001:db8::/32 ~all", NULL },
	{ { "v=spf1 ?ip6:2001:db8::/32 ~all" }, { NULL }, { "192.0.2.1" }, false, SPF_MERGE_MERGED,
	  "v=spf1 ?ip6:2001:db8::/32 " V " ~all", NULL },
	{ { "v=spf1 -ip4:192.0.2.0/24 " V " -all" }, { NULL }, { "192.0.2.7" }, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " -ip4:192.0.2.0/24 -all", "moves before" },
	{ { "v=spf1 -ip4:192.0.2.0/24 " V " -all" }, { NULL }, { "198.51.100.7" }, false,
	  SPF_MERGE_UNCHANGED, "v=spf1 -ip4:192.0.2.0/24 " V " -all", NULL },
	{ { "v=spf1 -exists:%{i}.bl.example mx -all" }, { NULL }, { "192.0.2.7" }, false,
	  SPF_MERGE_MERGED, "v=spf1 " V " -exists:%{i}.bl.example mx -all", NULL },

	/* S19: a range that covers the address is enough */
	{ { "v=spf1 ip4:192.0.2.0/24 -all" }, { "ip4:192.0.2.7" }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1 ip4:192.0.2.0/24 -all", NULL },
	{ { "v=spf1 ip4:192.0.2.7 -all" }, { "ip4:192.0.2.0/24" }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 -all", NULL },
	{ { "v=spf1 ip4:192.0.2.0/25 -all" }, { "ip4:192.0.2.128" }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128 -all", NULL },
	{ { "v=spf1 ip4:0.0.0.0/0 ~all" }, { "ip4:192.0.2.7" }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1 ip4:0.0.0.0/0 ~all", NULL },
	{ { "v=spf1 ip6:2001:db8::/32 -all" }, { "ip6:2001:DB8:0:0::25" }, { NULL }, false,
	  SPF_MERGE_UNCHANGED, "v=spf1 ip6:2001:db8::/32 -all", NULL },
	{ { "v=spf1 ?ip4:192.0.2.7 -all" }, { "ip4:192.0.2.7" }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 ip4:192.0.2.7 -all", "becomes" },
	{ { "v=spf1 ip4:192.0.2.7/32 -all" }, { "ip4:192.0.2.7" }, { NULL }, false, SPF_MERGE_UNCHANGED,
	  "v=spf1 ip4:192.0.2.7/32 -all", NULL },
	{ { "v=spf1 a:mx1.vendor.example -all" }, { "a:mx1.vendor.example" }, { NULL }, false,
	  SPF_MERGE_UNCHANGED, "v=spf1 a:mx1.vendor.example -all", NULL },
	{ { "v=spf1 a:mx1.vendor.example/24 -all" }, { "a:mx1.vendor.example" }, { NULL }, false,
	  SPF_MERGE_MERGED, "v=spf1 a:mx1.vendor.example/24 a:mx1.vendor.example -all", NULL },

	/* S2: several records become one */
	{ { "v=spf1 mx -all", "v=spf1 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx a " V " -all", "2 SPF records become one" },
	{ { "v=spf1 mx -all", "v=spf1 mx ~all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " ~all", "softer" },
	{ { "v=spf1 mx ~all", "txt", "v=spf1 " V " -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " ~all", "softer" },
	{ { "v=spf1 mx", "v=spf1 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 mx a " V " -all", NULL },
	{ { "v=spf1 mx exp=e.example -all", "v=spf1 a exp=f.example -all" }, { NULL }, { NULL }, false,
	  SPF_MERGE_MERGED, "v=spf1 mx exp=e.example a " V " -all", "only one exp=" },
	{ { "v=spf1 redirect=r.example", "v=spf1 a -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED,
	  "redirect=", NULL },
	{ { "v=spf1 a -all", "v=spf1 redirect=r.example" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED,
	  "redirect=", NULL },
	{ { "v=spf1 a -all", "v=spf1 mx -al" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "broken", NULL },

	/* S3: broken records are explained, not merged */
	{ { "v=spf1 ip4:192.0.2.300 -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "broken", NULL },
	{ { "v=spf1 mx -all." }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "broken", NULL },
	{ { "v=spf1 mx include: other.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED,
	  "broken", NULL },
	{ { "v=spf1 mx \xe2\x80\x93" "all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "broken", NULL },
	{ { "v=spf1 redirect=a.example redirect=b.example" }, { NULL }, { NULL }, false,
	  SPF_MERGE_REFUSED, "broken", NULL },
	{ { "v=spf1 mx, a -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "broken", NULL },

	/* S21: a domain that says it never sends */
	{ { "v=spf1 -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "sends no mail", NULL },
	{ { "v=spf1 -all" }, { NULL }, { NULL }, true, SPF_MERGE_MERGED, "v=spf1 " V " -all", NULL },
	{ { "v=spf1 exp=e.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED, "sends no mail", NULL },

	/* S5, S23: ten lookups and no more */
	{ { "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example "
	    "a:7.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example "
	  "a:7.example " V " -all", NULL },
	{ { "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example "
	    "a:7.example a:8.example -all" }, { NULL }, { NULL }, false, SPF_MERGE_REFUSED,
	  "11 DNS lookups", NULL },
	{ { "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example "
	    "a:7.example a:8.example -all" }, { "ip4:192.0.2.1" }, { NULL }, false, SPF_MERGE_MERGED,
	  "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example "
	  "a:7.example a:8.example ip4:192.0.2.1 -all", NULL },
	{ { "v=spf1 ptr -all" }, { NULL }, { NULL }, false, SPF_MERGE_MERGED, "v=spf1 ptr " V " -all",
	  "advises against" },
};
/* clang-format on */

static size_t count(const char *const list[MOST])
{
	size_t n = 0;

	while (n < MOST && list[n] != NULL)
		n++;
	return n;
}

static bool said(const struct spf_merge *merge, const char *words)
{
	for (size_t i = 0; i < merge->change_count; i++)
		if (strstr(merge->changes[i], words) != NULL)
			return true;
	for (size_t i = 0; i < merge->warning_count; i++)
		if (strstr(merge->warnings[i], words) != NULL)
			return true;
	return false;
}

static void a_merge_changes_nothing_else(void **state)
{
	static const char *const vendor[] = { V };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_text texts[MOST];
		struct spf_merge merge;
		for (size_t j = 0; j < count(cases[i].records); j++)
			texts[j] = (struct spf_text){ cases[i].records[j],
				                      strlen(cases[i].records[j]) };
		bool own = cases[i].terms[0] != NULL;
		struct spf_merge_wish wish = {
			.records = texts,
			.record_count = count(cases[i].records),
			.terms = own ? cases[i].terms : vendor,
			.term_count = own ? count(cases[i].terms) : 1,
			.relays = cases[i].relays,
			.relay_count = count(cases[i].relays),
			.sends_now = cases[i].sends_now,
		};
		if (!spf_merge(&arena, &wish, &merge, &err))
			fail_msg("case %zu: %s", i, err.text);
		bool refused = merge.outcome == SPF_MERGE_REFUSED;
		if (merge.outcome != cases[i].outcome
		    || (refused ? strstr(merge.reason, cases[i].record) == NULL
		                : strcmp(merge.record, cases[i].record) != 0)
		    || (cases[i].says != NULL && !said(&merge, cases[i].says)))
			fail_msg("case %zu \"%s\": %s: %s", i,
			         cases[i].records[0] != NULL ? cases[i].records[0] : "",
			         spf_merge_word(merge.outcome),
			         refused ? merge.reason : merge.record);

		/* Whatever came out: merging again into it changes nothing. */
		if (!refused) {
			struct spf_text again = { merge.record, strlen(merge.record) };
			struct spf_merge second;
			wish.records = &again;
			wish.record_count = 1;
			if (!spf_merge(&arena, &wish, &second, &err)
			    || second.outcome != SPF_MERGE_UNCHANGED)
				fail_msg("case %zu again: %s", i, second.record);
		}
		arena_reset(&arena);
	}
}

static void a_wish_must_authorise_somebody(void **state)
{
	static const char *const wishes[] = {
		"all",
		"-all",
		"redirect=x.example",
		"?include:x.example",
		"exp=x.example",
		"include:",
		"ip4:1.2.3",
		"nonsense",
		"",
		"include:a.example mx",
		"v=spf1",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(wishes); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct spf_merge merge;
		struct spf_merge_wish wish = { .terms = &wishes[i], .term_count = 1 };
		if (spf_merge(&arena, &wish, &merge, &err))
			fail_msg("\"%s\" was taken", wishes[i]);
		assert_int_equal(err.code, ERR_INPUT);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_merge_changes_nothing_else),
		cmocka_unit_test(a_wish_must_authorise_somebody),
	};
	return cmocka_run_group_tests_name("spf_merge", tests, NULL, NULL);
}

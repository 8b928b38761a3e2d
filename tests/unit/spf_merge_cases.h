#pragma once

/*
 * spf_merge_cases -- records as customers have them, what is wished, and what
 * shall stand there; by the rules S1 to S25, and by the mistakes of others.
 *
 * The wish is V unless the row says something else.
 */

#include "core/plan/spf_merge.h"

#define V "include:_spf.vendor.example"

enum { CASE_MOST = 6 };

struct merge_case {
	const char *records[CASE_MOST];
	const char *terms[CASE_MOST]; /* none: V */
	const char *relays[CASE_MOST];
	bool sends_now;
	bool fails_today;
	enum spf_merge_outcome outcome;
	const char *record; /* of a refusal, words of its reason */
	const char *says;   /* words of a change or a warning; NULL */
};

/* clang-format off */
#define LIST(...) { __VA_ARGS__ }

/* One record, no relays known: what becomes of it. */
#define GETS(before, after, says) \
	{ { before }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED, after, says }
/* The same, for a relay. */
#define FOR(relay, before, after, says) \
	{ { before }, { NULL }, { relay }, false, false, SPF_MERGE_MERGED, after, says }
/* Nothing needs to change. */
#define STAYS(before, says) \
	{ { before }, { NULL }, { NULL }, false, false, SPF_MERGE_UNCHANGED, before, says }
#define STAYS_FOR(relay, before, says) \
	{ { before }, { NULL }, { relay }, false, false, SPF_MERGE_UNCHANGED, before, says }
/* A wish of its own. */
#define WISH(term, before, after, says) \
	{ { before }, { term }, { NULL }, false, false, SPF_MERGE_MERGED, after, says }
#define WISH_STAYS(term, before) \
	{ { before }, { term }, { NULL }, false, false, SPF_MERGE_UNCHANGED, before, NULL }
/* Several records. */
#define UNITE(records, after, says) \
	{ records, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED, after, says }
#define REFUSED(before, words) \
	{ { before }, { NULL }, { NULL }, false, false, SPF_MERGE_REFUSED, words, NULL }
#define UNITE_REFUSED(records, words) \
	{ records, { NULL }, { NULL }, false, false, SPF_MERGE_REFUSED, words, NULL }

#define NINE "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example " \
             "a:7.example"
#define R60 "ip4:198.51.100.100 ip4:198.51.100.101 ip4:198.51.100.102 "
#define R240 R60 R60 R60 R60

static const struct merge_case cases[] = {
	/* S1: nothing there yet, and what only looks like it */
	{ { NULL }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED, "v=spf1 " V " ~all", "new record" },
	{ { "google-site-verification=x" }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " ~all", "new record" },
	GETS("v=spf10 a -all", "v=spf1 " V " ~all", "looks like SPF"),
	GETS(" v=spf1 a -all", "v=spf1 " V " ~all", "receivers ignore it"),
	GETS("\"v=spf1 a -all\"", "v=spf1 " V " ~all", "looks like SPF"),
	GETS("v=spf1\tmx -all", "v=spf1 " V " ~all", "looks like SPF"),
	GETS("v=spf2.0/pra mx -all", "v=spf1 " V " ~all", "looks like SPF"),
	GETS("", "v=spf1 " V " ~all", "careful start"),
	{ { "MS=ms123", "v=DMARC1; p=none" }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " ~all", NULL },
	{ { NULL }, { "ip4:192.0.2.1", "ip6:2001:db8::1" }, { NULL }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all", NULL },
	{ { "MS=ms123", "v=spf1 mx -all", "x=y" }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -all", "inserted" },

	/* S13, S14, S22: before the first all, whose qualifier stays */
	GETS("v=spf1 mx -all", "v=spf1 mx " V " -all", "inserted before \"-all\""),
	GETS("v=spf1 mx ~all", "v=spf1 mx " V " ~all", NULL),
	GETS("v=spf1 mx ?all", "v=spf1 mx " V " ?all", NULL),
	GETS("v=spf1 a mx ip4:192.0.2.0/24 include:other.example -all",
	     "v=spf1 a mx ip4:192.0.2.0/24 include:other.example " V " -all", NULL),
	GETS("v=spf1 ~all", "v=spf1 " V " ~all", NULL),
	GETS("v=spf1 ?all", "v=spf1 " V " ?all", NULL),
	GETS("v=spf1 mx -all a:later.example", "v=spf1 mx " V " -all a:later.example", "never read"),
	GETS("v=spf1 mx -all a:later.example ip4:192.0.2.1 ptr",
	     "v=spf1 mx " V " -all a:later.example ip4:192.0.2.1 ptr",
	     "3 terms from \"a:later.example\" on stand behind"),
	GETS("v=spf1 mx ~all -all", "v=spf1 mx " V " ~all -all", "\"-all\" stands behind \"~all\""),
	GETS("v=spf1 mx ?all ~all -all +all", "v=spf1 mx " V " ?all ~all -all +all", NULL),
	GETS("v=spf1 mx -all mx ~all", "v=spf1 mx " V " -all mx ~all", NULL),

	/* +all: everybody passes, us among them; said, never changed */
	STAYS("v=spf1 +all", "whole world"),
	STAYS("v=spf1 all", "whole world"),
	STAYS("v=spf1 mx +all", "whole world"),
	STAYS("v=spf1 +all -all", "whole world"),
	GETS("v=spf1 ~mx +all", "v=spf1 " V " ~mx +all", "whole world"),
	STAYS_FOR("198.51.100.1", "v=spf1 -ip4:203.0.113.1 +all", "whole world"),
	FOR("198.51.100.1", "v=spf1 -ip4:198.51.100.1 +all", "v=spf1 " V " -ip4:198.51.100.1 +all", NULL),

	/* S15, S16, S17: no all, redirect, modifiers */
	GETS("v=spf1", "v=spf1 " V, "no \"all\""),
	GETS("v=spf1 mx", "v=spf1 mx " V, "no \"all\""),
	GETS("v=spf1 mx ", "v=spf1 mx " V " ", "is added"),
	GETS("v=spf1 redirect=_spf.acme.example", "v=spf1 " V " redirect=_spf.acme.example",
	     "inserted before \"redirect"),
	GETS("v=spf1 mx redirect=_spf.acme.example", "v=spf1 mx " V " redirect=_spf.acme.example", NULL),
	GETS("v=spf1 mx Redirect=_SPF.%{d}", "v=spf1 mx " V " Redirect=_SPF.%{d}", NULL),
	GETS("v=spf1 redirect=_spf.acme.example mx", "v=spf1 redirect=_spf.acme.example mx " V, "is added"),
	GETS("v=spf1 mx redirect=_spf.acme.example -all", "v=spf1 mx redirect=_spf.acme.example " V " -all",
	     "never followed"),
	GETS("v=spf1 mx -all redirect=_spf.acme.example", "v=spf1 mx " V " -all redirect=_spf.acme.example",
	     "never followed"),
	GETS("v=spf1 mx exp=why.acme.example", "v=spf1 mx " V " exp=why.acme.example", NULL),
	GETS("v=spf1 exp=why.%{d} mx -all", "v=spf1 exp=why.%{d} mx " V " -all", NULL),
	GETS("v=spf1 mx -all exp=why.acme.example", "v=spf1 mx " V " -all exp=why.acme.example", NULL),
	GETS("v=spf1 mx redirect=r.example exp=e.example", "v=spf1 mx " V " redirect=r.example exp=e.example",
	     NULL),
	GETS("v=spf1 op=auth mx x-note=%{d} -all", "v=spf1 op=auth mx x-note=%{d} " V " -all", NULL),
	GETS("v=spf1 moo.cow=%{s} redirect=r.example", "v=spf1 " V " moo.cow=%{s} redirect=r.example", NULL),
	GETS("v=spf1 mx ra=postmaster rp=100 -all", "v=spf1 mx ra=postmaster rp=100 " V " -all", NULL),
	GETS("v=spf1 mx include=other.example -all", "v=spf1 mx include=other.example " V " -all", NULL),

	/* S12: changed, not duplicated */
	GETS("v=spf1 ?" V " -all", "v=spf1 " V " -all", "becomes"),
	GETS("v=spf1 ~" V " -all", "v=spf1 " V " -all", "\"~" V "\" becomes \"" V "\""),
	GETS("v=spf1 -" V " -all", "v=spf1 " V " -all", NULL),
	GETS("v=spf1 ?Include:_SPF.Vendor.example mx -all", "v=spf1 Include:_SPF.Vendor.example mx -all", NULL),
	GETS("v=spf1 mx ~include:_spf.vendor.example. ?all", "v=spf1 mx include:_spf.vendor.example. ?all", NULL),
	GETS("v=spf1 ?" V " redirect=r.example", "v=spf1 " V " redirect=r.example", NULL),
	GETS("v=spf1 ?" V " mx " V " -all", "v=spf1 " V " mx " V " -all", "becomes"),
	STAYS("v=spf1 " V " -all", NULL),
	STAYS("v=spf1 " V " ?" V " -all", NULL),
	STAYS("v=spf1  " V "   -all ", NULL),
	STAYS("v=spf1 +" V " -all", NULL),
	STAYS("v=spf1 INCLUDE:_SPF.VENDOR.EXAMPLE -all", NULL),
	STAYS("v=spf1 " V ". -all", NULL),
	STAYS("v=spf1 " V " redirect=r.example", NULL),
	STAYS("v=spf1 mx " V, "no \"all\""),
	GETS("v=spf1 mx -all " V, "v=spf1 mx " V " -all", "never read"),
	GETS("v=spf1 mx -all ?" V " ptr", "v=spf1 mx " V " -all ptr", "stood behind"),
	GETS("v=spf1 include:_spf.vendor.example.net -all",
	     "v=spf1 include:_spf.vendor.example.net " V " -all", NULL),
	GETS("v=spf1 include:spf.vendor.example -all", "v=spf1 include:spf.vendor.example " V " -all", NULL),
	GETS("v=spf1 a:_spf.vendor.example -all", "v=spf1 a:_spf.vendor.example " V " -all", NULL),
	GETS("v=spf1 redirect=_spf.vendor.example", "v=spf1 " V " redirect=_spf.vendor.example", NULL),

	/* the customer's spelling stays, octet by octet */
	GETS("V=SPF1 MX -ALL", "V=SPF1 MX " V " -ALL", NULL),
	GETS("v=spf1  mx   -all", "v=spf1  mx " V "   -all", NULL),
	GETS("v=spf1   ~all  ", "v=spf1 " V "   ~all  ", NULL),
	GETS("v=spf1 +a +mx Ip4:192.0.2.0/24 IP6:2001:DB8::/32 -all",
	     "v=spf1 +a +mx Ip4:192.0.2.0/24 IP6:2001:DB8::/32 " V " -all", NULL),
	GETS("v=spf1 a:Mail.Acme.Example. mx:acme.example/28//64 -all",
	     "v=spf1 a:Mail.Acme.Example. mx:acme.example/28//64 " V " -all", NULL),
	GETS("v=spf1 a a mx mx -all", "v=spf1 a a mx mx " V " -all", NULL),
	GETS("v=spf1  ?" V "  -all", "v=spf1  " V "  -all", "becomes"),
	GETS("v=spf1  mx  -all  " V "  ptr", "v=spf1  mx " V "  -all  ptr", NULL),

	/* octodns-spf takes every token with the letters "all" for the mechanism, splits a and mx,
	 * rejects redirect, and makes "-all" of "?all" and of "+all" */
	GETS("v=spf1 include:mail.small.example -all", "v=spf1 include:mail.small.example " V " -all", NULL),
	GETS("v=spf1 include:spf.all-hosts.example ~all", "v=spf1 include:spf.all-hosts.example " V " ~all",
	     NULL),
	GETS("v=spf1 a:all.example mx ~all", "v=spf1 a:all.example mx " V " ~all", NULL),
	GETS("v=spf1 exists:%{i}.wall.example redirect=all.example",
	     "v=spf1 exists:%{i}.wall.example " V " redirect=all.example", NULL),
	GETS("v=spf1 a mx a/24 mx//64 ~all", "v=spf1 a mx a/24 mx//64 " V " ~all", NULL),
	GETS("v=spf1 a ?all", "v=spf1 a " V " ?all", NULL),
	GETS("v=spf1 include:soft.example -all", "v=spf1 include:soft.example " V " -all", NULL),
	GETS("v=spf1 ?include:other.example all=x -all", "v=spf1 " V " ?include:other.example all=x -all", NULL),

	/* dnscontrol takes what begins with "a" for a mechanism, and redirect for an include */
	GETS("v=spf1 a:b.example auth=yes -all", "v=spf1 a:b.example auth=yes " V " -all", NULL),
	GETS("v=spf1 accept=mail mx ~all", "v=spf1 accept=mail mx " V " ~all", NULL),
	REFUSED("v=spf1 aa:b.example -all", "broken"),
	REFUSED("v=spf1 a192.0.2.1 -all", "broken"),

	/* Domain Connect asks for "include:... ~all" and takes 255 octets for the end of a record */
	GETS("v=spf1 include:spf.one.example ~all", "v=spf1 include:spf.one.example " V " ~all", NULL),
	UNITE(LIST("v=spf1 include:spf.one.example -all", "v=spf1 " V " ~all"),
	      "v=spf1 include:spf.one.example " V " ~all", "softer one"),
	GETS("v=spf1 " R240 "-all", "v=spf1 " R240 V " -all", NULL),
	GETS("v=spf1 " R240 R240 "-all", "v=spf1 " R240 R240 V " -all", "above 450"),
	STAYS("v=spf1 " R240 R240 V " -all", "above 450"),
	{ { "v=spf1 mx -all", R240, R240 }, { NULL }, { NULL }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " -all", "more than 512 octets" },

	/* S18: macros stay, and may always match */
	GETS("v=spf1 exists:%{i}._spf.%{d} -all", "v=spf1 exists:%{i}._spf.%{d} " V " -all", NULL),
	GETS("v=spf1 include:%{d2}.other.example ~all", "v=spf1 include:%{d2}.other.example " V " ~all", NULL),
	GETS("v=spf1 exists:%{ir}.%{v}._spf.%{d2} include:%{l1r-}.x.example exp=%{D}.e.example -all",
	     "v=spf1 exists:%{ir}.%{v}._spf.%{d2} include:%{l1r-}.x.example exp=%{D}.e.example " V " -all", NULL),
	GETS("v=spf1 a:%%%_%-.example.com -all", "v=spf1 a:%%%_%-.example.com " V " -all", NULL),
	FOR("192.0.2.7", "v=spf1 -exists:%{i}.bl.example mx -all", "v=spf1 " V " -exists:%{i}.bl.example mx -all",
	    "before \"-exists"),
	WISH("exists:%{I}.x.example", "v=spf1 exists:%{i}.x.example -all",
	     "v=spf1 exists:%{i}.x.example exists:%{I}.x.example -all", NULL),
	WISH_STAYS("exists:%{i}.x.example", "v=spf1 exists:%{i}.x.example -all"),

	/* S20: before a term that says something else about us, else last */
	FOR("192.0.2.7", "v=spf1 mx -ip4:192.0.2.0/24 a -all", "v=spf1 mx " V " -ip4:192.0.2.0/24 a -all",
	    "before \"-ip4"),
	FOR("198.51.100.7", "v=spf1 mx -ip4:192.0.2.0/24 a -all", "v=spf1 mx -ip4:192.0.2.0/24 a " V " -all", NULL),
	GETS("v=spf1 mx -ip4:192.0.2.0/24 a -all", "v=spf1 mx " V " -ip4:192.0.2.0/24 a -all", NULL),
	FOR("2001:db8::25", "v=spf1 ?ip6:2001:db8::/32 ~all", "v=spf1 " V " ?ip6:2001:db8::/32 ~all", NULL),
	FOR("192.0.2.1", "v=spf1 ?ip6:2001:db8::/32 ~all", "v=spf1 ?ip6:2001:db8::/32 " V " ~all", NULL),
	FOR("192.0.2.1", "v=spf1 ?ip6:::/0 ~all", "v=spf1 ?ip6:::/0 " V " ~all", NULL),
	FOR("192.0.2.1", "v=spf1 ?ip4:0.0.0.0/0 ~all", "v=spf1 " V " ?ip4:0.0.0.0/0 ~all", NULL),
	FOR("192.0.2.7", "v=spf1 mx ~include:other.example a -all",
	    "v=spf1 mx " V " ~include:other.example a -all", NULL),
	FOR("192.0.2.7", "v=spf1 ?a ?mx ?ptr ~all", "v=spf1 " V " ?a ?mx ?ptr ~all", NULL),
	FOR("192.0.2.7", "v=spf1 ~ip4:192.0.2.7 redirect=r.example",
	    "v=spf1 " V " ~ip4:192.0.2.7 redirect=r.example", NULL),
	FOR("::ffff:192.0.2.7", "v=spf1 -ip4:192.0.2.0/24 -all", "v=spf1 " V " -ip4:192.0.2.0/24 -all", NULL),
	FOR("192.0.2.7", "v=spf1 -ip6:::ffff:192.0.2.0/120 -all",
	    "v=spf1 -ip6:::ffff:192.0.2.0/120 " V " -all", NULL),
	{ { "v=spf1 mx -ip4:192.0.2.0/24 -ip6:2001:db8::/32 -all" }, { NULL },
	  { "203.0.113.1", "2001:db8::1" }, false, false, SPF_MERGE_MERGED,
	  "v=spf1 mx -ip4:192.0.2.0/24 " V " -ip6:2001:db8::/32 -all", NULL },
	FOR("192.0.2.7", "v=spf1 -ip4:192.0.2.0/24 " V " -all", "v=spf1 " V " -ip4:192.0.2.0/24 -all",
	    "moves before"),
	FOR("192.0.2.7", "v=spf1 -ip4:192.0.2.0/24 mx ?" V " -all", "v=spf1 " V " -ip4:192.0.2.0/24 mx -all",
	    "moves before"),
	STAYS_FOR("198.51.100.7", "v=spf1 -ip4:192.0.2.0/24 " V " -all", NULL),
	STAYS_FOR("192.0.2.7", "v=spf1 ~a " V " -all", NULL),
	{ { "v=spf1 mx ~a " V " -all" }, { NULL }, { "192.0.2.7" }, false, true, SPF_MERGE_MERGED,
	  "v=spf1 mx " V " ~a -all", "moves before" },
	{ { "v=spf1 " V " -all" }, { NULL }, { "192.0.2.7" }, false, true, SPF_MERGE_UNCHANGED,
	  "v=spf1 " V " -all", NULL },

	/* S19: who passes already, by ranges alone */
	STAYS_FOR("192.0.2.25", "v=spf1 mx ip4:192.0.2.0/24 -all", NULL),
	STAYS_FOR("::ffff:192.0.2.25", "v=spf1 ip4:192.0.2.0/24 -all", NULL),
	STAYS_FOR("2001:db8::25", "v=spf1 include:x.example ip6:2001:DB8:0::/48 ?all", NULL),
	FOR("192.0.2.25", "v=spf1 ?mx ip4:192.0.2.0/24 -all", "v=spf1 " V " ?mx ip4:192.0.2.0/24 -all", NULL),
	FOR("192.0.2.25", "v=spf1 ip6:::ffff:192.0.2.0/120 -all",
	    "v=spf1 ip6:::ffff:192.0.2.0/120 " V " -all", NULL),
	{ { "v=spf1 ip4:192.0.2.0/24 -all" }, { NULL }, { "192.0.2.25", "203.0.113.1" }, false, false,
	  SPF_MERGE_MERGED, "v=spf1 ip4:192.0.2.0/24 " V " -all", NULL },
	{ { "v=spf1 ip4:192.0.2.0/24 -all" }, { NULL }, { "192.0.2.25", "192.0.2.26" }, false, false,
	  SPF_MERGE_UNCHANGED, "v=spf1 ip4:192.0.2.0/24 -all", NULL },
	{ { "v=spf1 ip4:192.0.2.0/24 -all" }, { NULL }, { "192.0.2.25", "2001:db8::1" }, false, false,
	  SPF_MERGE_MERGED, "v=spf1 ip4:192.0.2.0/24 " V " -all", NULL },
	WISH_STAYS("ip4:192.0.2.7", "v=spf1 ip4:192.0.2.0/24 -all"),
	WISH_STAYS("ip4:192.0.2.7", "v=spf1 ip4:0.0.0.0/0 ~all"),
	WISH_STAYS("ip4:192.0.2.7", "v=spf1 ip4:192.0.2.7/32 -all"),
	WISH_STAYS("ip4:192.0.2.0/25", "v=spf1 ip4:192.0.2.99/24 -all"),
	WISH_STAYS("ip6:2001:DB8:0:0::25", "v=spf1 ip6:2001:db8::/32 -all"),
	WISH_STAYS("ip6:2001:db8::25", "v=spf1 IP6:2001:0DB8:0000::0025/128 -all"),
	WISH_STAYS("a:mx1.vendor.example", "v=spf1 a:mx1.vendor.example -all"),
	WISH_STAYS("a:mx1.vendor.example", "v=spf1 a:MX1.vendor.example./24 -all"),
	WISH_STAYS("a:mx1.vendor.example/32", "v=spf1 a:mx1.vendor.example -all"),
	WISH_STAYS("mx//64", "v=spf1 mx/24//48 -all"),
	WISH("ip4:192.0.2.0/24", "v=spf1 ip4:192.0.2.7 -all", "v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 -all", NULL),
	WISH("ip4:192.0.2.128", "v=spf1 ip4:192.0.2.0/25 -all", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128 -all",
	     NULL),
	WISH("ip4:192.0.2.7", "v=spf1 ?ip4:192.0.2.7 -all", "v=spf1 ip4:192.0.2.7 -all", "becomes"),
	WISH("ip4:192.0.2.7", "v=spf1 ?ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.7 ?ip4:192.0.2.0/24 -all", NULL),
	WISH("ip6:2001:db8:1::25", "v=spf1 ip6:2001:db8::/48 -all",
	     "v=spf1 ip6:2001:db8::/48 ip6:2001:db8:1::25 -all", NULL),
	WISH("a:mx1.vendor.example", "v=spf1 mx:mx1.vendor.example -all",
	     "v=spf1 mx:mx1.vendor.example a:mx1.vendor.example -all", NULL),
	WISH("a:mx1.vendor.example/24", "v=spf1 a:mx1.vendor.example -all",
	     "v=spf1 a:mx1.vendor.example a:mx1.vendor.example/24 -all", NULL),
	WISH("mx", "v=spf1 a -all", "v=spf1 a mx -all", NULL),
	{ { "v=spf1 ip4:192.0.2.7 mx -all" }, { "ip4:192.0.2.7", "ip4:192.0.2.8", "ip4:192.0.2.8" }, { NULL },
	  false, false, SPF_MERGE_MERGED, "v=spf1 ip4:192.0.2.7 mx ip4:192.0.2.8 -all", NULL },
	{ { "v=spf1 ?ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all" }, { "ip4:192.0.2.7" }, { "192.0.2.7" }, false,
	  false, SPF_MERGE_MERGED, "v=spf1 ip4:192.0.2.7 ?ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all", NULL },

	/* S2: several records become one */
	UNITE(LIST("v=spf1 mx -all", "v=spf1 a -all"), "v=spf1 mx a " V " -all", "2 SPF records become one"),
	UNITE(LIST("v=spf1 mx -all", "v=spf1 mx -all"), "v=spf1 mx " V " -all", "2 SPF records become one"),
	UNITE(LIST("v=spf1 mx -all", "V=spf1  MX  -ALL"), "v=spf1 mx " V " -all", NULL),
	UNITE(LIST("v=spf1 mx -all", "v=spf1 mx ~all"), "v=spf1 mx " V " ~all", "softer"),
	UNITE(LIST("v=spf1 mx ~all", "v=spf1 mx -all"), "v=spf1 mx " V " ~all", "\"~all\" and \"-all\""),
	UNITE(LIST("v=spf1 mx ?all", "v=spf1 a ~all", "v=spf1 ip4:192.0.2.1 -all"),
	      "v=spf1 mx a ip4:192.0.2.1 " V " ?all", "3 SPF records become one"),
	UNITE(LIST("v=spf1 mx ~all", "txt", "v=spf1 " V " -all"), "v=spf1 mx " V " ~all", "softer"),
	UNITE(LIST("v=spf1 mx", "v=spf1 a -all"), "v=spf1 mx a " V " -all", "one record has no \"all\""),
	UNITE(LIST("v=spf1 a -all", "v=spf1 mx"), "v=spf1 a mx " V " -all", "one record has no \"all\""),
	UNITE(LIST("v=spf1 a", "v=spf1 mx"), "v=spf1 a mx " V, "no \"all\""),
	UNITE(LIST("v=spf1 mx exp=e.example -all", "v=spf1 a exp=f.example -all"),
	      "v=spf1 mx exp=e.example a " V " -all", "only one exp="),
	UNITE(LIST("v=spf1 mx exp=e.example", "v=spf1 a -all"), "v=spf1 mx a " V " -all exp=e.example", NULL),
	UNITE(LIST("v=spf1 mx exp=e.example -all", "v=spf1 a exp=E.example. -all"),
	      "v=spf1 mx exp=e.example a " V " -all", NULL),
	UNITE(LIST("v=spf1 mx redirect=r.example", "v=spf1 a redirect=R.example"),
	      "v=spf1 mx a " V " redirect=r.example", NULL),
	UNITE(LIST("v=spf1 mx", "v=spf1 redirect=r.example"), "v=spf1 mx " V " redirect=r.example", NULL),
	UNITE(LIST("v=spf1 a -all", "v=spf1 mx redirect=r.example -all"), "v=spf1 a mx " V " -all",
	      "\"redirect=r.example\" is left out"),
	UNITE(LIST("v=spf1 mx redirect=r.example -all", "v=spf1 a -all"),
	      "v=spf1 mx redirect=r.example a " V " -all", "never followed"),
	UNITE(LIST("v=spf1 a x=1 -all", "v=spf1 mx x=1 X=2 -all"), "v=spf1 a x=1 mx " V " -all X=2", NULL),
	UNITE(LIST("v=spf1 ?mx -all", "v=spf1 mx -all"), "v=spf1 mx " V " -all", "softer"),
	UNITE(LIST("v=spf1 mx -all", "v=spf1 ?mx -all"), "v=spf1 mx " V " -all", "softer"),
	UNITE(LIST("v=spf1 mx -all a:old.example", "v=spf1 a:old.example -all ptr"),
	      "v=spf1 mx a:old.example " V " -all a:old.example", NULL),
	UNITE(LIST("v=spf1 " V " -all", "v=spf1 " V " -all"), "v=spf1 " V " -all", "become one"),
	UNITE(LIST("v=spf1  mx  -all", "v=spf1 a -all"), "v=spf1  mx a " V "  -all", NULL),
	UNITE_REFUSED(LIST("v=spf1 redirect=r.example", "v=spf1 a -all"), "redirect="),
	UNITE_REFUSED(LIST("v=spf1 a -all", "v=spf1 redirect=r.example"), "only their owner"),
	UNITE_REFUSED(LIST("v=spf1 redirect=r.example", "v=spf1 redirect=s.example"), "only their owner"),
	UNITE_REFUSED(LIST("v=spf1 a -all", "v=spf1 mx -al"), "one of 2 published records is broken"),
	UNITE_REFUSED(LIST("v=spf1 mx -al", "v=spf1 a -all"), "(v=spf1 mx -al)"),
	UNITE_REFUSED(LIST("v=spf1 -all", "v=spf1 -all"), "sends no mail"),

	/* S3: broken records are explained, not merged */
	REFUSED("v=spf1 ip4:192.0.2.300 -all", "column 20"),
	REFUSED("v=spf1 mx -all.", "broken"),
	REFUSED("v=spf1 mx include: other.example -all", "broken"),
	REFUSED("v=spf1 mx \xe2\x80\x93" "all", "a typographic dash"),
	REFUSED("v=spf1 mx\xc2\xa0-all", "no-break space"),
	REFUSED("v=spf1 redirect=a.example redirect=b.example", "a second time"),
	REFUSED("v=spf1 exp=a.example exp=a.example -all", "a second time"),
	REFUSED("v=spf1 mx, a -all", "broken"),
	REFUSED("v=spf1 mx -all;", "broken"),
	REFUSED("v=spf1 ipv4:192.0.2.1 -all", "broken"),
	REFUSED("v=spf1 ip4:192.0.2.0/33 -all", "longer than /32"),
	REFUSED("v=spf1 ip6:2001:db8:::1 -all", "IPv6"),
	REFUSED("v=spf1 mx v=spf1 a -all x:y", "broken"),
	REFUSED("v=spf1 include=%{ -all", "broken"),
	REFUSED("v=spf1 exists:%{z}.example -all", "broken"),
	REFUSED("v=spf1 " V " - all", "broken"),

	/* S21: a domain that says it never sends */
	REFUSED("v=spf1 -all", "sends no mail"),
	REFUSED("v=spf1  -ALL ", "sends no mail"),
	REFUSED("v=spf1 exp=e.example -all", "sends no mail"),
	REFUSED("v=spf1 -all redirect=r.example", "sends no mail"),
	REFUSED("v=spf1 -all ~all", "sends no mail"),
	{ { "v=spf1 -all" }, { NULL }, { NULL }, true, false, SPF_MERGE_MERGED, "v=spf1 " V " -all", NULL },
	{ { "v=spf1 -all exp=e.example" }, { NULL }, { NULL }, true, false, SPF_MERGE_MERGED,
	  "v=spf1 " V " -all exp=e.example", NULL },
	GETS("v=spf1 -all mx", "v=spf1 " V " -all mx", "never read"),

	/* S5, S23: ten lookups and no more */
	GETS(NINE " -all", NINE " " V " -all", NULL),
	GETS(NINE " redirect=r.example exp=e.example ?all", NINE " redirect=r.example exp=e.example " V " ?all", NULL),
	GETS(NINE " -all a:8.example ptr", NINE " " V " -all a:8.example ptr", NULL),
	REFUSED(NINE " a:8.example -all", "11 DNS lookups"),
	REFUSED(NINE " redirect=r.example", "11 DNS lookups"),
	REFUSED(NINE " ?include:x.example ~ptr exists:%{i}.x.example -all", "13 DNS lookups"),
	GETS(NINE " ?" V " -all", NINE " " V " -all", "becomes"),
	STAYS(NINE " a:8.example " V " -all", "needs 11 DNS lookups already"),
	WISH("ip4:192.0.2.1", NINE " a:8.example -all", NINE " a:8.example ip4:192.0.2.1 -all", NULL),
	GETS("v=spf1 ptr -all", "v=spf1 ptr " V " -all", "advises against"),
};
/* clang-format on */

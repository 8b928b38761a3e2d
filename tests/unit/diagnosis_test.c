#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/verify/dmarc_check.h"
#include "diagnosis_world.h"

enum wanted { WANT_KEY, WANT_POINTER, WANT_SPF, WANT_DMARC, WANT_MX };

#define DMARC   "_dmarc.acme.example"
#define SPF     "v=spf1 include:" HOST " ~all"
#define KEY_TXT NAME, DNS_TXT
#define SPF_TXT DOMAIN, DNS_TXT
#define DM_TXT  DMARC, DNS_TXT
#define MERGE   "" /* the corrected value is for the planner to say */
#define LINT    "" /* the linter explains it */
#define OWNER   "" /* for the customer */

/* mistake, what is wanted, what was made, what is named, how it should be, records */
#define CASE(mistake, wanted, what, state, thing, value, ...) \
	{ \
		mistake, wanted, what, state, thing, value, \
		{ \
			__VA_ARGS__ \
		} \
	}
#define WRONG(mistake, wanted, what, ...) CASE(mistake, wanted, what, VERDICT_CONFLICT, __VA_ARGS__)
#define PLACE(mistake, wanted, what, ...) \
	CASE(mistake, wanted, what, VERDICT_MISPLACED, __VA_ARGS__)
#define INNOCENT(state, wanted, what, ...) CASE(NULL, wanted, what, state, NULL, NULL, __VA_ARGS__)

/* What a customer made; which mistake that is (NULL: none), what is named, and how
 * it should be (NULL: as it was wanted). */
static const struct one_case {
	const char *mistake;
	enum wanted wanted;
	const char *what;
	enum verdict_state state;
	const char *thing;
	const char *value;
	struct there there[THERE_MOST];
} cases[] = {
	/* names */
	PLACE("doubled-zone", WANT_KEY, "key, zone twice", NAME "." DOMAIN, NULL,
	      { NAME "." DOMAIN, DNS_TXT, OURS }),
	PLACE("doubled-zone", WANT_POINTER, "CNAME, zone twice", NAME "." DOMAIN, NULL,
	      { NAME "." DOMAIN, DNS_TXT, ">" TARGET }),
	PLACE("doubled-zone", WANT_SPF, "SPF, zone twice", DOMAIN "." DOMAIN, SPF,
	      { DOMAIN "." DOMAIN, DNS_TXT, SPF }),
	PLACE("doubled-zone", WANT_SPF, "SPF, zone twice, and another at home", DOMAIN "." DOMAIN,
	      MERGE, { DOMAIN "." DOMAIN, DNS_TXT, SPF }, { SPF_TXT, "v=spf1 mx -all" }),
	PLACE("doubled-zone", WANT_DMARC, "DMARC, zone twice", DMARC "." DOMAIN,
	      "v=DMARC1; p=reject", { DMARC "." DOMAIN, DNS_TXT, "v=DMARC1; p=reject" }),
	PLACE("doubled-zone", WANT_MX, "MX, zone twice", "bounce.acme.example.acme.example", NULL,
	      { "bounce.acme.example.acme.example", DNS_MX, "mx1.vendor.example" }),
	PLACE("no-domainkey", WANT_KEY, "_domainkey forgotten", "s2.acme.example", NULL,
	      { "s2.acme.example", DNS_TXT, OURS }),
	PLACE("no-selector", WANT_KEY, "selector forgotten", "_domainkey.acme.example", NULL,
	      { "_domainkey.acme.example", DNS_TXT, OURS }),
	PLACE("at-apex", WANT_KEY, "at the apex, among others", DOMAIN, NULL, { SPF_TXT, SPF },
	      { SPF_TXT, OURS }, { SPF_TXT, "site-verification=1" }),
	PLACE("at-apex", WANT_DMARC, "DMARC at the apex", DOMAIN, "v=DMARC1; p=none",
	      { SPF_TXT, SPF }, { SPF_TXT, "v=DMARC1; p=none" }),
	PLACE("no-underscore", WANT_KEY, "no underscore", "s2.domainkey.acme.example", NULL,
	      { "s2.domainkey.acme.example", DNS_TXT, OURS }),
	PLACE("dmarc-without-underscore", WANT_DMARC, "no underscore of _dmarc",
	      "dmarc.acme.example", "v=DMARC1; p=none",
	      { "dmarc.acme.example", DNS_TXT, "v=DMARC1; p=none" }),
	PLACE("labels-swapped", WANT_POINTER, "labels swapped", "_domainkey.s2.acme.example", NULL,
	      { "_domainkey.s2.acme.example", DNS_TXT, ">" TARGET }),
	PLACE("doubled-domainkey", WANT_KEY, "_domainkey twice",
	      "s2._domainkey._domainkey.acme.example", NULL,
	      { "s2._domainkey._domainkey.acme.example", DNS_TXT, OURS }),
	PLACE("old-selector", WANT_KEY, "under the older selector", "s1._domainkey.acme.example",
	      NULL, { "s1._domainkey.acme.example", DNS_TXT, OURS }),
	PLACE("at-www", WANT_SPF, "SPF at www", "www.acme.example", SPF,
	      { "www.acme.example", DNS_TXT, SPF }),
	PLACE("spf-in-name", WANT_SPF, "SPF at _spf", "_spf.acme.example", SPF,
	      { "_spf.acme.example", DNS_TXT, SPF }),
	PLACE("spf-in-name", WANT_SPF, "SPF at spf", "spf.acme.example", SPF,
	      { "spf.acme.example", DNS_TXT, SPF }),

	/* pointers */
	WRONG("cname-and-txt", WANT_POINTER, "CNAME beside the old TXT", TARGET, NULL,
	      { KEY_TXT, OLD }, { NAME, DNS_CNAME, TARGET }),
	CASE("cname-and-txt", WANT_POINTER, "the same, and the TXT is right", VERDICT_MATCH, TARGET,
	     NULL, { KEY_TXT, OURS }, { NAME, DNS_CNAME, TARGET }),
	CASE("flattened", WANT_POINTER, "flattened", VERDICT_MATCH, NAME, NULL, { KEY_TXT, OURS }),
	WRONG("proxied", WANT_POINTER, "proxied", "198.51.100.7", NULL,
	      { NAME, DNS_A, "198.51.100.7" }),
	WRONG("proxied", WANT_POINTER, "proxied, IPv6 only", "2001:db8::7", NULL,
	      { NAME, DNS_AAAA, "2001:db8::7" }),
	WRONG("target-with-zone", WANT_POINTER, "zone behind the target", TARGET ".acme.example",
	      NULL, { KEY_TXT, ">" TARGET ".acme.example" }),
	WRONG("target-with-zone", WANT_MX, "zone behind the mail host",
	      "mx1.vendor.example.acme.example", NULL,
	      { "bounce.acme.example", DNS_MX, "mx1.vendor.example.acme.example" }),
	WRONG("target-cut", WANT_POINTER, "target without its end",
	      "s2.acme.example._domainkey.acme.example", NULL,
	      { KEY_TXT, ">s2.acme.example._domainkey.acme.example" }),
	WRONG("old-target", WANT_POINTER, "target of the older key",
	      "s1.acme.example._domainkey.vendor.example", NULL,
	      { KEY_TXT, ">s1.acme.example._domainkey.vendor.example" }),
	WRONG("old-target", WANT_POINTER, "target in an older hosting domain",
	      "s2.acme.example._domainkey.old.acme.example", NULL,
	      { KEY_TXT, ">s2.acme.example._domainkey.old.acme.example" }),
	WRONG("old-target", WANT_KEY, "the older CNAME, and a TXT is wanted now",
	      "s1.acme.example._domainkey.vendor.example", NULL,
	      { KEY_TXT, ">s1.acme.example._domainkey.vendor.example" }),
	WRONG("target-as-text", WANT_POINTER, "target as a TXT", "s2.acme.example", NULL,
	      { KEY_TXT, TARGET "." }),
	WRONG("cname-instead", WANT_KEY, "somebody's CNAME instead of a TXT", "x.vendor.example",
	      NULL, { KEY_TXT, ">x.vendor.example" }),
	WRONG("other-target", WANT_POINTER, "somebody's target", "x.vendor.example", NULL,
	      { KEY_TXT, ">x.vendor.example" }),

	/* characters */
	WRONG("quotes", WANT_KEY, "quotes", "\"v=DKIM1", NULL, { KEY_TXT, "\"" OURS "\"" }),
	WRONG("quotes", WANT_KEY, "quotes of two strings", "\"v=DKIM1", NULL,
	      { KEY_TXT, "\"" HEAD KEY_A "\" \"" KEY_B "\"" }),
	WRONG("quotes", WANT_KEY, "escaped quotes", "\\\"v=DKIM1", NULL,
	      { KEY_TXT, "\\\"" OURS "\\\"" }),
	WRONG("quotes", WANT_KEY, "German quotes", "\xE2\x80\x9Ev=DKIM1", NULL,
	      { KEY_TXT, "\xE2\x80\x9E" OURS "\xE2\x80\x9C" }),
	WRONG("quotes", WANT_SPF, "quotes around SPF", "\"v=spf1",
	      "v=spf1 mx include:" HOST " -all",
	      { SPF_TXT, "\"v=spf1 mx inc\" \"lude:" HOST " -all\"" }),
	WRONG("quotes", WANT_DMARC, "quotes around DMARC", "\"v=DMARC1", "v=DMARC1; p=reject",
	      { DM_TXT, "\"v=DMARC1; p=reject\"" }),
	WRONG("backslash", WANT_KEY, "backslashes", "v=DKIM1\\; k=rsa", NULL,
	      { KEY_TXT, "v=DKIM1\\; k=rsa\\; p=" KEY }),
	WRONG("backslash", WANT_SPF, "backslashes in SPF", "\\~all", SPF,
	      { SPF_TXT, "v=spf1 include:" HOST " \\~all" }),
	WRONG("line-break", WANT_KEY, "a line break as it is typed", "\\n", NULL,
	      { KEY_TXT, HEAD KEY_A "\\n" KEY_B }),
	WRONG("line-break", WANT_SPF, "a line break in SPF", "v=spf1??include", SPF,
	      { SPF_TXT, "v=spf1\r\ninclude:" HOST "\n~all" }),
	WRONG("entities", WANT_KEY, "HTML", "&semi;", NULL,
	      { KEY_TXT, "v=DKIM1&semi; k=rsa&#59; p=" KEY "<br/>" }),
	WRONG("look-alikes", WANT_SPF, "a dash of a word processor",
	      "\xE2\x80\x93"
	      "all",
	      "v=spf1 include:" HOST " -all",
	      { SPF_TXT, "v=spf1 include:" HOST " \xE2\x80\x93"
	                 "all" }),
	WRONG("look-alikes", WANT_KEY, "a blank without width", "k=rsa; p=", NULL,
	      { KEY_TXT, HEAD "\xE2\x80\x8B" KEY }),

	/* forms */
	WRONG("zone-file-line", WANT_KEY, "a line of a zone file", "s2._domainkey IN TXT", NULL,
	      { KEY_TXT, "s2._domainkey IN TXT ( \"" HEAD "\" \"" KEY "\" ) ; DKIM key" }),
	WRONG("pasted-twice", WANT_KEY, "twice", "v=DKIM1", NULL, { KEY_TXT, OURS " " OURS }),
	WRONG("leading-text", WANT_KEY, "the name before the value", "s2._domainkey", NULL,
	      { KEY_TXT, NAME " TXT " OURS }),
	WRONG("leading-text", WANT_KEY, "the panel's own beginning", "v=DKIM1; p=v=DKIM1", NULL,
	      { KEY_TXT, "v=DKIM1; p=" OURS }),
	WRONG("leading-text", WANT_SPF, "a blank before SPF", " v=spf1", SPF, { SPF_TXT, " " SPF }),
	WRONG("leading-text", WANT_DMARC, "the type before DMARC", "TXT v=DMARC1",
	      "v=DMARC1; p=none", { DM_TXT, "TXT v=DMARC1; p=none" }),
	WRONG("trailing-text", WANT_KEY, "words behind the key", "please", NULL,
	      { KEY_TXT, OURS " please publish" }),
	WRONG("trailing-text", WANT_KEY, "words behind the semicolon", "; TTL 3600", NULL,
	      { KEY_TXT, OURS "; TTL 3600" }),
	WRONG("trailing-text", WANT_KEY, "behind the key what is no tag", "x-other", NULL,
	      { KEY_TXT, OURS "; t=y; x-other=1" }),
	WRONG("trailing-text", WANT_SPF, "a full stop behind SPF", "~all.", SPF,
	      { SPF_TXT, SPF "." }),
	WRONG("trailing-text", WANT_DMARC, "words behind DMARC", "for now", "v=DMARC1; p=none",
	      { DM_TXT, "v=DMARC1; p=none for now" }),
	WRONG("tag-twice", WANT_KEY, "p= twice at once", "p=p=", NULL,
	      { KEY_TXT, "v=DKIM1; k=rsa; p=p=" KEY }),
	WRONG("tag-twice", WANT_KEY, "p= twice", "p=MII", NULL, { KEY_TXT, OURS "; p=" KEY }),
	WRONG("letter-case", WANT_KEY, "capitals", "V=dkim1", NULL,
	      { KEY_TXT, "V=dkim1; K=RSA; P=" KEY }),
	WRONG("letter-case", WANT_DMARC, "small letters of DMARC", "v=dmarc1", "v=DMARC1; p=none",
	      { DM_TXT, "v=dmarc1; p=none" }),
	WRONG("separators", WANT_KEY, "no semicolons", "v=DKIM1 k=rsa", NULL,
	      { KEY_TXT, "v=DKIM1 k=rsa p=" KEY }),
	WRONG("separators", WANT_DMARC, "commas", "v=DMARC1, p=none",
	      "v=DMARC1; p=none; rua=mailto:a@acme.example",
	      { DM_TXT, "v=DMARC1, p=none, rua=mailto:a@acme.example" }),
	WRONG("wrong-version", WANT_KEY, "another version", "v=DKIM2", NULL,
	      { KEY_TXT, "v=DKIM2; k=rsa; p=" KEY }),
	WRONG("wrong-version", WANT_SPF, "SPF without its number", "v=spf include", SPF,
	      { SPF_TXT, "v=spf include:" HOST " ~all" }),
	WRONG("wrong-version", WANT_SPF, "SPF without a blank", "v=spf1include", SPF,
	      { SPF_TXT, "v=spf1include:" HOST " ~all" }),
	WRONG("version-not-first", WANT_KEY, "the version last", "k=rsa", NULL,
	      { KEY_TXT, "k=rsa; p=" KEY "; v=DKIM1" }),

	/* keys */
	WRONG("cut-at-255", WANT_KEY, "255 characters", "237 of 392", NULL,
	      { KEY_TXT, HEAD KEY_A }),
	WRONG("cut", WANT_KEY, "the first string", "32 of 392", NULL,
	      { KEY_TXT, "v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" }),
	WRONG("cut", WANT_KEY, "the second string", "155 of 392", NULL, { KEY_TXT, KEY_B }),
	WRONG("swapped-strings", WANT_KEY, "strings in the wrong order", "HaadNnE6", NULL,
	      { KEY_TXT, KEY_B HEAD KEY_A }),
	WRONG("split-in-records", WANT_KEY, "strings as records", "HaadNnE6", NULL,
	      { KEY_TXT, HEAD KEY_A }, { KEY_TXT, KEY_B }),
	WRONG("key-in-small-letters", WANT_KEY, "all in small letters", "v=dkim1", NULL,
	      { KEY_TXT, "v=dkim1; k=rsa; p=" SMALL }),
	WRONG("only-the-key", WANT_KEY, "only the key", "MIIBIjAN", NULL, { KEY_TXT, KEY }),
	WRONG("no-p-tag", WANT_KEY, "no p=", "k=rsa;MII", NULL,
	      { KEY_TXT, "v=DKIM1; k=rsa; " KEY }),
	WRONG("wrong-tags", WANT_KEY, "not for mail", "v=DKIM1", NULL,
	      { KEY_TXT, OURS "; s=tlsrpt" }),
	WRONG("wrong-tags", WANT_KEY, "another algorithm", "k=ed25519", NULL,
	      { KEY_TXT, "v=DKIM1; k=ed25519; p=" KEY }),
	WRONG("old-generation", WANT_KEY, "the older key", "s1", NULL, { KEY_TXT, OLD }),
	WRONG("old-generation", WANT_POINTER, "the older key instead of the CNAME", "s1", NULL,
	      { KEY_TXT, OLD }),
	WRONG("foreign-key", WANT_KEY, "somebody else's key", "ed25519", NULL, { KEY_TXT, OTHER }),
	WRONG("several-records", WANT_KEY, "ours and another", "k=ed25519", NULL, { KEY_TXT, OURS },
	      { KEY_TXT, OTHER }),
	WRONG("several-spf-records", WANT_SPF, "two SPF records", "\"v=spf1 mx -all\"", MERGE,
	      { SPF_TXT, SPF }, { SPF_TXT, "v=spf1 mx -all" }),
	WRONG("several-spf-records", WANT_SPF, "the other order: both are named",
	      "\"v=spf1 a -all\", \"v=spf1 include:", MERGE, { SPF_TXT, "v=spf1 a -all" },
	      { SPF_TXT, SPF }),
	WRONG("several-policies", WANT_DMARC, "two DMARC records",
	      "\"v=DMARC1; p=none\", \"v=DMARC1; p=reject\"", OWNER, { DM_TXT, "v=DMARC1; p=none" },
	      { DM_TXT, "v=DMARC1; p=reject" }),
	WRONG("several-policies", WANT_DMARC, "two that say the same", "v=DMARC1;p=reject;",
	      "v=DMARC1; p=reject", { DM_TXT, "v=DMARC1; p=reject" },
	      { DM_TXT, "v=DMARC1;p=reject;" }),
	CASE("wildcard", WANT_KEY, "a wildcard TXT", VERDICT_MISSING, PROBE_KEY, NULL,
	     { KEY_TXT, "v=spf1 -all" }, { PROBE_KEY, DNS_TXT, "v=spf1 -all" }),
	CASE("wildcard", WANT_POINTER, "a wildcard CNAME", VERDICT_MISSING, PROBE_KEY, NULL,
	     { KEY_TXT, ">x.vendor.example" }, { PROBE_KEY, DNS_TXT, ">x.vendor.example" }),
	PLACE("no-domainkey", WANT_KEY, "a wildcard, and ours elsewhere", "s2.acme.example", NULL,
	      { KEY_TXT, "v=spf1 -all" }, { PROBE_KEY, DNS_TXT, "v=spf1 -all" },
	      { "s2.acme.example", DNS_TXT, OURS }),

	/* statements */
	WRONG("after-all", WANT_SPF, "behind all", "include:" HOST, MERGE,
	      { SPF_TXT, "v=spf1 mx -all include:" HOST }),
	WRONG("disapproved", WANT_SPF, "disapproved", "?include:" HOST, MERGE,
	      { SPF_TXT, "v=spf1 ?include:" HOST " -all" }),
	WRONG("mistyped-include", WANT_SPF, "= instead of :", "include=" HOST, MERGE,
	      { SPF_TXT, "v=spf1 include=" HOST " -all" }),
	WRONG("mistyped-include", WANT_SPF, "a blank behind :", HOST,
	      "v=spf1 include:" HOST " -all", { SPF_TXT, "v=spf1 include: " HOST " -all" }),
	WRONG("mistyped-include", WANT_SPF, "misspelt", "inlcude:" HOST,
	      "v=spf1 a include:" HOST " -all", { SPF_TXT, "v=spf1 a inlcude:" HOST " -all" }),
	WRONG("mistyped-include", WANT_SPF, "and another that nobody can guess", "inlcude:" HOST,
	      LINT, { SPF_TXT, "v=spf1 ip4:1.2.3.400 inlcude:" HOST " -all" }),
	WRONG("broken-spf", WANT_SPF, "ours is right, another is misspelt", "inlcude:other",
	      "v=spf1 include:other.example include:" HOST " -all",
	      { SPF_TXT, "v=spf1 inlcude:other.example include:" HOST " -all" }),
	WRONG("broken-spf", WANT_SPF, "broken, without us", "ip:192.0.2.1",
	      "v=spf1 ip4:192.0.2.1 -all", { SPF_TXT, "v=spf1 ip:192.0.2.1 -all" }),
	WRONG("wrapped-spf", WANT_SPF, "in quotes, without us", "\"v=spf1 a mx", "v=spf1 a mx -all",
	      { SPF_TXT, "\"v=spf1 a mx -all\"" }),
	WRONG("wrapped-spf", WANT_SPF, "behind a blank, and misspelt",
	      " v=spf1 ip:", "v=spf1 ip4:192.0.2.1 -all", { SPF_TXT, " v=spf1 ip:192.0.2.1 -all" }),
	WRONG("mistyped-include", WANT_SPF, "zone behind the include", "include:" HOST ".acme",
	      MERGE, { SPF_TXT, "v=spf1 include:" HOST ".acme.example -all" }),
	WRONG("policy-misspelt", WANT_DMARC, "no such policy", "p=quarantaine",
	      "v=DMARC1; p=quarantine; sp=none", { DM_TXT, "v=DMARC1; p=quarantaine; sp=none" }),
	WRONG("policy-misspelt", WANT_DMARC, "no policy at all like it", "p=monitoring",
	      "v=DMARC1; p=none", { DM_TXT, "v=DMARC1; p=monitoring" }),
	CASE("rua-without-mailto", WANT_DMARC, "no scheme", VERDICT_MATCH, "rua=dmarc@acme.example",
	     "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example",
	     { DM_TXT, "v=DMARC1; p=reject; rua=dmarc@acme.example" }),
	CASE("rua-without-mailto", WANT_DMARC, "the second has none", VERDICT_MATCH, "rua=mailto:a",
	     "v=DMARC1; p=none; rua=mailto:a@acme.example,mailto:b@acme.example; aspf=s",
	     { DM_TXT, "v=DMARC1; p=none; rua=mailto:a@acme.example, b@acme.example; aspf=s" }),
	CASE("policy-misspelt", WANT_DMARC, "taken as none, for there are reports", VERDICT_MATCH,
	     "p=rejct", "v=DMARC1; p=reject; rua=mailto:a@acme.example",
	     { DM_TXT, "v=DMARC1; p=rejct; rua=mailto:a@acme.example" }),
};

/* The same kinds of worlds, without the mistake: nobody is accused. */
static const struct one_case innocents[] = {
	INNOCENT(VERDICT_MATCH, WANT_KEY, "the key", { KEY_TXT, OURS }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "folded", { KEY_TXT, HEAD KEY_A " " KEY_B }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "folded over lines",
	         { KEY_TXT, HEAD KEY_A "\r\n\t" KEY_B }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "a semicolon at the end", { KEY_TXT, OURS ";" }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "blanks at the end", { KEY_TXT, OURS " ; " }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "p= before k=", { KEY_TXT, "v=DKIM1;p=" KEY ";k=rsa" }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "without v= and k=", { KEY_TXT, "p=" KEY }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "tags nobody knows",
	         { KEY_TXT, OURS "; n=hello there; zz=1" }),
	INNOCENT(VERDICT_MISSING, WANT_KEY, "nothing anywhere", { 0 }),
	INNOCENT(VERDICT_MISSING, WANT_KEY, "other texts at the apex", { SPF_TXT, SPF },
	         { SPF_TXT, "site-verification=1" }),
	INNOCENT(VERDICT_MISSING, WANT_KEY, "somebody else's key without _domainkey",
	         { "s2.acme.example", DNS_TXT, OTHER }),
	INNOCENT(VERDICT_MISSING, WANT_KEY, "the older key at its own name",
	         { "s1._domainkey.acme.example", DNS_TXT, OLD }),
	INNOCENT(VERDICT_CONFLICT, WANT_KEY, "a text that is nothing", { KEY_TXT, "hello" }),
	INNOCENT(VERDICT_CONFLICT, WANT_KEY, "an empty text", { KEY_TXT, "" }),
	INNOCENT(VERDICT_CONFLICT, WANT_KEY, "withdrawn", { KEY_TXT, "v=DKIM1; p=" }),
	INNOCENT(VERDICT_CONFLICT, WANT_KEY, "two texts, none of ours", { KEY_TXT, "a" },
	         { KEY_TXT, "b" }),
	INNOCENT(VERDICT_MATCH, WANT_KEY, "the TXT in spite of a CNAME", { KEY_TXT, ">" TARGET }),
	INNOCENT(VERDICT_MATCH, WANT_POINTER, "the CNAME", { KEY_TXT, ">" TARGET }),
	INNOCENT(VERDICT_MISSING, WANT_POINTER, "addresses of a wildcard",
	         { NAME, DNS_A, "198.51.100.7" }, { PROBE_KEY, DNS_A, "198.51.100.7" }),
	INNOCENT(VERDICT_MISSING, WANT_POINTER, "no CNAME", { 0 }),
	INNOCENT(VERDICT_MISSING, WANT_SPF, "SPF of others", { SPF_TXT, "v=spf1 mx -all" }),
	INNOCENT(VERDICT_CONFLICT, WANT_SPF, "SPF that names us, and something else is wrong",
	         { SPF_TXT, "v=spf1 -ip4:192.0.2.25 include:" HOST " -all" }),
	INNOCENT(VERDICT_CONFLICT, WANT_SPF, "SPF that names us, with an explanation",
	         { SPF_TXT, "v=spf1 -ip4:192.0.2.25 include:" HOST " -all exp=why.acme.example" }),
	INNOCENT(VERDICT_CONFLICT, WANT_SPF, "SPF that names us, with a modifier nobody knows",
	         { SPF_TXT, "v=spf1 -ip4:192.0.2.25 include:" HOST " note=it's -all" }),
	INNOCENT(VERDICT_MISSING, WANT_SPF, "SPF with quotes in another text",
	         { SPF_TXT, "v=spf1 mx -all" }, { SPF_TXT, "\"note\"" }),
	INNOCENT(VERDICT_MISSING, WANT_SPF, "SPF at www for www",
	         { "www.acme.example", DNS_TXT, "v=spf1 -all" }),
	INNOCENT(VERDICT_CONFLICT, WANT_SPF, "SPF of a part, included",
	         { SPF_TXT, "v=spf1 -include:_spf.acme.example -all" },
	         { "_spf.acme.example", DNS_TXT, SPF }),
	INNOCENT(VERDICT_CONFLICT, WANT_SPF, "SPF broken elsewhere",
	         { SPF_TXT, "v=spf1 ip4:1.2.3 include:" HOST " -all" }),
	INNOCENT(VERDICT_MISSING, WANT_SPF, "no SPF", { 0 }),
	INNOCENT(VERDICT_MATCH, WANT_DMARC, "DMARC", { DM_TXT, "v=DMARC1; p=none" }),
	INNOCENT(VERDICT_MATCH, WANT_DMARC, "DMARC with blanks and old tags",
	         { DM_TXT, "v=DMARC1 ; p=Reject ; pct=50 ;" }),
	INNOCENT(VERDICT_MATCH, WANT_DMARC, "DMARC beside other texts",
	         { DM_TXT, "v=DMARC1; p=none" }, { DM_TXT, "site-verification=1" }),
	INNOCENT(VERDICT_MATCH, WANT_DMARC, "DMARC with two addresses and a size",
	         { DM_TXT,
	           "v=DMARC1; p=none; rua=mailto:a@acme.example!10m , mailto:b@x.example" }),
	INNOCENT(VERDICT_MISSING, WANT_DMARC, "no DMARC", { 0 }),
	INNOCENT(VERDICT_CONFLICT, WANT_MX, "bounces go elsewhere",
	         { "bounce.acme.example", DNS_MX, "mail.acme.example" }),
};

struct story {
	struct facts facts;
	struct facts_domain domain;
	struct facts_key keys[2];
	struct requirement requirements[2];
	struct domain_check check;
	struct verdict verdict;
};

static const struct requirement wanted[] = {
	[WANT_KEY] = { .purpose = PURPOSE_DKIM, .name = NAME, .type = "TXT", .value = OURS },
	[WANT_POINTER] = { .purpose = PURPOSE_DKIM,
	                   .name = NAME,
	                   .type = "CNAME",
	                   .value = TARGET },
	[WANT_SPF] = { .purpose = PURPOSE_SPF,
	               .name = DOMAIN,
	               .type = "TXT",
	               .value = SPF,
	               .addition = "include:" HOST },
	[WANT_DMARC] = { .purpose = PURPOSE_DMARC,
	                 .name = DMARC,
	                 .type = "TXT",
	                 .value = "v=DMARC1; p=none" },
	[WANT_MX] = { .purpose = PURPOSE_MAILFROM,
	              .name = "bounce.acme.example",
	              .type = "MX",
	              .value = "10 mx1.vendor.example" },
};

static void set_key(struct arena *arena, struct facts_key *key, const char *selector,
                    const char *algorithm, const char *text)
{
	const uint8_t *octets = NULL;
	const char *value = strstr(text, "p=") + 2;

	key->selector = selector;
	key->algorithm = algorithm;
	assert_true(base64_parse(arena, value, strlen(value), &octets, &key->public_key_size));
	key->public_key = octets;
}

static void begin(struct story *story, struct inquiry *inquiry, enum wanted what)
{
	*story = (struct story){ .domain = { .name = DOMAIN, .key_count = 2 },
		                 .facts = { .spf_host = HOST,
		                            .hosting_domain = "vendor.example" } };
	set_key(inquiry_arena(inquiry), &story->keys[0], "s1", "ed25519-sha256", OLD);
	set_key(inquiry_arena(inquiry), &story->keys[1], "s2", "rsa-sha256", OURS);
	story->domain.keys = story->keys;
	story->requirements[0] = wanted[what];
	story->requirements[1] = wanted[WANT_KEY];
	story->requirements[1].name = TARGET;
	for (size_t i = 0; i < 2; i++) {
		story->requirements[i].domain = DOMAIN;
		if (story->requirements[i].purpose == PURPOSE_DKIM)
			story->requirements[i].selector = "s2";
	}
	story->check = (struct domain_check){ .facts = &story->facts,
		                              .domain = &story->domain,
		                              .requirements = story->requirements,
		                              .requirement_count = 2 };
	story->verdict = (struct verdict){ .requirement = &story->requirements[0],
		                           .expected = "",
		                           .found = "",
		                           .explanation = "" };
}

/* SPF is judged by evaluation and MX by the whole domain: their state is given. */
static void check(struct story *story, struct inquiry *inquiry, enum verdict_state given,
                  const char *what)
{
	static const char *const parents[] = { "bounce.acme.example", "old.acme.example" };
	struct verdict *verdict = &story->verdict;
	bool complete = true;

	for (size_t i = 0; i < LENGTH(parents); i++)
		told(inquiry, "", parents[i], DNS_SOA, DNS_NO_DATA, NULL);
	told(inquiry, "", NAME, DNS_TXT, DNS_NO_NAME, NULL);
	told(inquiry, "", "_dmarc.example", DNS_TXT, DNS_NO_NAME, NULL);
	verdict->state = given;
	if (verdict->requirement->purpose == PURPOSE_DKIM)
		complete = dkim_check(inquiry,
		                      domain_check_record(&story->check, verdict->requirement),
		                      verdict);
	if (verdict->requirement->purpose == PURPOSE_DMARC)
		complete = dmarc_check(inquiry, verdict);
	/* what a resolver still remembers is another story */
	if (verdict->state == VERDICT_PROPAGATING)
		verdict->state = VERDICT_MATCH;
	if (!complete || !diagnosis_find(inquiry, &story->check, verdict))
		fail_msg("%s: asks for more", what);
}

static void compare(size_t i, const struct verdict *verdict)
{
	const struct diagnosis *found = verdict->diagnosis;
	const char *value = cases[i].value ? cases[i].value : verdict->requirement->value;

	if (!found)
		fail_msg("%s: nothing is found; %s", cases[i].what, verdict->explanation);
	if (strcmp(found->mistake, cases[i].mistake) != 0)
		fail_msg("%s: %s; %s", cases[i].what, found->mistake, found->sentence);
	if (verdict->state != cases[i].state)
		fail_msg("%s: is %s", cases[i].what, verdict_word(verdict->state));
	if (!strstr(found->sentence, cases[i].thing))
		fail_msg("%s: does not name %s: %s", cases[i].what, cases[i].thing,
		         found->sentence);
	if (strcmp(found->value ? found->value : MERGE, value) != 0)
		fail_msg("%s: should be %s", cases[i].what, found->value);
	assert_string_equal(verdict->explanation, found->sentence);
	assert_string_equal(found->name, verdict->requirement->name);
	assert_string_equal(found->type, verdict->requirement->type);
	if (verdict->state == VERDICT_MISPLACED) {
		assert_string_equal(found->found_at, cases[i].thing);
		assert_string_equal(verdict->found, cases[i].thing);
	} else {
		assert_string_equal(found->found_at, found->name);
	}
}

static void each_mistake_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, cases[i].wanted);
		told_zone(inquiry);
		tell_nothing(inquiry);
		tell_vendor(inquiry);
		tell_there(inquiry, cases[i].there);
		check(&story, inquiry, VERDICT_CONFLICT, cases[i].what);
		compare(i, &story.verdict);
		inquiry_close(inquiry);
	}
}

static void nobody_is_accused_without_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(innocents); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, innocents[i].wanted);
		told_zone(inquiry);
		tell_nothing(inquiry);
		tell_vendor(inquiry);
		tell_there(inquiry, innocents[i].there);
		check(&story, inquiry, innocents[i].state, innocents[i].what);
		if (story.verdict.diagnosis)
			fail_msg("%s: %s; %s", innocents[i].what, story.verdict.diagnosis->mistake,
			         story.verdict.diagnosis->sentence);
		if (story.verdict.state != innocents[i].state)
			fail_msg("%s: is %s", innocents[i].what, verdict_word(story.verdict.state));
		inquiry_close(inquiry);
	}
}

/* Nothing is asked about a record that is right and that no row is about then:
 * of this world, nobody knows anything. */
static void what_is_right_is_not_looked_into(void **state)
{
	static const enum wanted right[] = { WANT_KEY, WANT_SPF };

	(void)state;
	for (size_t i = 0; i < LENGTH(right); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, right[i]);
		story.verdict.state = VERDICT_MATCH;
		assert_true(diagnosis_find(inquiry, &story.check, &story.verdict));
		assert_null(story.verdict.diagnosis);
		story.verdict.state = VERDICT_CONFLICT;
		assert_false(diagnosis_find(inquiry, &story.check, &story.verdict));
		inquiry_close(inquiry);
	}
}

/* mail.acme.example in the zone acme.example: the panel appends the zone. */
static void a_name_below_the_apex(void **state)
{
	static const struct {
		const char *place;
		const char *mistake;
	} places[] = {
		{ "s2._domainkey.mail.acme.example.acme.example", "doubled-zone" },
		{ "s2._domainkey.mail.acme.example.mail.acme.example", "doubled-zone" },
		{ "s2._domainkey.acme.example", "no-subdomain" },
		{ "mail.acme.example", "at-apex" },
	};
	static const char *const names[] = {
		"s2.mail.acme.example",
		"_domainkey.mail.acme.example",
		"s2.domainkey.mail.acme.example",
		"_domainkey.s2.mail.acme.example",
		"s2._domainkey._domainkey.mail.acme.example",
		"s1._domainkey.mail.acme.example",
		"s2._domainkey.mail.acme.example",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(places); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, WANT_KEY);
		story.domain.name = "mail.acme.example";
		story.requirements[0].domain = "mail.acme.example";
		story.requirements[0].name = "s2._domainkey.mail.acme.example";
		told_zone(inquiry);
		told(inquiry, "", "mail.acme.example", DNS_SOA, DNS_NO_DATA, NULL);
		for (int server = 2; server <= 3; server++) {
			const char *address = server == 2 ? "192.0.2.2" : "192.0.2.3";

			for (size_t n = 0; n < LENGTH(names); n++)
				told(inquiry, address, names[n], DNS_TXT, DNS_NO_NAME, NULL);
			for (size_t n = 0; n < LENGTH(places); n++)
				told(inquiry, address, places[n].place, DNS_TXT,
				     n == i ? DNS_FOUND : DNS_NO_NAME, n == i ? OURS : NULL, NULL);
		}
		check(&story, inquiry, VERDICT_MISSING, places[i].place);
		assert_non_null(story.verdict.diagnosis);
		assert_string_equal(story.verdict.diagnosis->mistake, places[i].mistake);
		assert_string_equal(story.verdict.diagnosis->found_at, places[i].place);
		assert_string_equal(story.verdict.diagnosis->name, story.requirements[0].name);
		inquiry_close(inquiry);
	}
}

/* What is unknown accuses nobody; a silent server is not asked any more. */
static void silence_is_no_mistake(void **state)
{
	(void)state;
	for (int silent = 1; silent <= 2; silent++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct story story;

		begin(&story, inquiry, WANT_KEY);
		told_zone(inquiry);
		told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
		told(inquiry, "192.0.2.3", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
		if (silent == 1) {
			tell_nothing(inquiry);
			told(inquiry, "192.0.2.2", NAME, DNS_TXT, DNS_TIMEOUT, NULL);
			told(inquiry, "192.0.2.2", NAME "." DOMAIN, DNS_TXT, DNS_TIMEOUT, NULL);
			told(inquiry, "192.0.2.3", NAME "." DOMAIN, DNS_TXT, DNS_FOUND, OURS, NULL);
		}
		check(&story, inquiry, VERDICT_MISSING, "silence");
		if (silent == 1) {
			assert_non_null(story.verdict.diagnosis);
			assert_string_equal(story.verdict.diagnosis->mistake, "doubled-zone");
		} else {
			assert_null(story.verdict.diagnosis);
			assert_int_equal(story.verdict.state, VERDICT_UNKNOWN);
		}
		inquiry_close(inquiry);
	}
}

/* The value with one octet of any kind at any place, and noise. */
static const char *hostile(struct arena *arena, const char *text, unsigned *seed)
{
	size_t length = strlen(text);
	char *out = arena_take(arena, 2 * length + 64);
	size_t used = 0;

	*seed = *seed * 1103515245u + 12345u;
	for (size_t i = 0; i < length; i++) {
		unsigned dice = *seed = *seed * 1103515245u + 12345u;

		if ((dice >> 16) % 40 == 0)
			out[used++] = (char)(1 + (dice >> 8) % 255);
		if ((dice >> 16) % 97 != 0)
			out[used++] = text[i];
	}
	out[used] = '\0';
	if (out[0] == '>')
		out[0] = '<'; /* told() takes the first for a CNAME */
	return out;
}

static void strangers_octets_do_no_harm(void **state)
{
	static const char *const texts[] = { OURS, SPF,
		                             "v=DMARC1; p=none; rua=mailto:a@acme.example",
		                             "\"v=spf1\" \"include:" HOST "\"", OURS OURS OURS };
	static const char *const names[] = { NAME, DOMAIN, DMARC };
	unsigned seed = 1;

	(void)state;
	for (size_t round = 0; round < 600; round++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		enum wanted what = round % 3 == 0   ? WANT_KEY
		                   : round % 3 == 1 ? WANT_SPF
		                                    : WANT_DMARC;
		struct there there[THERE_MOST] = { 0 };
		struct story story;

		begin(&story, inquiry, what);
		told_zone(inquiry);
		tell_nothing(inquiry);
		there[0] = (struct there){ names[round % 3], DNS_TXT,
			                   hostile(inquiry_arena(inquiry),
			                           texts[round % LENGTH(texts)], &seed) };
		tell_there(inquiry, there);
		check(&story, inquiry, VERDICT_CONFLICT, there[0].text);
		if (story.verdict.diagnosis) {
			const char *sentence = story.verdict.diagnosis->sentence;
			const char *value = story.verdict.diagnosis->value;

			assert_string_equal(sentence,
			                    verdict_plain(inquiry_arena(inquiry), sentence));
			if (value)
				assert_string_equal(value,
				                    verdict_plain(inquiry_arena(inquiry), value));
		}
		inquiry_close(inquiry);
	}
}

static void every_row_has_a_case_and_a_word_of_its_own(void **state)
{
	const char *sentence = NULL;
	const char *word = NULL;

	(void)state;
	for (size_t row = 0; (word = diagnosis_mistake(row, &sentence)); row++) {
		const char *other = NULL;
		size_t tried = strcmp(word, "no-subdomain") == 0; /* below the apex only */

		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		                 strlen(word));
		for (size_t i = 0; i < LENGTH(cases); i++)
			tried += strcmp(cases[i].mistake, word) == 0;
		if (tried == 0)
			fail_msg("%s: no case", word);
		for (size_t i = 0; i < row; i++)
			if ((other = diagnosis_mistake(i, &sentence)) && strcmp(other, word) == 0)
				fail_msg("%s: two rows", word);
	}
	assert_true(diagnosis_mistake(0, &sentence) != NULL);
}

/* doc/users-guide.md has a line "| `word` | sentence |" for each row. */
static void the_guide_lists_every_row(void **state)
{
	struct arena arena = { 0 };
	struct text guide = { 0 };
	const char *sentence = NULL;
	const char *word = NULL;
	char path[4096];
	char line[512];
	FILE *file = NULL;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/doc/users-guide.md", getenv("top_srcdir"));
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		text_add(&guide, line);
	(void)fclose(file);
	for (size_t row = 0; (word = diagnosis_mistake(row, &sentence)); row++) {
		const char *wanted_line = arena_print(&arena, "\n| `%s` | %s |\n", word, sentence);

		if (!strstr(text_string(&guide), wanted_line))
			fail_msg("not in the guide: %s", wanted_line);
	}
	text_free(&guide);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_below_the_apex),
		cmocka_unit_test(silence_is_no_mistake),
		cmocka_unit_test(strangers_octets_do_no_harm),
		cmocka_unit_test(every_row_has_a_case_and_a_word_of_its_own),
		cmocka_unit_test(the_guide_lists_every_row),
		cmocka_unit_test(each_mistake_is_named),
		cmocka_unit_test(nobody_is_accused_without_reason),
		cmocka_unit_test(what_is_right_is_not_looked_into),
	};
	return cmocka_run_group_tests_name("diagnosis", tests, NULL, NULL);
}

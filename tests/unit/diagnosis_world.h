#pragma once

/*
 * diagnosis_world -- acme.example and what a customer may have made of it, told
 * to an inquiry: each case names the records that are there, all else is absent.
 *
 * A name that nobody told is "call again", so a case also proves that nothing
 * else was asked, and nothing of a recursive resolver that it might remember.
 */

#include <string.h>

#include "core/verify/diagnosis.h"
#include "core/verify/dkim_check.h"
#include "told.h"

#define DOMAIN "acme.example"
#define NAME   "s2._domainkey.acme.example"
#define TARGET "s2.acme.example._domainkey.vendor.example"
#define HOST   "_spf.vendor.example"
/* names that nobody made, beside NAME and beside _dmarc */
#define PROBE_KEY   "senderctl-probe-c04607e4._domainkey.acme.example"
#define PROBE_DMARC "senderctl-probe-6f8d4574.acme.example"

#define KEY_A \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtOyM8an0HEIvoOiQRIEHiMpZXf2TEAcOp/BO" \
	"NQpyFYPamrA6ZTDveL2EJ6NLoLj4f+1imGv1EwTzr7671frI8D1y4IaT7jGbrSCfQxVHpXxNcqT+ywFD" \
	"3lsjPLaJaMuqf4bN8PtTbV1PHUl1unQMoiwR0pzi/8wQYJqKc2sKCi1bnTsXOCgDbU9IDMMTzfTs6"
#define KEY_B \
	"HaadNnE6+fF20LHezaR146AeUyAHcMHKh51eSTS5CxvRAglfhjzitCeZxlMNvrLVlPlVwLo1a9W2nijN" \
	"KYkYyZGifxLoWlLmKDz8hp5Cs7h28qBW5aBuX9buI9GzXDtvEXFDl10lo3Sh4CSAMC04wIDAQAB"
#define KEY KEY_A KEY_B
/* the same, as a panel writes it that knows names only */
#define SMALL \
	"miibijanbgkqhkig9w0baqefaaocaq8amiibcgkcaqeatoym8an0heivooiqriehimpzxf2teacop/bo" \
	"nqpyfypamra6ztdvel2ej6nlolj4f+1imgv1ewtzr7671fri8d1y4iat7jgbrscfqxvhpxxncqt+ywfd" \
	"3lsjplajamuqf4bn8pttbv1phul1unqmoiwr0pzi/8wqyjqkc2skci1bntsxocgdbu9idmmtzfts6haa" \
	"dnne6+ff20lhezar146aeuyahcmhkh51ests5cxvraglfhjzitcezxlmnvrlvlplvwlo1a9w2nijnkyk" \
	"yyzgifxlowllmkdz8hp5cs7h28qbw5abux9bui9gzxdtvexfdl10lo3sh4csamc04widaqab"
#define HEAD "v=DKIM1; k=rsa; p="
#define OURS HEAD KEY
/* Ed25519: of the selector s1, and somebody else's */
#define OLD   "v=DKIM1; k=ed25519; p=H3yoBbtRjJEEwkgPNEjBlGs3iVLuE1GccQb6bJftFHQ="
#define OTHER "v=DKIM1; k=ed25519; p=P1tuIxw4/KeJnOPw/NuFMzHhmoOIUjphIcTz/7kRdMk="

/* One record; the text of a CNAME in a TXT answer is ">target". */
struct there {
	const char *name;
	int type;
	const char *text;
};

enum { THERE_MOST = 6 };

/* What a check may ask the zone's own servers about. */
static inline void tell_nothing(struct inquiry *inquiry)
{
	static const char *const names[] = {
		NAME,
		NAME "." DOMAIN,
		"s2.acme.example",
		"_domainkey.acme.example",
		DOMAIN,
		DOMAIN "." DOMAIN,
		"s2.domainkey.acme.example",
		"_domainkey.s2.acme.example",
		"s2._domainkey._domainkey.acme.example",
		"s1._domainkey.acme.example",
		"www.acme.example",
		"spf.acme.example",
		"_spf.acme.example",
		"_dmarc.acme.example",
		"_dmarc.acme.example.acme.example",
		"dmarc.acme.example",
		"bounce.acme.example",
		"bounce.acme.example.acme.example",
		PROBE_KEY,
		PROBE_DMARC,
	};
	static const int types[] = { DNS_TXT, DNS_CNAME, DNS_A, DNS_AAAA, DNS_MX };

	for (size_t i = 0; i < LENGTH(names); i++)
		for (size_t t = 0; t < LENGTH(types); t++) {
			told(inquiry, "192.0.2.2", names[i], types[t], DNS_NO_NAME, NULL);
			told(inquiry, "192.0.2.3", names[i], types[t], DNS_NO_NAME, NULL);
		}
}

static inline void tell_there(struct inquiry *inquiry, const struct there *there)
{
	const char *texts[THERE_MOST] = { 0 };
	enum dns_outcome outcome = DNS_FOUND;

	for (size_t i = 0; i < THERE_MOST && there[i].name; i++) {
		size_t count = 0;

		memset(texts, 0, sizeof texts);
		for (size_t r = 0; r < THERE_MOST && there[r].name; r++)
			if (strcmp(there[r].name, there[i].name) == 0
			    && there[r].type == there[i].type)
				texts[count++] = there[r].text;
		outcome = count == 1 && texts[0][0] == '>' ? DNS_NO_DATA : DNS_FOUND;
		for (int server = 2; server <= 3; server++)
			told(inquiry, server == 2 ? "192.0.2.2" : "192.0.2.3", there[i].name,
			     there[i].type, outcome, texts[0], texts[1], texts[2], texts[3], NULL);
	}
}

/* Where CNAMEs may lead: our own zone has the key at TARGET and nothing else. */
static inline void tell_vendor(struct inquiry *inquiry)
{
	static const char *const absent[] = {
		"s1.acme.example._domainkey.vendor.example",
		"x.vendor.example",
	};
	static const char *const in_zone[] = {
		"s2.acme.example._domainkey.acme.example",
		TARGET ".acme.example",
		"s2.acme.example._domainkey.old.acme.example",
	};

	told(inquiry, "", "vendor.example", DNS_SOA, DNS_FOUND, "ns.vendor.example", NULL);
	told(inquiry, "", "vendor.example", DNS_NS, DNS_FOUND, "ns.vendor.example", NULL);
	told(inquiry, "", "ns.vendor.example", DNS_A, DNS_FOUND, "192.0.2.9", NULL);
	told(inquiry, "", "ns.vendor.example", DNS_AAAA, DNS_NO_DATA, NULL);
	told(inquiry, "192.0.2.9", TARGET, DNS_TXT, DNS_FOUND, OURS, NULL);
	for (size_t i = 0; i < LENGTH(absent); i++)
		told(inquiry, "192.0.2.9", absent[i], DNS_TXT, DNS_NO_NAME, NULL);
	for (size_t i = 0; i < LENGTH(in_zone); i++) {
		told(inquiry, "192.0.2.2", in_zone[i], DNS_TXT, DNS_NO_NAME, NULL);
		told(inquiry, "192.0.2.3", in_zone[i], DNS_TXT, DNS_NO_NAME, NULL);
	}
	told(inquiry, "", "x.vendor.example", DNS_SOA, DNS_NO_NAME, NULL);
	told(inquiry, "", "vendor.example.acme.example", DNS_SOA, DNS_NO_NAME, NULL);
	told(inquiry, "", "old.acme.example", DNS_SOA, DNS_NO_NAME, NULL);
}

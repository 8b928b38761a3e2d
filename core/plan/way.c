#include "core/plan/way.h"

#include <string.h>

#include "core/base/attr.h"
#include "core/base/words.h"

#define OUR_RELAY     N_("our relay sends, under the customer's domain")
#define OUR_PART      N_("relay, key pair, sheet and check")
#define OUR_PART_BARE N_("relay, sheet and check")

const struct way ways[] = {
	{ .word = "mailfrom-dkim",
	  .mode = "relayed",
	  .subdomain = true,
	  .spf = true,
	  .dkim = true,
	  .title = N_("MAIL FROM on a subdomain, with DKIM"),
	  .sends = OUR_RELAY,
	  .customer = N_("publishes SPF and MX at one new name, and the DKIM key"),
	  .provider = OUR_PART,
	  .why = N_("both checks align, bounces come back to us, and the domain's own SPF record "
	            "stays as it is"),
	  .commands = { "senderctl domain set %d --mode relayed --envelope-domain %e --dkim yes" } },
	{ .word = "spf-dkim",
	  .mode = "relayed",
	  .spf = true,
	  .dkim = true,
	  .title = N_("SPF at the sender domain, with DKIM"),
	  .sends = OUR_RELAY,
	  .customer = N_("lets our relays into its SPF record, and publishes the DKIM key"),
	  .provider = OUR_PART,
	  .why = N_("both checks align; it costs the domain's SPF record a look-up"),
	  .commands = { "senderctl domain set %d --mode relayed --envelope-domain \"\" --dkim yes" } },
	{ .word = "dkim",
	  .mode = "relayed",
	  .dkim = true,
	  .title = N_("DKIM alone"),
	  .sends = OUR_RELAY,
	  .customer = N_("publishes the DKIM key"),
	  .provider = OUR_PART,
	  .why = N_("DMARC rests on the signature alone; large receivers want SPF as well"),
	  .commands = { "senderctl domain set %d --mode relayed --envelope-domain \"\" --dkim yes",
	                "senderctl sender waive %d --purpose spf --reason \"DKIM alone\"" } },
	{ .word = "spf",
	  .mode = "relayed",
	  .spf = true,
	  .title = N_("SPF at the sender domain"),
	  .sends = OUR_RELAY,
	  .customer = N_("lets our relays into its SPF record"),
	  .provider = OUR_PART_BARE,
	  .why = N_("one record and no key, but forwarded mail fails"),
	  .commands = { "senderctl domain set %d --mode relayed --envelope-domain \"\" --dkim no" } },
	{ .word = "mailfrom",
	  .mode = "relayed",
	  .subdomain = true,
	  .spf = true,
	  .aside = true,
	  .title = N_("MAIL FROM on a subdomain, without DKIM"),
	  .sends = OUR_RELAY,
	  .customer = N_("publishes SPF and MX at one new name"),
	  .provider = OUR_PART_BARE,
	  .why = N_("the domain's own SPF record stays as it is, but forwarded mail fails") },
	{ .word = "let-in",
	  .mode = "relayed",
	  .aside = true,
	  .title = N_("neither SPF nor DKIM"),
	  .sends = OUR_RELAY,
	  .customer = N_("lets our mail into its own server"),
	  .provider = OUR_PART_BARE,
	  .why = N_("good only where all recipients are the customer's own people") },
	{ .word = "direct",
	  .mode = "direct",
	  .title = N_("through the customer's server"),
	  .sends = N_("our relay hands over to the customer's server, which sends"),
	  .customer = N_("a reachable server with AUTH and TLS 1.2, and its own security policy"),
	  .provider = N_("the connection and a probe; responsibility ends there"),
	  .why = N_("nothing is published; the customer's server signs and answers for the mail"),
	  .commands = { "senderctl smarthost add %c HOST --user USER --password-file FILE",
	                "senderctl domain set %d --mode direct" } },
	{ .word = "hosted",
	  .mode = "hosted",
	  .spf = true,
	  .dkim = true,
	  .title = N_("an address below the provider's domain"),
	  .sends = N_("our relay sends, under our own domain"),
	  .customer = N_("agrees on the subdomain, and names a mailbox for replies"),
	  .provider = N_("all DNS records, key, URL and certificate"),
	  .why = N_("no work for the customer, but the address is not its own"),
	  .commands = { "senderctl site add %c https://%h/",
	                "senderctl sender add %c NAME@%h --mode hosted --reply-to ADDRESS" } },
	{ .word = "on-premises",
	  .mode = "on-premises",
	  .aside = true,
	  .title = N_("the customer's own server, alone"),
	  .sends = N_("the customer's own server sends"),
	  .customer = N_("everything"),
	  .provider = N_("a sheet that says so"),
	  .why = N_("we have no part in it") },
};

const size_t way_count = LENGTH(ways);

static bool has_subdomain(const struct facts_domain *domain)
{
	return domain->envelope_domain != NULL
	       && strcmp(domain->envelope_domain, domain->name) != 0;
}

static bool fits(const struct way *way, const struct facts_domain *domain)
{
	bool subdomain = has_subdomain(domain);
	bool spf = domain->waived[subdomain ? PURPOSE_MAILFROM : PURPOSE_SPF] == NULL;
	bool dkim = domain->dkim && domain->waived[PURPOSE_DKIM] == NULL;

	if (strcmp(way->mode, domain->mode) != 0)
		return false;
	if (strcmp(way->mode, "relayed") != 0)
		return true;
	return way->spf == spf && way->dkim == dkim && way->subdomain == (spf && subdomain);
}

const struct way *way_of(const struct facts_domain *domain)
{
	for (size_t i = 0; i < way_count; i++)
		if (fits(&ways[i], domain))
			return &ways[i];
	return NULL;
}

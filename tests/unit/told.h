#pragma once

/*
 * told -- tell an inquiry what the world would have said, in one line each.
 */

#include <arpa/inet.h>
#include <stdarg.h>

#include "core/verify/inquiry.h"

/* The server "" is the resolver.  Texts end with NULL; a CNAME is told as
 * ">target" before the texts.  No texts and DNS_FOUND makes no sense. */
static inline void told(struct inquiry *inquiry, const char *server, const char *name, int type,
                        enum dns_outcome outcome, ...)
{
	struct arena *arena = inquiry_arena(inquiry);
	struct dns_record *records = arena_take(arena, 16 * sizeof(*records));
	const char **chain = arena_take(arena, 8 * sizeof(*chain));
	struct dns_answer answer = { .outcome = outcome,
		                     .records = records,
		                     .chain = chain,
		                     .last_name = arena_copy(arena, name),
		                     .has_soa = outcome == DNS_NO_DATA || outcome == DNS_NO_NAME,
		                     .zone = "acme.example",
		                     .negative_ttl = 60,
		                     .ttl = 300,
		                     .longest_ttl = 300,
		                     .authoritative = *server != '\0' };
	va_list texts;

	va_start(texts, outcome);
	for (const char *text = va_arg(texts, const char *); text;
	     text = va_arg(texts, const char *)) {
		if (text[0] == '>') {
			chain[answer.chain_length++] = text + 1;
			answer.last_name = text + 1;
			continue;
		}
		struct dns_record *record = &records[answer.record_count++];
		*record = (struct dns_record){ .name = answer.last_name,
			                       .type = type,
			                       .ttl = 300,
			                       .text = text,
			                       .text_length = strlen(text),
			                       .minimum = 60 };
		if (type == DNS_A || type == DNS_AAAA)
			(void)inet_pton(type == DNS_A ? AF_INET : AF_INET6, text, record->address);
	}
	va_end(texts);
	if (outcome == DNS_REFUSED)
		answer.rcode = 5;
	inquiry_know(inquiry, *server ? server : NULL, &answer, name, type);
}

/* acme.example on two servers, 192.0.2.2 and 192.0.2.3. */
static inline void told_zone(struct inquiry *inquiry)
{
	told(inquiry, "", "acme.example", DNS_SOA, DNS_FOUND, "ns1.acme.example", NULL);
	told(inquiry, "", "acme.example", DNS_NS, DNS_FOUND, "ns1.acme.example", "ns2.acme.example",
	     NULL);
	told(inquiry, "", "ns1.acme.example", DNS_A, DNS_FOUND, "192.0.2.2", NULL);
	told(inquiry, "", "ns1.acme.example", DNS_AAAA, DNS_NO_DATA, NULL);
	told(inquiry, "", "ns2.acme.example", DNS_A, DNS_FOUND, "192.0.2.3", NULL);
	told(inquiry, "", "ns2.acme.example", DNS_AAAA, DNS_NO_DATA, NULL);
}

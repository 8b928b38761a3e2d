#pragma once

/*
 * dns_message -- DNS messages as values: build a question, read an answer.
 *
 * Pure: no socket, no clock.  What arrives here comes from strangers; a message
 * that breaks the format becomes DNS_GARBLED, never a fault of ours.
 *
 * Owner:   texts live in the arena that was passed in.
 * Names:   in presentation form, lower case, no final dot, odd octets as \DDD;
 *          "" is the root.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"

/* The types we ask for; the numbers of the registry. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

enum dns_outcome {
	DNS_FOUND,       /* records of the type, perhaps behind CNAMEs */
	DNS_NO_DATA,     /* the name is there, the type is not */
	DNS_NO_NAME,     /* NXDOMAIN */
	DNS_FAILED,      /* SERVFAIL */
	DNS_REFUSED,     /* REFUSED, NOTIMP, ...: the server will not say */
	DNS_LAME,        /* it answered without being responsible; only authority says so */
	DNS_REFERRED,    /* ask somebody else: see `referral` */
	DNS_TIMEOUT,     /* nobody answered in time */
	DNS_UNREACHABLE, /* no route, or nobody listens */
	DNS_GARBLED,     /* not a DNS message */
	DNS_IMPOSSIBLE   /* no question can be made of that name */
};

struct dns_record {
	const char *name;
	int type;
	uint32_t ttl;
	const char *text;    /* TXT: its strings joined; A, AAAA: the address; others: a name */
	size_t text_length;  /* TXT may contain NUL */
	unsigned preference; /* MX */
	uint32_t refresh;    /* SOA: how often the other servers look for news */
	uint32_t minimum;    /* SOA: min(ttl, MINIMUM), for how long an absence is kept */
	size_t string_count; /* TXT: how many strings it came in */
	uint8_t address[16]; /* A: 4 octets, AAAA: 16 */
};

struct dns_answer {
	enum dns_outcome outcome;
	int rcode;
	bool authoritative;               /* AA */
	bool authentic;                   /* AD: a validating resolver vouches for it */
	const char *server;               /* who answered; filled by the resolver */
	int64_t at;                       /* seconds since 1970; filled by the resolver */
	const struct dns_record *records; /* of the type asked for, at the end of the chain */
	size_t record_count;
	const char *const *chain; /* the CNAME targets on the way, in order */
	size_t chain_length;
	const char *last_name; /* the name asked for, or the last CNAME target */
	uint32_t ttl; /* shortest of chain and records; of the absence when there are none */
	uint32_t longest_ttl; /* longest of chain and records: what a cache may still hold */
	bool has_soa;         /* an SOA stood in the authority section: */
	const char *zone;     /* its owner, and for how long it lets absences be kept */
	uint32_t negative_ttl;
	uint32_t refresh;
	const char *referral; /* the zone a server delegated us to; NULL: none */
	const uint8_t *bytes; /* the message as it came, NULL when none did */
	size_t size;
};

/* A name in the form described above; false when it is no domain name (empty
 * label, label above 63 octets, more than 255 in all). */
bool dns_message_name(struct arena *arena, const char *name, const char **canonical) CHECKED;

/* Is it in that form, and plain?  Most names are; false says nothing. */
bool dns_message_is_canonical(const char *name);

/* The same for a name whose octets mean themselves: macros of SPF make such. */
bool dns_message_raw_name(struct arena *arena, const char *raw, const char **canonical) CHECKED;

/* A question with EDNS; `size` is its length.  False: not a name. */
bool dns_message_build(const char *name, int type, uint16_t id, bool recursion, uint8_t out[512],
                       size_t *size) CHECKED;

/* Read a message that answers (name, type). */
void dns_message_read(struct arena *arena, const uint8_t *bytes, size_t size, const char *name,
                      int type, struct dns_answer *answer);

/* Did it say something definite: there, or not there? */
bool dns_message_definite(const struct dns_answer *answer);

/* "NOERROR", "NXDOMAIN", ..., "TIMEOUT". */
const char *dns_message_rcode_word(const struct dns_answer *answer);

/* "the server failed (SERVFAIL)": why an answer is not definite, for people. */
const char *dns_message_outcome_sentence(enum dns_outcome outcome);

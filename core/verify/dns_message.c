#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <resolv.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/verify/dns_message.h"

enum { EDNS_SIZE = 1232, CHAIN_MOST = 16, TYPE_OPT = 41 };

static const char *lower(struct arena *arena, const char *name)
{
	char *copy = arena_copy(arena, name);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* Small letters, digits, "-" and "_" in labels that have a length. */
bool dns_message_is_canonical(const char *name)
{
	size_t length = 0;
	size_t label = 0;

	for (; name[length]; length++) {
		char c = name[length];

		if (c == '.' && label > 0)
			label = 0;
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
			label++;
		else
			return false;
		if (label > NS_MAXLABEL)
			return false;
	}
	return label > 0 && length <= NS_MAXCDNAME - 2;
}

bool dns_message_name(struct arena *arena, const char *name, const char **canonical)
{
	uint8_t wire[NS_MAXCDNAME];
	char text[NS_MAXDNAME];

	if (dns_message_is_canonical(name)) {
		*canonical = arena_copy(arena, name);
		return true;
	}
	if (ns_name_pton(name, wire, sizeof(wire)) < 0
	    || ns_name_ntop(wire, text, sizeof(text)) < 0)
		return false;
	*canonical = strcmp(text, ".") == 0 ? "" : lower(arena, text);
	return true;
}

bool dns_message_raw_name(struct arena *arena, const char *raw, const char **canonical)
{
	char escaped[4 * NS_MAXCDNAME + 8];
	size_t used = 0;

	if (dns_message_is_canonical(raw)) {
		*canonical = arena_copy(arena, raw);
		return true;
	}
	if (strlen(raw) > NS_MAXCDNAME)
		return false;
	for (; *raw; raw++) {
		unsigned char c = (unsigned char)*raw;

		if (isalnum(c) || strchr("-_.", c))
			escaped[used++] = *raw;
		else
			used += (size_t)snprintf(escaped + used, sizeof(escaped) - used, "\\%03u",
			                         c);
	}
	escaped[used] = '\0';
	return dns_message_name(arena, escaped, canonical);
}

static uint8_t *put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static size_t wire_length(const uint8_t *wire)
{
	size_t length = 1;

	for (; *wire; wire += *wire + 1)
		length += (size_t)*wire + 1;
	return length;
}

bool dns_message_build(const char *name, int type, uint16_t id, bool recursion, uint8_t out[512],
                       size_t *size)
{
	uint8_t *at = out;

	at = put16(at, id);
	at = put16(at, recursion ? 0x0120 : 0x0020); /* RD; AD says that we understand it */
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, 1);
	if (ns_name_pton(name, at, NS_MAXCDNAME) < 0)
		return false;
	at += wire_length(at);
	at = put16(at, (unsigned)type);
	at = put16(at, ns_c_in);
	*at++ = 0;
	at = put16(at, TYPE_OPT);
	at = put16(at, EDNS_SIZE);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, 0);
	*size = (size_t)(at - out);
	return true;
}

/* A domain name inside record data; NULL when it runs out of the message. */
static const char *read_name(struct arena *arena, const ns_msg *message, const uint8_t *at)
{
	char text[NS_MAXDNAME];
	const char *canonical = NULL;

	if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), at, text, sizeof(text))
	            < 0
	    || !dns_message_name(arena, text, &canonical))
		return NULL;
	return canonical;
}

static bool read_txt(struct arena *arena, const uint8_t *data, size_t size,
                     struct dns_record *record)
{
	char *text = arena_take(arena, size + 1);

	for (size_t at = 0; at < size; at += data[at] + 1U) {
		if (at + data[at] >= size)
			return false;
		memcpy(text + record->text_length, data + at + 1, data[at]);
		record->text_length += data[at];
		record->string_count++;
	}
	record->text = text;
	return true;
}

static bool read_address(struct arena *arena, int family, const uint8_t *data, size_t size,
                         struct dns_record *record)
{
	char text[INET6_ADDRSTRLEN];

	if (size != (family == AF_INET ? 4 : 16))
		return false;
	memcpy(record->address, data, size);
	record->text = arena_copy(arena, inet_ntop(family, data, text, sizeof(text)));
	return record->text != NULL;
}

/* MNAME, RNAME, then five numbers of which MINIMUM is the last. */
static bool read_soa(struct arena *arena, const ns_msg *message, const uint8_t *data, size_t size,
                     struct dns_record *record)
{
	uint32_t minimum = 0;

	if (size < 22)
		return false;
	minimum = (uint32_t)ns_get32(data + size - 4);
	record->minimum = minimum < record->ttl ? minimum : record->ttl;
	record->refresh = (uint32_t)ns_get32(data + size - 16);
	record->text = read_name(arena, message, data);
	return record->text != NULL;
}

static bool read_data(struct arena *arena, const ns_msg *message, const ns_rr *rr,
                      struct dns_record *record)
{
	const uint8_t *data = ns_rr_rdata(*rr);
	size_t size = ns_rr_rdlen(*rr);

	switch (record->type) {
	case DNS_A:
		return read_address(arena, AF_INET, data, size, record);
	case DNS_AAAA:
		return read_address(arena, AF_INET6, data, size, record);
	case DNS_TXT:
		return read_txt(arena, data, size, record);
	case DNS_MX:
		if (size < 3)
			return false;
		record->preference = ns_get16(data);
		record->text = read_name(arena, message, data + 2);
		return record->text != NULL;
	case DNS_SOA:
		return read_soa(arena, message, data, size, record);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		record->text = read_name(arena, message, data);
		return record->text != NULL;
	default:
		record->text = "";
		return true;
	}
}

/* RFC 2181 section 8: a TTL with the highest bit set is to be taken as zero. */
static uint32_t sane_ttl(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}

/* One section; NULL when the message breaks off. */
static struct dns_record *read_section(struct arena *arena, ns_msg *message, ns_sect section,
                                       size_t *count)
{
	struct dns_record *records = NULL;

	*count = ns_msg_count(*message, section);
	records = arena_take(arena, (*count + 1) * sizeof(*records));
	for (size_t i = 0; i < *count; i++) {
		ns_rr rr;
		const char *owner = NULL;

		if (ns_parserr(message, section, (int)i, &rr) < 0
		    || !dns_message_name(arena, ns_rr_name(rr), &owner))
			return NULL;
		records[i] = (struct dns_record){ .name = owner,
			                          .type = (int)ns_rr_type(rr),
			                          .ttl = sane_ttl(ns_rr_ttl(rr)) };
		if (!read_data(arena, message, &rr, &records[i]))
			return NULL;
		if (records[i].type != DNS_TXT)
			records[i].text_length = strlen(records[i].text);
	}
	return records;
}

static void note_ttl(struct dns_answer *answer, uint32_t ttl)
{
	if (ttl < answer->ttl)
		answer->ttl = ttl;
	if (ttl > answer->longest_ttl)
		answer->longest_ttl = ttl;
}

static const struct dns_record *find(const struct dns_record *records, size_t count,
                                     const char *name, int type)
{
	for (size_t i = 0; i < count; i++)
		if (records[i].type == type && strcmp(records[i].name, name) == 0)
			return &records[i];
	return NULL;
}

/* From the name asked for along the CNAMEs to where the chain ends. */
static void follow_chain(struct arena *arena, const struct dns_record *records, size_t count,
                         int type, struct dns_answer *answer)
{
	const char **chain = NULL;
	const struct dns_record *alias = NULL;

	while (type != DNS_CNAME && answer->chain_length < CHAIN_MOST
	       && !find(records, count, answer->last_name, type)
	       && (alias = find(records, count, answer->last_name, DNS_CNAME))) {
		if (!chain)
			answer->chain = chain = arena_take(arena, CHAIN_MOST * sizeof(*chain));
		note_ttl(answer, alias->ttl);
		answer->last_name = alias->text;
		chain[answer->chain_length++] = alias->text;
	}
}

static void keep_records(struct arena *arena, const struct dns_record *records, size_t count,
                         int type, struct dns_answer *answer)
{
	struct dns_record *kept = arena_take(arena, (count + 1) * sizeof(*kept));

	answer->records = kept;
	for (size_t i = 0; i < count; i++) {
		if (records[i].type != type || strcmp(records[i].name, answer->last_name) != 0)
			continue;
		note_ttl(answer, records[i].ttl);
		kept[answer->record_count++] = records[i];
	}
}

static void read_authority(const struct dns_record *records, size_t count,
                           struct dns_answer *answer)
{
	for (size_t i = 0; i < count; i++) {
		if (records[i].type == DNS_SOA) {
			answer->has_soa = true;
			answer->zone = records[i].name;
			answer->negative_ttl = records[i].minimum;
			answer->refresh = records[i].refresh;
		}
		if (records[i].type == DNS_NS)
			answer->referral = records[i].name;
	}
}

static enum dns_outcome outcome_of(const struct dns_answer *answer)
{
	switch (answer->rcode) {
	case ns_r_noerror:
		break;
	case ns_r_nxdomain:
		return DNS_NO_NAME;
	case ns_r_servfail:
		return DNS_FAILED;
	default:
		return DNS_REFUSED;
	}
	if (answer->record_count > 0)
		return DNS_FOUND;
	if (answer->referral && !answer->authoritative && !answer->has_soa
	    && answer->chain_length == 0)
		return DNS_REFERRED;
	return DNS_NO_DATA;
}

static bool read_message(struct arena *arena, ns_msg *message, int type, struct dns_answer *answer)
{
	size_t answers = 0;
	size_t others = 0;
	struct dns_record *records = read_section(arena, message, ns_s_an, &answers);
	struct dns_record *authority = read_section(arena, message, ns_s_ns, &others);

	if (!records || !authority || !ns_msg_getflag(*message, ns_f_qr))
		return false;
	answer->rcode = ns_msg_getflag(*message, ns_f_rcode);
	answer->authoritative = ns_msg_getflag(*message, ns_f_aa) != 0;
	answer->authentic = ns_msg_getflag(*message, ns_f_ad) != 0;
	follow_chain(arena, records, answers, type, answer);
	keep_records(arena, records, answers, type, answer);
	read_authority(authority, others, answer);
	answer->outcome = outcome_of(answer);
	if (answer->outcome != DNS_REFERRED)
		answer->referral = NULL;
	if (answer->outcome != DNS_FOUND && answer->has_soa)
		note_ttl(answer, answer->negative_ttl);
	return true;
}

void dns_message_read(struct arena *arena, const uint8_t *bytes, size_t size, const char *name,
                      int type, struct dns_answer *answer)
{
	ns_msg message;
	uint8_t *copy = arena_take(arena, size + 1);

	if (size > 0)
		memcpy(copy, bytes, size);
	*answer = (struct dns_answer){ .outcome = DNS_GARBLED,
		                       .last_name = name,
		                       .ttl = UINT32_MAX,
		                       .bytes = copy,
		                       .size = size };
	if (size > INT32_MAX || ns_initparse(copy, (int)size, &message) < 0
	    || !read_message(arena, &message, type, answer)) {
		answer->outcome = DNS_GARBLED;
		answer->record_count = 0;
	}
	if (answer->ttl == UINT32_MAX)
		answer->ttl = 0;
}

bool dns_message_definite(const struct dns_answer *answer)
{
	return answer->outcome == DNS_FOUND || answer->outcome == DNS_NO_DATA
	       || answer->outcome == DNS_NO_NAME;
}

const char *dns_message_rcode_word(const struct dns_answer *answer)
{
	static const char *const words[] = { "NOERROR",  "FORMERR", "SERVFAIL",
		                             "NXDOMAIN", "NOTIMP",  "REFUSED" };

	switch (answer->outcome) {
	case DNS_TIMEOUT:
		return "TIMEOUT";
	case DNS_UNREACHABLE:
		return "UNREACHABLE";
	case DNS_GARBLED:
		return "GARBLED";
	case DNS_IMPOSSIBLE:
		return "IMPOSSIBLE";
	case DNS_FOUND:
	case DNS_NO_DATA:
	case DNS_NO_NAME:
	case DNS_FAILED:
	case DNS_REFUSED:
	case DNS_LAME:
	case DNS_REFERRED:
		break;
	}
	return (size_t)answer->rcode < LENGTH(words) ? words[answer->rcode] : "OTHER";
}

const char *dns_message_outcome_sentence(enum dns_outcome outcome)
{
	switch (outcome) {
	case DNS_FOUND:
		return _("it answered");
	case DNS_NO_DATA:
		return _("there is no such record");
	case DNS_NO_NAME:
		return _("there is no such name");
	case DNS_FAILED:
		return _("the server failed (SERVFAIL)");
	case DNS_REFUSED:
		return _("the server refused to answer");
	case DNS_LAME:
		return _("the server answers without being responsible (lame)");
	case DNS_REFERRED:
		return _("the server is not responsible for the name");
	case DNS_TIMEOUT:
		return _("no answer in time");
	case DNS_UNREACHABLE:
		return _("not reachable");
	case DNS_GARBLED:
		return _("the answer is not a DNS message");
	case DNS_IMPOSSIBLE:
		return _("this is not a domain name");
	}
	return "";
}

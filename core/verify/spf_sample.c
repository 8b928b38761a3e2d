#include "core/verify/spf_sample.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	ROWS_MOST = 4096,
	INCLUDED_MOST = 256 /* others' records can be long, and are not ours to prove */
};

static size_t hash_of(const struct spf_address *address)
{
	size_t hash = address->size;

	for (size_t i = 0; i < address->size; i++)
		hash = hash * 31 + address->octets[i];
	return hash % SPF_SAMPLE_BUCKETS;
}

static bool same(const struct spf_address *a, const struct spf_address *b)
{
	return a->size == b->size && memcmp(a->octets, b->octets, a->size) == 0;
}

static void make_room(struct spf_sample *sample)
{
	struct spf_sample_row **rows = NULL;

	if (sample->count < sample->room)
		return;
	sample->room = sample->room * 2 + 64;
	rows = arena_take(sample->arena, sample->room * sizeof(struct spf_sample_row *));
	if (sample->count > 0)
		memcpy(rows, sample->rows, sample->count * sizeof(struct spf_sample_row *));
	sample->rows = rows;
}

static bool add(struct spf_sample *sample, const struct spf_address *address)
{
	struct spf_sample_row **bucket = &sample->buckets[hash_of(address)];
	struct spf_sample_row *row = *bucket;
	char text[INET6_ADDRSTRLEN];

	while (row && !same(&row->address, address))
		row = row->next;
	sample->cut = sample->cut || (!row && sample->count == ROWS_MOST);
	if (row || sample->count == ROWS_MOST
	    || !inet_ntop(address->size == 4 ? AF_INET : AF_INET6, address->octets, text,
	                  sizeof(text)))
		return false;
	row = arena_take(sample->arena, sizeof(*row));
	*row = (struct spf_sample_row){ *bucket, *address, arena_copy(sample->arena, text) };
	*bucket = row;
	make_room(sample);
	sample->rows[sample->count++] = row;
	return true;
}

void spf_sample_add(struct spf_sample *sample, const char *text)
{
	struct spf_address address;

	if (spf_term_read_address(text, &address))
		(void)add(sample, &address);
}

/* One up or one down; false at the end of all addresses. */
static bool step(struct spf_address *address, bool up)
{
	for (size_t i = address->size; i-- > 0;) {
		address->octets[i] = (uint8_t)(address->octets[i] + (up ? 1 : -1));
		if (address->octets[i] != (up ? 0 : 0xff))
			return true;
	}
	return false;
}

/* Where an off-by-one would show. */
static size_t add_edges(struct spf_sample *sample, struct spf_address first,
                        struct spf_address last)
{
	size_t before = sample->count;

	(void)add(sample, &first);
	(void)add(sample, &last);
	if (step(&first, false))
		(void)add(sample, &first);
	if (step(&last, true))
		(void)add(sample, &last);
	return sample->count - before;
}

static size_t add_range(struct spf_sample *sample, const struct spf_term *term)
{
	struct spf_address first, last;

	spf_term_edges(term, &first, &last);
	return add_edges(sample, first, last);
}

/* The addresses of a host, each with the network that the term makes of it. */
static bool add_hosts(struct spf_sample *sample, struct inquiry *inquiry, const char *name,
                      const struct spf_term *term)
{
	static const int types[] = { DNS_A, DNS_AAAA };
	bool complete = true;

	for (size_t t = 0; t < LENGTH(types); t++) {
		const struct dns_answer *answer = inquiry_ask(inquiry, name, types[t]);
		int prefix = types[t] == DNS_A ? term->prefix4 : term->prefix6;

		complete = complete && answer;
		for (size_t i = 0; answer && i < answer->record_count; i++) {
			struct spf_address address, first, last;

			spf_sample_add(sample, answer->records[i].text);
			if (prefix == SPF_NO_PREFIX
			    || !spf_term_read_address(answer->records[i].text, &address))
				continue;
			spf_term_network(&address, prefix, &first, &last);
			(void)add_edges(sample, first, last);
		}
	}
	return complete;
}

static bool add_exchangers(struct spf_sample *sample, struct inquiry *inquiry, const char *name,
                           const struct spf_term *term)
{
	const struct dns_answer *hosts = inquiry_ask(inquiry, name, DNS_MX);
	bool complete = hosts != NULL;

	for (size_t i = 0; hosts && i < hosts->record_count; i++)
		complete = add_hosts(sample, inquiry, hosts->records[i].text, term) && complete;
	return complete;
}

static bool add_included(struct spf_sample *sample, struct inquiry *inquiry, const char *name)
{
	const struct dns_answer *answer = inquiry_ask(inquiry, name, DNS_TXT);
	struct err ignored = { 0 };

	for (size_t i = 0; answer && i < answer->record_count; i++) {
		const struct dns_record *text = &answer->records[i];
		struct spf_record record;

		if (!spf_record_is(text->text, text->text_length)
		    || !spf_record_parse(sample->arena, text->text, text->text_length, &record,
		                         &ignored))
			continue;
		for (size_t t = 0; t < record.term_count; t++) {
			if (!spf_term_is_range(&record.terms[t]))
				continue;
			if (sample->included < INCLUDED_MOST)
				sample->included += add_range(sample, &record.terms[t]);
			else
				sample->cut = true;
		}
	}
	return answer != NULL;
}

/* Names that a macro hides are not known before somebody sends. */
static bool add_named(struct spf_sample *sample, struct inquiry *inquiry, const char *domain,
                      const struct spf_term *term)
{
	const char *name = term->domain ? term->domain : domain;

	if (strchr(name, '%'))
		return true;
	switch ((int)term->kind) {
	case SPF_TERM_A:
		return add_hosts(sample, inquiry, name, term);
	case SPF_TERM_MX:
		return add_exchangers(sample, inquiry, name, term);
	case SPF_TERM_INCLUDE:
	case SPF_TERM_REDIRECT:
		return add_included(sample, inquiry, name);
	default:
		return true;
	}
}

bool spf_sample_record(struct spf_sample *sample, struct inquiry *inquiry, const char *domain,
                       const char *text)
{
	struct spf_record record;
	struct err ignored = { 0 };
	bool complete = true;

	if (!spf_record_parse(sample->arena, text, strlen(text), &record, &ignored))
		return true;
	for (size_t i = 0; i < record.term_count; i++)
		if (spf_term_is_range(&record.terms[i]))
			(void)add_range(sample, &record.terms[i]);
	for (size_t i = 0; i < record.term_count; i++)
		complete = add_named(sample, inquiry, domain, &record.terms[i]) && complete;
	return complete;
}

/* Of the blocks that are for documentation alone. */
void spf_sample_strangers(struct spf_sample *sample)
{
	spf_sample_add(sample, "203.0.113.254");
	spf_sample_add(sample, "2001:db8:ffff::fffe");
}

#include "core/record/spf_term.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { IP4_BITS = 32, IP6_BITS = 128, MAPPED_BITS = 96 };

/* ::ffff:0:0/96 */
static const uint8_t mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool bits_equal(const uint8_t *a, const uint8_t *b, int bits)
{
	int rest = bits % 8;

	if (memcmp(a, b, (size_t)bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

/* A prefix that is not written is that of one address. */
static int prefix4(const struct spf_term *term)
{
	return term->prefix4 != SPF_NO_PREFIX ? term->prefix4 : IP4_BITS;
}

static int prefix6(const struct spf_term *term)
{
	return term->prefix6 != SPF_NO_PREFIX ? term->prefix6 : IP6_BITS;
}

static int range_prefix(const struct spf_term *range)
{
	return range->kind == SPF_TERM_IP4 ? prefix4(range) : prefix6(range);
}

bool spf_term_read_address(const char *text, struct spf_address *address)
{
	uint8_t octets[16];

	*address = (struct spf_address){ .size = 4 };
	if (inet_pton(AF_INET, text, address->octets) == 1)
		return true;
	if (inet_pton(AF_INET6, text, octets) != 1)
		return false;
	if (bits_equal(octets, mapped, MAPPED_BITS)) {
		memcpy(address->octets, octets + 12, 4);
		return true;
	}
	memcpy(address->octets, octets, sizeof octets);
	address->size = sizeof octets;
	return true;
}

bool spf_term_is_range(const struct spf_term *term)
{
	return term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;
}

void spf_term_network(const struct spf_address *address, int prefix, struct spf_address *first,
                      struct spf_address *last)
{
	first->size = last->size = address->size;
	for (size_t i = 0; i < address->size; i++) {
		int kept = prefix - 8 * (int)i;
		unsigned mask = kept >= 8 ? 0xffU : kept <= 0 ? 0 : 0xffU << (8 - kept) & 0xffU;

		first->octets[i] = (uint8_t)(address->octets[i] & mask);
		last->octets[i] = (uint8_t)(first->octets[i] | (~mask & 0xffU));
	}
}

void spf_term_edges(const struct spf_term *range, struct spf_address *first,
                    struct spf_address *last)
{
	struct spf_address address = { .size = range->kind == SPF_TERM_IP4 ? 4 : 16 };

	memcpy(address.octets, range->address, sizeof address.octets);
	spf_term_network(&address, range_prefix(range), first, last);
}

bool spf_term_holds(const struct spf_term *range, const struct spf_address *address)
{
	return spf_term_is_range(range) && (range->kind == SPF_TERM_IP4) == (address->size == 4)
	       && bits_equal(range->address, address->octets, range_prefix(range));
}

bool spf_term_may_match(const struct spf_term *term, const struct spf_address *address)
{
	if (spf_term_is_range(term))
		return spf_term_holds(term, address);
	return !spf_record_is_modifier(term->kind) && term->kind != SPF_TERM_BROKEN;
}

static size_t name_length(const char *name)
{
	size_t length = strlen(name);

	return length > 1 && name[length - 1] == '.' ? length - 1 : length;
}

/* A final dot and the case of letters say nothing -- but of a macro the case
 * says how it is escaped (7.3). */
static bool same_name(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (name_length(a) != name_length(b))
		return false;
	if (strchr(a, '%') != NULL)
		return strncmp(a, b, name_length(a)) == 0;
	return strncasecmp(a, b, name_length(a)) == 0;
}

bool spf_term_same(const struct spf_term *a, const struct spf_term *b)
{
	if (a->kind != b->kind || a->kind == SPF_TERM_BROKEN)
		return false;
	if (spf_term_is_range(a))
		return range_prefix(a) == range_prefix(b)
		       && bits_equal(a->address, b->address, range_prefix(a));
	if (a->kind == SPF_TERM_OTHER && strcasecmp(a->name, b->name) != 0)
		return false;
	return same_name(a->domain, b->domain) && prefix4(a) == prefix4(b)
	       && prefix6(a) == prefix6(b);
}

bool spf_term_covers(const struct spf_term *outer, const struct spf_term *inner)
{
	if (outer->kind != inner->kind || spf_record_is_modifier(outer->kind))
		return false;
	if (spf_term_is_range(outer))
		return range_prefix(outer) <= range_prefix(inner)
		       && bits_equal(outer->address, inner->address, range_prefix(outer));
	if (outer->kind == SPF_TERM_A || outer->kind == SPF_TERM_MX)
		return same_name(outer->domain, inner->domain) && prefix4(outer) <= prefix4(inner)
		       && prefix6(outer) <= prefix6(inner);
	return spf_term_same(outer, inner);
}

bool spf_term_is_mapped(const struct spf_term *term)
{
	return term->kind == SPF_TERM_IP6 && range_prefix(term) >= MAPPED_BITS
	       && bits_equal(term->address, mapped, MAPPED_BITS);
}

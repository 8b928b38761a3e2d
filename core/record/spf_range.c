#include "core/record/spf_range.h"

#include <arpa/inet.h>

#include "core/base/words.h"

/*
 * IANA gave whole /8 to single owners until the nineties and never more; the
 * largest allocations of IPv6 to one provider are /19.
 */
enum { WIDE_IP4 = 8, WIDE_IP6 = 19 };

/* Blocks from the special purpose registries (RFC 6890) that no mail server on
 * the Internet has as its address.  An IPv4 client stays one even if the
 * receiver sees ::ffff:192.0.2.1, "mapped" (RFC 7208 section 5). */
static const struct {
	const char *network;
	unsigned bits;
	const char *what;
} reserved[] = {
	{ "0.0.0.0", 8, N_("a network that no host can be in") },
	{ "10.0.0.0", 8, N_("a private network") },
	{ "100.64.0.0", 10, N_("a provider's inner network") },
	{ "127.0.0.0", 8, N_("the loopback network") },
	{ "169.254.0.0", 16, N_("a link-local network") },
	{ "172.16.0.0", 12, N_("a private network") },
	{ "192.0.2.0", 24, N_("a network for documentation") },
	{ "192.168.0.0", 16, N_("a private network") },
	{ "198.18.0.0", 15, N_("a network for measurements") },
	{ "198.51.100.0", 24, N_("a network for documentation") },
	{ "203.0.113.0", 24, N_("a network for documentation") },
	{ "224.0.0.0", 4, N_("a multicast network") },
	{ "240.0.0.0", 4, N_("a network that was never given out") },
	{ "::", 127, N_("the loopback network") },
	{ "::ffff:0:0", 96,
	  N_("an IPv4 address in the form of IPv6, which receivers compare with ip4") },
	{ "2001:db8::", 32, N_("a network for documentation") },
	{ "3fff::", 20, N_("a network for documentation") },
	{ "fc00::", 7, N_("a private network") },
	{ "fe80::", 10, N_("a link-local network") },
	{ "ff00::", 8, N_("a multicast network") },
};

bool spf_range_of(const struct spf_term *term, struct spf_range *range)
{
	bool six = term->kind == SPF_TERM_IP6;
	int prefix = six ? term->prefix6 : term->prefix4;

	*range = (struct spf_range){ .six = six };
	if (!six && term->kind != SPF_TERM_IP4)
		return false;
	range->bits = six ? 128 : 32;
	if (prefix != SPF_NO_PREFIX)
		range->bits = (unsigned)prefix;
	memcpy(range->octets, term->address, six ? 16 : 4);
	return true;
}

/* An octet with only those of its bits that belong to the first `bits` of all. */
static uint8_t octet_within(const uint8_t *octets, size_t i, unsigned bits)
{
	unsigned left = bits > 8 * i ? bits - 8 * (unsigned)i : 0;

	if (left >= 8)
		return octets[i];
	return (uint8_t)(octets[i] & ~(0xffU >> left));
}

bool spf_range_covers(const struct spf_range *outer, const struct spf_range *inner)
{
	if (outer->six != inner->six || outer->bits > inner->bits)
		return false;
	for (size_t i = 0; i < 16; i++)
		if (octet_within(outer->octets, i, outer->bits)
		    != octet_within(inner->octets, i, outer->bits))
			return false;
	return true;
}

const char *spf_range_network(struct arena *arena, const struct spf_range *range)
{
	struct spf_range network = *range;
	char address[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < 16; i++)
		network.octets[i] = octet_within(range->octets, i, range->bits);
	if (memcmp(network.octets, range->octets, 16) == 0)
		return NULL;
	(void)inet_ntop(range->six ? AF_INET6 : AF_INET, network.octets, address, sizeof address);
	return arena_print(arena, "%s/%u", address, range->bits);
}

const char *spf_range_reserved(const struct spf_range *range)
{
	for (size_t i = 0; i < LENGTH(reserved); i++) {
		struct spf_range block = { .six = strchr(reserved[i].network, ':') != NULL,
			                   .bits = reserved[i].bits };

		(void)inet_pton(block.six ? AF_INET6 : AF_INET, reserved[i].network, block.octets);
		if (spf_range_covers(&block, range))
			return reserved[i].what;
	}
	return NULL;
}

bool spf_range_is_wide(bool six, int bits)
{
	return bits != SPF_NO_PREFIX && bits < (six ? WIDE_IP6 : WIDE_IP4);
}

#pragma once

/*
 * spf_range -- the addresses that an ip4 or ip6 term of an SPF record names.
 *
 * Pure, and a value.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/record/spf_record.h"

struct spf_range {
	bool six;
	unsigned bits; /* of the prefix: 32 or 128 is one address */
	uint8_t octets[16];
};

/* False for terms of another kind, and for broken ones. */
bool spf_range_of(const struct spf_term *term, struct spf_range *range);

/* Every address of the inner range is one of the outer. */
bool spf_range_covers(const struct spf_range *outer, const struct spf_range *inner);

/* The network with the bits behind its prefix cleared; NULL when they are. */
const char *spf_range_network(struct arena *arena, const struct spf_range *range);

/* Why mail never comes to a receiver from these addresses, as part of a
 * sentence that is marked for translation ("a private network"); else NULL. */
const char *spf_range_reserved(const struct spf_range *range);

/* No single owner holds so much (ip4 shorter than /8, ip6 shorter than /19). */
bool spf_range_is_wide(bool six, int bits);

#pragma once

/*
 * spf_term -- what two terms of SPF records have to do with each other, and
 * with an address.
 *
 * Pure: looks at texts alone.  Qualifiers play no part here.
 *
 * Owner:   nothing; terms are borrowed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/record/spf_record.h"

/* An address of a client: `size` is 4 or 16 octets. */
struct spf_address {
	uint8_t octets[16];
	size_t size;
};

/* "192.0.2.1", "2001:db8::1"; "::ffff:192.0.2.1" is 192.0.2.1 (RFC 7208 5). */
bool spf_term_read_address(const char *text, struct spf_address *address) CHECKED;

/* ip4 and ip6: the addresses stand in the term itself. */
bool spf_term_is_range(const struct spf_term *term);

/* First and last address of a range. */
void spf_term_edges(const struct spf_term *range, struct spf_address *first,
                    struct spf_address *last);

/* The same with a prefix of our choice, for the hosts of "a/24". */
void spf_term_network(const struct spf_address *address, int prefix, struct spf_address *first,
                      struct spf_address *last);

/* Does the range hold the address? */
bool spf_term_holds(const struct spf_term *range, const struct spf_address *address);

/* May the term match the address?  One that asks DNS always may, "all" does. */
bool spf_term_may_match(const struct spf_term *term, const struct spf_address *address);

/* Do the two name the same thing, however it is spelled? */
bool spf_term_same(const struct spf_term *a, const struct spf_term *b);

/* Does every address that matches `inner` certainly match `outer`? */
bool spf_term_covers(const struct spf_term *outer, const struct spf_term *inner);

/* ip6:::ffff:192.0.2.1 matches nobody: receivers take such a client for IPv4. */
bool spf_term_is_mapped(const struct spf_term *term);

#pragma once

/*
 * reach -- connect to a host by its addresses: which of them answer, and which
 * do not and why.
 *
 * The first that answers is the one we talk to.  One of the other family is
 * knocked at as well, so that a host whose IPv6 is dead does not pass for whole.
 *
 * Owner:   the caller closes reach.wire.
 * Failure: a fault for the host as a whole.
 */

#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/wire/wire.h"

enum { REACH_PATIENCE = 5000, REACH_ADDRESSES = 8 };

struct reach_try {
	const char *address;
	enum wire_fault fault; /* WIRE_GOOD: it answers */
};

struct reach {
	struct wire wire;
	const char *address; /* the one that answered; NULL: none */
	struct reach_try tries[REACH_ADDRESSES];
	size_t count;
};

/* Addresses as a list, for a question. */
struct tree *reach_addresses(const char *const *addresses, size_t count);

/* Connect to "addresses" and "port" of a question. */
enum wire_fault reach_server(struct reach *reach, struct arena *arena, const struct tree *question);

/* Put what was tried into an answer, and read it there. */
void reach_put(const struct reach *reach, struct tree *answer);
const struct reach_try *reach_read(struct arena *arena, const struct tree *answer, size_t *count);

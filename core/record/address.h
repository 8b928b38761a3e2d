#pragma once

/*
 * address -- a sender address: local part and domain, checked and normalised.
 *
 * What passed here may stand in every table we export (relays.md 1): the local
 * part holds only letters, digits and !&'*+/=?^_{|}~.- ; the domain is a name.
 * Both are lower-case: two spellings of one sender are one sender.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT naming the column, counted in characters from 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum { ADDRESS_OCTETS = 254, ADDRESS_LOCAL_OCTETS = 64 };

struct address {
	const char *text;   /* claim@acme.example, A-labels */
	const char *local;  /* claim */
	const char *domain; /* acme.example */
};

bool address_parse(struct arena *arena, const char *text, struct address *address,
                   struct err *err) CHECKED;

/* The same for text that may hold NUL. */
bool address_parse_part(struct arena *arena, const char *text, size_t length,
                        struct address *address, struct err *err) CHECKED;

/* For people: the domain in U-labels. */
const char *address_show(struct arena *arena, const char *address);

#pragma once

/*
 * visibility -- the second phase of a look: those responsible for a zone agree on
 * what was wanted, so do others see it yet?
 *
 * A resolver that remembers an older answer makes the verdict PROPAGATING.  One
 * that fails makes it UNKNOWN: so a validating resolver speaks of signatures that
 * are broken (RFC 4035 5.5), and whoever asks it does not see the record.  One
 * that does not answer in time is our trouble and not the customer's.
 *
 * Owner:   texts live in the inquiry.
 */

#include <stdbool.h>

#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* Does this answer say what the zone says? */
typedef bool (*visibility_fn)(const void *context, const struct dns_answer *answer);

/* Ask every resolver for the TXT of `name`; of a MATCH only.  False: call again. */
bool visibility_check(struct inquiry *inquiry, const char *name, visibility_fn same,
                      const void *context, struct verdict *verdict);

#pragma once

/*
 * site_check -- where does the host of a URL point, as far as DNS says?  The
 * page itself is looked at by domain_probe.h.
 *
 * Owner: texts live in the inquiry.
 */

#include <stdbool.h>

#include "core/model/facts.h"
#include "core/verify/inquiry.h"
#include "core/verify/verdict.h"

/* Addresses of a host by the recursive resolvers, into the verdict; a host that
 * has none is missing.  False: call again. */
bool site_check_addresses(struct inquiry *inquiry, const char *host, struct verdict *verdict);

/* Of a hosted domain: also whether its host is where the provider's hosting
 * domain is.  False: call again. */
bool site_check(struct inquiry *inquiry, const struct facts *facts,
                const struct facts_domain *domain, struct verdict *verdict);

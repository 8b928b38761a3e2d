#pragma once

/*
 * zone -- the records of keys that stand in our own zones, as zone files.
 *
 * Three sorts: the zone behind all CNAMEs (_domainkey.<hosting domain>), one
 * zone for each name that a customer delegated to us, and a fragment with the
 * keys of hosted domains, to be included in the hosting zone.  Without name
 * servers nobody can be told where a zone is, and all are fragments.
 *
 * Pure: from a plan's requirements to text; same requirements, same bytes.
 *
 * Owner:   texts and lists live in the arena that was passed in.
 * Failure: none.
 * Secrets: public halves only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/model/facts.h"
#include "core/model/requirement.h"

struct zone {
	const char *name; /* its apex; of a fragment, the zone it belongs into */
	const char *file; /* "_domainkey.learning.vendor.example.zone", "... .inc" */
	bool fragment;    /* without SOA and NS */
	const struct requirement **records; /* by name */
	size_t count;
	long long serial; /* the caller's; 0 while it is not known */
};

/* The zones that the plan of a whole provider makes necessary, by file name. */
void zone_collect(struct arena *arena, const struct facts *facts,
                  const struct requirement_list *list, struct zone **zones, size_t *count);

/* RFC 1035 5: absolute names, a TTL in each line. */
void zone_render(struct text *out, struct arena *arena, const struct facts *facts,
                 const struct zone *zone);

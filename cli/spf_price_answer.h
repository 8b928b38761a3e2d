#pragma once

/*
 * spf_price_answer -- what spf lint says about the look-ups of a record and of
 * all it includes, for people and for programs.
 *
 * Owner: the caller owns the tree.
 */

#include <stdbool.h>

#include "cli/session.h"
#include "core/plan/spf_price.h"

struct spf_price_scene {
	bool broken; /* receivers read no term of the record: nothing is printed */
	bool ipv6;   /* mail comes from an IPv6 address, as far as we were told */
};

/* The price at worst, and of every branch.  *sound becomes false when receivers
 * stumble somewhere; otherwise it stays as it is. */
struct tree *spf_price_answer(struct session *session, const struct spf_price *price,
                              const struct spf_price_scene *scene, bool *sound);

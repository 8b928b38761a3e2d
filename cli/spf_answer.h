#pragma once

/*
 * spf_answer -- what spf lint says about a record, for people and for programs.
 *
 * Every function prints lines and gives the same as a tree; the caller owns
 * the tree.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/session.h"
#include "core/plan/spf_price.h"
#include "core/record/spf_lint.h"
#include "core/verify/spf_check.h"

/* The record with a mark under every fault, and one line per token.  A map
 * with record, valid, lookups and findings. */
struct tree *spf_answer_findings(struct session *session, const char *text, size_t length,
                                 const struct spf_lint *lint);

struct spf_answer_scene {
	bool broken; /* receivers read no term of the record: nothing is printed */
	bool ipv6;   /* mail comes from an IPv6 address, as far as we were told */
};

/* The price at worst, and of every branch.  *sound becomes false when receivers
 * stumble somewhere; otherwise it stays as it is. */
struct tree *spf_answer_price(struct session *session, const struct spf_price *price,
                              const struct spf_answer_scene *scene, bool *sound);

/* What one relay gets, and what that costs. */
struct tree *spf_answer_relay(struct session *session, const char *address,
                              const struct spf_check_verdict *verdict);

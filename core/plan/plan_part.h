#pragma once

/*
 * plan_part -- what the parts of a plan share: the planner is their one caller,
 * and nobody else looks in here.
 *
 * Owner:   requirements and texts live in the planner's arena.
 * Failure: what asking reports.
 */

#include "core/plan/planner.h"

/* A requirement of this domain (NULL: the provider's own), to be added. */
struct requirement *plan_part_add(struct planner *planner, const struct facts_domain *domain,
                                  enum purpose purpose);

/* Every address our mail comes from. */
const char **plan_part_addresses(struct planner *planner, size_t *count);

/* The TXT records of a name; only with DNS at hand. */
bool plan_part_text(struct planner *planner, const char *name, struct ask_answer *answer,
                    struct err *err) CHECKED;

bool plan_part_is(const char *a, const char *b);
bool plan_part_hosted(const struct facts_domain *domain);

/* The parts. */
bool plan_part_spf(struct planner *planner, const struct facts_domain *domain,
                   struct err *err) CHECKED;
bool plan_part_dkim(struct planner *planner, const struct facts_domain *domain,
                    struct err *err) CHECKED;
bool plan_part_dmarc(struct planner *planner, const struct facts_domain *domain,
                     struct err *err) CHECKED;
void plan_part_bounce(struct planner *planner, const struct facts_domain *domain);

/* The provider's word that it wants DMARC reports about the domain. */
void plan_part_report(struct planner *planner, const struct facts_domain *domain);

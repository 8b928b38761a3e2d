#pragma once

/*
 * look_plan -- what is looked at beside the plan, and is on nobody's sheet: the
 * URLs of senders that are not hosted, and whether replies can come back.
 *
 * All of it is recommended, nothing required.
 *
 * Owner: requirements and texts live in the planner's arena.
 */

#include "core/plan/planner.h"

/* After planner_domain(), for the same domain. */
void look_plan_add(struct planner *planner, const struct facts_domain *domain);

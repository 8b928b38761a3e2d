#pragma once

/*
 * spf_policy -- what a record says about servers that it does not list, in the
 * words of those who must decide it.
 *
 * A choice of the domain's owner: explained here, changed nowhere.
 *
 * Owner:   texts are constant, in the language in force.
 */

#include "core/record/spf_record.h"

struct spf_policy {
	const char *all;         /* "-all", "~all", "?all", "+all", "redirect", "none" */
	const char *explanation; /* one sentence */
};

struct spf_policy spf_policy_of(const struct spf_record *record);

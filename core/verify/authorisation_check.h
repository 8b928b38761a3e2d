#pragma once

/*
 * authorisation_check -- does a domain's SPF record let every relay of ours send?
 *
 * Decided by evaluation for each relay address, never by looking for a word in
 * the record: it may pass without our include, and fail with it.
 */

#include "core/model/facts.h"
#include "core/verify/inquiry.h"
#include "core/verify/spf_worker.h"
#include "core/verify/verdict.h"

/* False: call again. */
bool authorisation_check(struct inquiry *inquiry, struct spf_worker *worker,
                         const struct facts *facts, const struct facts_domain *domain,
                         struct verdict *verdict);

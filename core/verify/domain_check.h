#pragma once

/*
 * domain_check -- look at everything that one sender domain requires.
 *
 * A step of inquiry.h: call it until it is finished, then probe what is not
 * DNS (domain_probe.h).  Changes nothing anywhere.
 *
 * Owner:   the caller's struct; verdicts live in the inquiry.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/facts.h"
#include "core/model/requirement.h"
#include "core/verify/inquiry.h"
#include "core/verify/spf_worker.h"
#include "core/verify/verdict.h"

struct domain_check {
	const struct facts *facts;
	const struct facts_domain *domain;
	const struct requirement *requirements; /* of this domain */
	size_t requirement_count;
	struct spf_worker *worker;
	struct verdict *verdicts; /* NULL before the first step */
	size_t verdict_count;
	int64_t began; /* in ticks: its first step; 0: not yet */
	bool finished; /* false after a run: a mistake of ours */
};

/* For inquiry_run(); the context is a struct domain_check. */
bool domain_check_step(struct inquiry *inquiry, void *context);

/* The TXT record of a key that a requirement of purpose DKIM is about: itself, or
 * where its CNAME leads; NULL when there is none. */
const struct requirement *domain_check_record(const struct domain_check *check,
                                              const struct requirement *requirement);

/* A key that another one still stands in for: its record may be missing
 * without harm to anybody's mail. */
bool domain_check_is_successor(const struct facts_domain *domain, long long key_id);

#pragma once

/*
 * spf_place -- the term that authorises us, brought to where it counts.
 *
 * For spf_merge.
 */

#include "core/plan/spf_draft.h"

/* By the text alone: is every relay let pass already, whatever DNS says (S19)?
 * Without relays only "+all" is enough. */
bool spf_place_needless(const struct spf_draft *draft, const struct spf_merge_wish *wish);

/* S12, S14, S20: correct the term that is there, or insert it. */
void spf_place_term(struct spf_draft *draft, const struct spf_merge_wish *wish,
                    const struct spf_term *wanted);

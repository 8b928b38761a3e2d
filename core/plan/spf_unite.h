#pragma once

/*
 * spf_unite -- several SPF records of one name become one (S2).
 *
 * Together they are a permerror today, so nobody loses by it: whoever one of
 * them lets pass, passes.  What only their owner can decide is refused.
 *
 * For spf_merge.
 */

#include "core/base/attr.h"
#include "core/plan/spf_draft.h"

/* Bring the terms of a further record into the draft; false: refused. */
bool spf_unite(struct spf_draft *draft, const struct spf_record *record) CHECKED;

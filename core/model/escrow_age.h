#pragma once

/*
 * escrow_age -- could a provider's key be brought back, and how long ago was
 * that shown?
 *
 * A split that nobody ever tried is a hope.  So a key whose last drill is half
 * a year old, and an officer who has proved nothing for a year, are concerns.
 *
 * Owner:   trees are the caller's; texts in them are copies.
 * Failure: what db reports.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

enum { ESCROW_AGE_DRILL = 180, ESCROW_AGE_OFFICER = 365 }; /* days */

/* A list of keys, one per provider: "provider", "policy", "kek", "quorum",
 * "officers", "complete_at", "drilled_at", "undrilled_days", "concern".
 * provider_id 0: of all. */
bool escrow_age_keys(struct db *db, struct arena *arena, long long provider_id, struct tree **list,
                     struct err *err) CHECKED;

/* Officers: "provider", "officer", "fingerprint", "state", "added_by",
 * "added_at", "confirmed_by", "proved_at", "silent_days", "concern". */
bool escrow_age_officers(struct db *db, struct arena *arena, long long provider_id, bool retired,
                         struct tree **list, struct err *err) CHECKED;

/* All that is overdue: "subject", "concern", "remedy". */
bool escrow_age_concerns(struct db *db, struct arena *arena, struct tree **list,
                         struct err *err) CHECKED;

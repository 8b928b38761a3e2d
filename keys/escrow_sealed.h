#pragma once

/*
 * escrow_sealed -- everything that is sealed by one KEK, a piece at a time.
 *
 * Owner:   rows live in the arena that was passed in.
 * Failure: what db reports.
 * Secrets: sealed ones only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/key_store.h"
#include "sql/db.h"

enum { ESCROW_SEALED_PIECE = 500 };

struct sealed_keys {
	struct stored_key items[ESCROW_SEALED_PIECE];
	size_t count;
};

/* Those whose ids come after `after`. */
bool escrow_sealed_keys(struct db *db, struct arena *arena, long long provider_id, long long kek_id,
                        long long after, struct sealed_keys *keys, struct err *err) CHECKED;

struct sealed_passwords {
	struct {
		long long smarthost_id;
		struct stored_password password;
	} items[ESCROW_SEALED_PIECE];
	size_t count;
};
bool escrow_sealed_passwords(struct db *db, struct arena *arena, long long provider_id,
                             long long kek_id, long long after_smarthost, long long after_version,
                             struct sealed_passwords *passwords, struct err *err) CHECKED;

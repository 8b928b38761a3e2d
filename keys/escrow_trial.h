#pragma once

/*
 * escrow_trial -- is a key that officers brought back the right one?
 *
 * Owner:   the caller's arena.
 * Failure: ERR_CRYPTO when something does not open or sign.
 * Secrets: private halves while they are tried.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/escrow_store.h"
#include "keys/keyd.h"

/* Which private half signed for it; domain NULL: there is none under this key. */
struct escrow_witness {
	const char *domain;
	const char *selector;
};

/* A recovery into an empty service: a vault with a master key of its own gets
 * the recovered key, opens some private half with it and lets it sign.  The
 * key must also be the one that is in use. */
bool escrow_trial_drill(struct keyd *keyd, struct db *db, struct arena *arena,
                        long long provider_id, const struct stored_kek *kek,
                        const struct secret *recovered, struct escrow_witness *witness,
                        struct err *err) CHECKED;

/* Open everything that a key in our vault seals; *keys and *passwords: how many. */
bool escrow_trial_all(const struct vault *vault, struct db *db, struct arena *arena,
                      long long provider_id, const struct stored_kek *kek, long long *keys,
                      long long *passwords, struct err *err) CHECKED;

/* Let some private half under this key sign. */
bool escrow_trial_sign(struct keyd *keyd, const struct vault *vault, struct db *db,
                       struct arena *arena, long long provider_id, long long kek_id,
                       const struct vault_kek *kek, struct escrow_witness *witness,
                       struct err *err) CHECKED;

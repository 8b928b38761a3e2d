#pragma once

/*
 * escrow_hearing -- what officers answered to a request, heard together.
 *
 * Answers are opened with the request's key, their shares matched with the
 * rows they came from, and combined.  What comes out are the keys themselves,
 * in guarded memory, and who told the truth.
 *
 * Owner:   struct escrow_hearing is dropped by whoever declared it.
 * Failure: ERR_INPUT for files that are no answers to this request; ERR_CRYPTO
 *          when the answers give no key: hearing->suspect says whose; ERR_REFUSED
 *          when too few answered.
 * Secrets: shares and keys, in struct secret.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/escrow_store.h"
#include "keys/keyd.h"

struct escrow_hearing {
	struct vault_request request;
	struct stored_officers officers; /* who was asked; bits below count in this order */
	uint64_t answered;
	uint64_t honest;
	uint64_t suspect;
	struct stored_keks keks;
	struct secret recovered[ESCROW_KEKS]; /* beside keks */
	struct secret shares[ESCROW_OFFICERS];
	size_t share_count[ESCROW_OFFICERS];
};

/* `bytes` are answers, one behind the other. */
bool escrow_hearing_open(struct escrow_hearing *hearing, struct db *db, struct arena *arena,
                         const struct keyd *keyd, long long provider_id, const uint8_t *bytes,
                         size_t size, struct err *err) CHECKED;

/* Bring the keys back; nothing to do for a proof. */
bool escrow_hearing_combine(struct escrow_hearing *hearing, struct db *db, struct arena *arena,
                            const struct keyd *keyd, long long provider_id,
                            struct err *err) CHECKED;

/* "anna, carl" */
const char *escrow_hearing_names(const struct escrow_hearing *hearing, struct arena *arena,
                                 uint64_t members);

void escrow_hearing_drop(struct escrow_hearing *hearing);

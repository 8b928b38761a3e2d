#pragma once

/*
 * bundling -- a bundle for a relay while it is sealed: a portion at a time, so
 * that others are answered in between.
 *
 * A portion is one short read of the database; then its private halves are
 * opened, sealed to the relay and forgotten, one after the other.  What names a
 * key never changes, and what is revoked meanwhile was revoked too late for this
 * bundle, as if it had been a moment after it.
 *
 * Owner:   who began it; drop it in any case.  It has descriptors of its own.
 * Failure: what the database and the vault report; ERR_REFUSED for a key that
 *          no relay may have.  Half a bundle is emptied when it is dropped.
 * Secrets: the key that signs, and the state of the stream, until it is dropped.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "keys/bundle.h"
#include "keys/key_store.h"
#include "keys/vault.h"

struct bundling;

/* What is sealed, and for whom. */
struct bundling_order {
	long long provider_id;
	int manifest_fd;
	int bundle_fd;
	struct bundle_head head;
	uint8_t public_key[IDENTITY_PUBLIC]; /* of the relay */
	struct vault_signer signer;
};

/* Write the head.  The order is copied, its descriptors are duplicated; vault
 * and store must outlive it. */
bool bundling_begin(const struct bundling_order *order, const struct vault *vault,
                    struct key_store *store, struct bundling **bundling, struct err *err) CHECKED;

/* One portion; *over: that was the last, and the file is whole and synced. */
bool bundling_step(struct bundling *bundling, bool *over, struct err *err) CHECKED;

/* "sequence", "entries" and "digest" of the file. */
void bundling_answer(const struct bundling *bundling, struct tree *answer);

/* NULL is fine. */
void bundling_drop(struct bundling *bundling);

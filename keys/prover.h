#pragma once

/*
 * prover -- signs once with a private key, to show that it is whole: a process
 * that never saw the master key.
 *
 * It is forked before any secret is read.  For each signature it forks a
 * child, which lets OpenSSL see the private numbers and ends: what was in its
 * memory is gone with it.
 *
 * Owner:   the service holds one struct prover.
 * Failure: ERR_SYSTEM; ERR_CRYPTO when the key does not sign.
 * Secrets: the private half, borrowed; it passes the kernel and guarded memory.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/helper.h"
#include "keys/signature.h"

struct prover {
	struct helper helper;
};

/* Fork it.  Call before secrets are read, sockets are opened or threads run. */
bool prover_start(struct prover *prover, struct err *err) CHECKED;
void prover_stop(struct prover *prover);

/* Sign something new with the private half, and check it with the public one.
 * Waits: a signature takes milliseconds. */
bool prover_try(const struct prover *prover, enum keypair_kind kind, const struct secret *pkcs8,
                const void *public_key, size_t public_size, struct err *err) CHECKED;

#pragma once

/*
 * unseal -- let senderctl-relay open a bundle into a generation's folder.
 *
 * That program is tiny, knows libsodium and two folders, and is the only one
 * on a relay that ever holds a private key.  It verifies the signature, the
 * relay it was made for, its age and number, and that it belongs to this very
 * tree, before it writes the first file.
 *
 * Failure: what the program says, as ERR_REFUSED.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

struct install_plan;

struct unseal_wish {
	const char *bundle;
	const char *folder;   /* where the files go */
	const char *root;     /* where the last number is kept */
	const char *identity; /* file */
	const char *signer;   /* "sks1:...", or a file that holds it */
	const struct install_plan *plan;
};

/* Make the identity of this machine, or show the one that is there; both texts
 * live in the arena. */
bool unseal_identity(struct arena *arena, const char *file, const char **identity,
                     const char **fingerprint, bool *made, struct err *err) CHECKED;

bool unseal_run(struct arena *arena, const struct unseal_wish *wish, struct err *err) CHECKED;

#pragma once

/*
 * release -- one export, from the snapshot to a folder that can travel.
 *
 * Reads everything in one read-only transaction, renders, records the
 * generation when it is a new one, and lets the key service seal what is
 * secret to the relay:
 *
 *	FOLDER/GENERATION, FOLDER/postfix/..., FOLDER/opendkim-rsa/...
 *	FOLDER/BUNDLE           keys and passwords; only the relay can open it
 *
 * Owner:   texts and trees as said; release_drop() ends it.
 * Failure: ERR_REFUSED for a relay that is retired, runs software we do not
 *          write for, or has no identity to seal to.
 * Secrets: none pass through here.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/export/apply.h"
#include "keys/client.h"

struct release_wish {
	const char *relay;  /* "lms/mx1" */
	const char *root;   /* its folder of generations */
	const char *folder; /* where the files go */
	bool include_unverified;
	bool preview; /* render only: nothing is recorded, nothing sealed */
};

struct release {
	struct generation_relay relay;
	struct apply apply;
	long long number;
	const char *uuid;   /* NULL in a preview of a new one */
	const char *digest; /* hex */
	bool changed;       /* not the same as the relay's last one */
	bool sealed;        /* BUNDLE is there */
	long long senders;
	long long secrets;     /* keys and passwords in the bundle */
	struct tree *files;    /* ["postfix/sender_login", ...] */
	struct tree *withheld; /* [{"client","sender","reason","code"}] */
};

/* `keys` may be NULL in a preview. */
bool release_make(struct db *db, struct keys_client *keys, struct arena *arena,
                  const struct release_wish *wish, struct release *release,
                  struct err *err) CHECKED;

void release_drop(struct release *release);

/* The sentence for a word of export_domain.withheld; for tests, walks them by index. */
const char *release_reason(const char *word);
const char *release_reason_word(size_t index);

#pragma once

/*
 * install -- on the relay: from a delivered folder to the running configuration.
 *
 * The order is what keeps mail flowing: copy into a folder of its own, verify
 * the bundle and unseal it there, compile, read every row back, let OpenDKIM
 * judge its configuration, see that every key file is where the tables say;
 * only then swing `current` by rename, and reload.  If the reload fails, swing
 * back and reload again.  The former generation stays beside the new one.
 *
 *	ROOT/g00000007/         one generation, as exported, with compiled tables
 *	ROOT/current            symbolic link to the one that runs
 *	ROOT/ca/NAME.pem        customers' CA files, put there by the administrator
 *
 * Owner:   texts live in the arena.
 * Failure: ERR_REFUSED when something does not fit; nothing has changed then.
 * Secrets: senderctl-relay, a process of its own, unseals them; we never see one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "keys/digest.h"

enum { INSTALL_FILES = 32 };

/* What GENERATION says. */
struct install_file {
	const char *path;
	unsigned mode;
	unsigned long long size;
	const char *digest; /* hex */
};

struct install_plan {
	const char *relay; /* "lms/mx1" */
	const char *relay_uuid;
	long long number;
	const char *uuid;
	const char *digest; /* hex */
	const char *root;
	struct install_file files[INSTALL_FILES];
	size_t count;
	uint8_t tree[DIGEST_BYTES]; /* of GENERATION itself; the bundle is bound to it */
};

struct install_wish {
	const char *folder;   /* with GENERATION, the files and BUNDLE */
	const char *root;     /* of this relay; NULL: what the plan says */
	const char *identity; /* of this relay: file with its private key */
	const char *signer;   /* file with the public half of who signs bundles */
	const char *reload;   /* command; NULL: Postfix and OpenDKIM as Debian runs them */
	bool no_reload;
};

struct install_report {
	struct install_plan plan;
	bool already;      /* this very generation runs here */
	struct text notes; /* what was not done, and why; one line each */
};

/* Read GENERATION and check every file against it. */
bool install_read(struct arena *arena, const char *folder, struct install_plan *plan,
                  struct err *err) CHECKED;

bool install_run(struct arena *arena, const struct install_wish *wish,
                 struct install_report *report, struct err *err) CHECKED;

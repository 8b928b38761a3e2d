#pragma once

/*
 * relay_files -- put the secrets of a bundle where the mail server reads them.
 *
 * Every file is written beside its place with its final owner and mode,
 * synced, renamed, and its folder synced: a reader sees none or the whole.  A
 * file that exists stays as it is when its content is the same, and is an
 * error when it is not: a selector never changes its key.
 *
 * The folders above are checked like OpenDKIM's RequireSafeKeys does: one that
 * others may write makes every key in it worthless.
 *
 * Owner:   struct relay_files holds a descriptor and a secret; drop it.
 * Failure: ERR_REFUSED, ERR_CONFLICT, ERR_SYSTEM.
 * Secrets: yes; private text exists here only in guarded memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/bundle.h"
#include "keys/secret.h"

struct relay_owner {
	uid_t uid;
	gid_t gid;
	bool set; /* otherwise whoever runs us */
};

struct relay_files {
	int root;
	bool any_parents;
	struct relay_owner owners[BUNDLE_OWNERS];
	size_t written;
	size_t kept; /* were there already */
	/* lines of one file that are still being collected */
	struct secret lines;
	size_t used;
	char path[BUNDLE_PATH];
	enum bundle_owner owner;
	uint32_t mode;
};

/* "signer=opendkim" or "mta=postfix:postfix"; numbers do as well. */
bool relay_files_owner(struct relay_files *files, const char *text, struct err *err) CHECKED;

/* `path` must exist. */
bool relay_files_open(struct relay_files *files, const char *path, struct err *err) CHECKED;

/* A bundle_entry_fn; context is the struct relay_files. */
bool relay_files_entry(struct bundle_entry *entry, void *context, struct err *err) CHECKED;

/* Write what is still collected. */
bool relay_files_end(struct relay_files *files, struct err *err) CHECKED;

void relay_files_drop(struct relay_files *files);

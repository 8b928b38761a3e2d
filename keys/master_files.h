#pragma once

/*
 * master_files -- where the versions of the master key lie.
 *
 *	PATH        the one in force
 *	PATH.2      its successor, from "key master rotate" to "key master retire 1"
 *	PATH.N      any version: an old one comes back this way beside an old dump
 *
 * PATH is a file, or "credential:NAME" for what systemd hands over; nothing is
 * ever written there.  A new version is written under another name, synced and
 * renamed; one that ends is replaced by renaming its successor over it.  At
 * every instant each version that a row may name is whole under its name.
 *
 * Owner:   a value; nothing to drop.
 * Failure: as secret_file and master_key; ERR_REFUSED for a version that should
 *          be written beside a credential.
 * Secrets: pass through, into the vault.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/master_key.h"
#include "keys/vault.h"

enum { MASTER_FILES = VAULT_FORMER + 1, MASTER_PATH = 480, MASTER_NAME = MASTER_PATH + 16 };

struct master_file {
	char name[MASTER_NAME];
	uint32_t version;
	bool locked; /* under a passphrase */
};

struct master_files {
	char path[MASTER_PATH];
	bool credential;
	struct master_file files[MASTER_FILES];
	size_t count;
};

/* What the option says: a path, or "credential:NAME". */
bool master_files_place(struct master_files *files, const char *word, struct err *err) CHECKED;

/* Look what is there; at least one must be. */
bool master_files_look(struct master_files *files, struct err *err) CHECKED;

/* Does one of them want a passphrase? */
bool master_files_locked(const struct master_files *files);

/* Open all of them into an empty vault.  `passphrase` may be NULL. */
bool master_files_open(const struct master_files *files, const struct secret *passphrase,
                       struct vault *vault, struct err *err) CHECKED;

/* Write one more version beside the others, read it back and compare. */
bool master_files_add(struct master_files *files, const struct master_key *master,
                      const struct secret *passphrase, struct err *err) CHECKED;

/* Is this the passphrase of those that want one? */
bool master_files_check(const struct master_files *files, const struct secret *passphrase,
                        struct err *err) CHECKED;

/* A version that nothing names any more goes; the newest takes its name when
 * that was PATH itself.  A credential stays with whoever hands it over. */
bool master_files_remove(struct master_files *files, uint32_t version, struct err *err) CHECKED;

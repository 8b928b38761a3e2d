#pragma once

/*
 * secret_file -- files that hold secrets: only ours to read, never a link.
 *
 * Owner:   descriptors and secrets are the caller's.
 * Failure: ERR_REFUSED for a symlink, something that is no file, a foreign
 *          owner or a wide mode; ERR_NOT_FOUND; ERR_CONFLICT; ERR_SYSTEM.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/secret.h"

/* Everything in it, at most `limit` bytes. */
bool secret_file_read(const char *path, size_t limit, struct secret *content,
                      struct err *err) CHECKED;

/* The same for a credential that systemd hands over: it is root's, and an ACL
 * that lets us read it shows as a bit of its group. */
bool secret_file_read_credential(const char *path, size_t limit, struct secret *content,
                                 struct err *err) CHECKED;

/* A new file; one that exists is ERR_CONFLICT.  Synced before this returns. */
bool secret_file_write(const char *path, mode_t mode, const struct secret *content,
                       struct err *err) CHECKED;

/* What was renamed or removed beside `path` stays so. */
bool secret_file_sync_folder(const char *path, struct err *err) CHECKED;

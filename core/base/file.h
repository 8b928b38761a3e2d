#pragma once

/*
 * file -- read a file whole, write a file whole or not at all.
 *
 * Owner:   bytes read live in the caller's arena; a half-written file belongs
 *          to its struct file_new until commit or drop.
 * Failure: ERR_SYSTEM with the kernel's word; a full disk has its own hint;
 *          ERR_NOT_FOUND when the file to read is not there; ERR_INPUT when it
 *          is not a regular file or larger than allowed.
 * Secrets: do not read them here: an arena is not wiped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

/* All bytes of a regular file of at most `limit` bytes, a NUL behind them. */
bool file_read(const char *path, size_t limit, struct arena *arena, char **bytes, size_t *size,
               struct err *err) CHECKED;

/* A file that others see only once it is complete: written beside its place
 * under another name, synced, then renamed over it. */
struct file_new {
	int fd; /* write here; 0 in an empty struct */
	char *path;
	char *temporary;
};

bool file_new_open(struct file_new *file, const char *path, mode_t mode, struct err *err) CHECKED;
bool file_new_add(struct file_new *file, const void *bytes, size_t size, struct err *err) CHECKED;
bool file_new_commit(struct file_new *file, struct err *err) CHECKED;
/* Forget it; nothing is left behind.  After a commit, or of {0}: nothing. */
void file_new_drop(struct file_new *file);

/* Open, add, commit. */
bool file_write(const char *path, mode_t mode, const void *bytes, size_t size,
                struct err *err) CHECKED;

/* Make a folder with exactly this mode, and those above it (0755) when they
 * are missing.  One that exists already is fine and keeps its mode. */
bool file_folder(const char *path, mode_t mode, struct err *err) CHECKED;

/* Is there anything of that name? */
bool file_exists(const char *path);

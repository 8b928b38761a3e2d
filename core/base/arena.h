#pragma once

/*
 * arena -- memory that lives exactly as long as one command.
 *
 * Everything loaded for a command (rows, names, lists) is taken here and
 * returned in one go.  There is no single free, so there is nothing to leak
 * and nothing to free twice.
 *
 * Owner:   cli/session; everyone else borrows a pointer.
 * Failure: without memory the process ends here, in one place, with status 3.
 * Secrets: never here; they live in keys/secret.
 */

#include <stddef.h>

#include "core/base/attr.h"

struct arena_block;

struct arena {
	struct arena_block *newest;
};

/* Zeroed, suitably aligned bytes. */
void *arena_take(struct arena *arena, size_t size);

/* A private copy of s; NULL stays NULL. */
char *arena_copy(struct arena *arena, const char *s);

/* The first `length` bytes of s, with a NUL behind them. */
char *arena_copy_part(struct arena *arena, const char *s, size_t length);

/* Like asprintf(), with no one to free it. */
char *arena_print(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Give everything back.  The arena is empty and may be used again. */
void arena_reset(struct arena *arena);

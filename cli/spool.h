#pragma once

/*
 * spool -- a list in a JSON answer that may be too long for memory.
 *
 * Items wait in a file without a name until the command has ended well, because
 * an answer is one document or an error, and nobody knows which before the end.
 *
 * Owner:   the session; {0} is the empty list.
 * Failure: ERR_SYSTEM, a full disk.
 */

#include <stddef.h>
#include <stdio.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"

struct spool {
	FILE *file; /* NULL: nothing yet */
	size_t count;
};

/* Put an item at the end; borrows it. */
bool spool_add(struct spool *spool, const struct tree *item, struct err *err) CHECKED;

/* Print the map with the list under this name in it, as one document.  Items stand
 * one in a line. */
bool spool_print(struct spool *spool, const struct tree *map, const char *name, FILE *out,
                 struct err *err) CHECKED;

void spool_drop(struct spool *spool);

#pragma once

/*
 * manifest -- what a caller wants in a bundle, line by line.
 *
 * The format stands in keys/client.h, at keys_make_bundle(): it is part of
 * what callers are promised.
 *
 * Owner:   struct manifest holds a stream; drop it.  The descriptor it was
 *          opened on stays the caller's.
 * Failure: ERR_INPUT with the line number.
 * Secrets: none; a manifest names them.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/bundle.h"

struct manifest {
	FILE *stream;
	int number; /* of the line read last */
	char *line;
	size_t room;
};

struct manifest_line {
	struct uuid uuid;          /* zero for BUNDLE_TEXT */
	struct bundle_entry entry; /* without content */
};

/* From the beginning of a regular file. */
bool manifest_open(struct manifest *manifest, int fd, struct err *err) CHECKED;
void manifest_drop(struct manifest *manifest);

/* The next line; *end at the end. */
bool manifest_next(struct manifest *manifest, struct manifest_line *line, bool *end,
                   struct err *err) CHECKED;

/* Read it all: how many entries, and the digest of the text. */
bool manifest_count(int fd, uint32_t *entries, uint8_t digest[static 32], struct err *err) CHECKED;

#pragma once

/*
 * officer_list -- fingerprints of the officers that root allows.
 *
 * A MAC keeps a writer of the database from making an officer, but not from
 * bringing back a row as it was once.  Where that matters, root keeps a file:
 * one fingerprint on a line, # begins a comment.  Without a file everybody who
 * was confirmed is allowed.
 *
 * Owner:   texts live in the arena of the list.
 * Failure: ERR_REFUSED for a file that others can write; ERR_INPUT with line.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

struct officer_list {
	bool given;
	const char **fingerprints;
	size_t count;
	struct arena arena;
};

bool officer_list_read(struct officer_list *list, const char *path, struct err *err) CHECKED;
bool officer_list_allows(const struct officer_list *list, const char *fingerprint);
void officer_list_drop(struct officer_list *list);

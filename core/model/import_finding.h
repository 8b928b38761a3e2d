#pragma once

/*
 * import_finding -- everything that is wrong with a file, not only the first thing.
 *
 * The first IMPORT_FINDINGS of them are kept with their place, the rest is
 * counted.  A place is "line 17, column 6 "sender"" in CSV and
 * "clients[3].senders[1].address" in JSON.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: none; out of memory ends the process.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/err.h"

enum { IMPORT_FINDINGS = 20 };

struct import_finding {
	const char *place; /* in words; "" for the file as a whole */
	const char *text;  /* the sentence */
	const char *hint;  /* or "" */
};

struct import_findings {
	struct arena *arena;
	const char *file; /* its name as it was given */
	struct import_finding kept[IMPORT_FINDINGS];
	size_t count; /* how many of kept are filled */
	long long total;
};

/* Note what `why` says about a place. */
void import_finding_add(struct import_findings *findings, const char *place, const struct err *why);

/* Turn what was found into an error: the finding itself when it is the only
 * one, else how many there are.  Always returns false. */
bool import_finding_err(const struct import_findings *findings, struct err *err);

/* One finding as a line: "clients.csv: line 3, column 2 "sender": ...". */
const char *import_finding_line(const struct import_findings *findings, size_t index);

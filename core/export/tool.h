#pragma once

/*
 * tool -- run one of the system's programs and listen to what it says.
 *
 * No shell stands between (unless the command is one that the administrator
 * wrote down for it), the environment is ours, and both streams are kept: some
 * of these programs report a broken row on stderr and exit with 0.
 *
 * Owner:   descriptors stay the caller's; the result's texts are the caller's.
 * Failure: ERR_SYSTEM when the program is not there or can't be started; a
 *          status other than 0 is a value, not an error.
 * Secrets: none pass through our memory; stdin may be a file that holds some.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

struct tool_result {
	int status;       /* of exit(); 128 + signal when it was killed */
	struct text said; /* stderr, and stdout unless that went to a descriptor */
};

/* `in` and `out` are descriptors; -1: nothing in, and out is said. */
bool tool_run(const char *const argv[], int in, int out, struct tool_result *result,
              struct err *err) CHECKED;

/* Run it; any status but 0, or (when `silent`) any word, is ERR_REFUSED with
 * the first line of what it said. */
bool tool_must(const char *const argv[], int in, int out, bool silent, struct err *err) CHECKED;

void tool_drop(struct tool_result *result);

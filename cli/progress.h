#pragma once

/*
 * progress -- a bar on the terminal while something takes its time.
 *
 * On standard error, only if that is a terminal; nothing with --json or --quiet.
 *
 * Owner: the command's stack; progress_end() wipes the bar.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/session.h"

struct progress {
	bool shown;
	int64_t next; /* not drawn before, in ticks */
	const char *what;
};

struct progress progress_begin(const struct session *session, const char *what);

/* For callbacks: the context is a struct progress. */
void progress_step(void *progress, size_t done, size_t count);

void progress_end(struct progress *progress);

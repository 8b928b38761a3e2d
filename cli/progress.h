#pragma once

/*
 * progress -- how far a command is, while it takes its time: a line on the
 * terminal, drawn again and again.
 *
 * On standard error, if that is a terminal; nothing with --quiet, and with --json
 * only when the answer goes elsewhere.  Without a terminal nothing, or a line
 * every ten seconds when that is wanted (progress_lines()).
 *
 * Owner: the command's stack; progress_end() wipes the line.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/session.h"

/* One of the things that are counted beside: "missing", 12. */
struct progress_part {
	const char *word;
	size_t count;
};

struct progress {
	bool shown;
	bool lines;   /* no terminal: whole lines, seldom */
	bool drawn;   /* something is to be wiped */
	int64_t next; /* not drawn before, in ticks */
	const char *what;
	const struct progress_part *parts; /* NULL: none */
	size_t part_count;
	/* how fast it goes */
	int64_t began;
	int64_t measured_at;
	size_t measured;
	double per_second;
};

struct progress progress_begin(const struct session *session, const char *what);

/* Lines, where there is no terminal. */
void progress_lines(struct progress *progress);

/* For callbacks: the context is a struct progress. */
void progress_step(void *progress, size_t done, size_t count);

/* Something else is printed now. */
void progress_wipe(struct progress *progress);

void progress_end(struct progress *progress);

/* The line, at most so many columns wide: what matters least is left out. */
void progress_render(const struct progress *progress, size_t done, size_t count, size_t columns,
                     struct text *out);

#pragma once

/*
 * send_window -- how many questions may be under way at one server.
 *
 * Enough to keep a near server busy, from the start.  A far one needs more: what
 * travels does not burden it.  So the window opens while answers come about as
 * quickly as the quickest ever did, which says that nothing queues there, and it
 * closes by half when something was lost.  Nobody is flooded.
 *
 * Owner:   a value of the caller; send_window_begin() makes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEND_WINDOW_LEAST = 64, SEND_WINDOW_MOST = 1024 };

struct send_window {
	size_t size;
	int64_t quickest; /* milliseconds from a question to its answer */
};

struct send_window send_window_begin(void);

/* It took so many milliseconds; `full`: more questions wait to be sent. */
void send_window_answered(struct send_window *window, int64_t took, bool full);

/* No answer came, or one only after the question was repeated. */
void send_window_lost(struct send_window *window);

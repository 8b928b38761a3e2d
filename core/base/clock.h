#pragma once

/*
 * clock -- what time it is, and how to wait.
 *
 * Moments that are stored come from the database, never from here; this is
 * for time stamps on what people read, for deadlines and for waiting.
 */

#include <stdint.h>

#include "core/base/arena.h"

/* Milliseconds that only grow: for deadlines and durations. */
int64_t clock_ticks(void);

/* Seconds since 1970. */
int64_t clock_now(void);

/* Wait that many milliseconds, signals or not. */
void clock_wait(int64_t milliseconds);

/* "14:05", of the reader's own clock; with the date when it is another day. */
const char *clock_render_soon(struct arena *arena, int64_t seconds);

/* "2026-11-22T03:41:20Z" */
const char *clock_render(struct arena *arena, int64_t seconds);

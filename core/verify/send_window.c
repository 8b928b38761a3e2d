#include "core/verify/send_window.h"

enum {
	SLACK = 2 /* so many times the quickest, or milliseconds, is still quick */
};

struct send_window send_window_begin(void)
{
	return (struct send_window){ .size = SEND_WINDOW_LEAST, .quickest = INT64_MAX };
}

/* One more with each answer: a far server's window doubles with each round trip. */
void send_window_answered(struct send_window *window, int64_t took, bool full)
{
	if (took < window->quickest)
		window->quickest = took;
	if (full && window->size < SEND_WINDOW_MOST
	    && (took <= SLACK || took / SLACK <= window->quickest))
		window->size++;
}

void send_window_lost(struct send_window *window)
{
	window->size /= 2;
	if (window->size < SEND_WINDOW_LEAST)
		window->size = SEND_WINDOW_LEAST;
}

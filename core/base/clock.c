#include "core/base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

int64_t clock_ticks(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

void clock_wait(int64_t milliseconds)
{
	struct timespec left = { .tv_sec = milliseconds / 1000,
		                 .tv_nsec = milliseconds % 1000 * 1000000 };

	while (milliseconds > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

const char *clock_render(struct arena *arena, int64_t seconds)
{
	time_t moment = (time_t)seconds;
	struct tm parts;
	char text[32];

	if (gmtime_r(&moment, &parts) == NULL
	    || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return "";
	return arena_copy(arena, text);
}

const char *clock_render_soon(struct arena *arena, int64_t seconds)
{
	time_t moment = (time_t)seconds, now = time(NULL);
	struct tm parts, today;
	char text[32];

	if (localtime_r(&moment, &parts) == NULL || localtime_r(&now, &today) == NULL)
		return "";
	bool same_day = parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday;
	if (strftime(text, sizeof text, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &parts) == 0)
		return "";
	return arena_copy(arena, text);
}

#include "cli/progress.h"

#include <unistd.h>

#include "core/base/clock.h"

enum { WIDTH = 30, REST = 100 /* milliseconds between two drawings */ };

struct progress progress_begin(const struct session *session, const char *what)
{
	return (struct progress){ .shown = !session->options->json && !session->options->quiet
		                           && isatty(STDERR_FILENO),
		                  .what = what };
}

void progress_step(void *context, size_t done, size_t count)
{
	struct progress *progress = context;
	int64_t now = clock_ticks();
	int filled = count > 0 ? (int)(done * WIDTH / count) : WIDTH;

	if (!progress->shown || (now < progress->next && done < count))
		return;
	progress->next = now + REST;
	(void)fprintf(stderr, "\r%s [%.*s%*s] %zu/%zu", progress->what, filled,
	              "##############################", WIDTH - filled, "", done, count);
	(void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		(void)fputs("\r\033[K", stderr);
	progress->shown = false;
}

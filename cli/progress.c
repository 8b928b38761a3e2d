#include "cli/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/conf.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

enum {
	BAR_MOST = 30,
	BAR_LEAST = 8,
	REST = 200,         /* milliseconds between two drawings */
	LINES_REST = 10000, /* and between two lines */
	SETTLED = 10000,    /* before that the rate is the mean from the beginning */
	COLUMNS = 80,       /* of a terminal that does not say */
	DAY = 86400,
};

/* What the line consists of, in this order; a higher rank is given up later. */
enum piece { WHAT, BAR, DONE, RATE, LEFT, PARTS, PIECES };

struct line {
	struct text pieces[PIECES];
	bool taken[PIECES];
	size_t room;
};

struct progress progress_begin(const struct session *session, const char *what)
{
	bool hidden = session->options->quiet || (session->options->json && isatty(STDOUT_FILENO));

	return (struct progress){ .shown = !hidden && isatty(STDERR_FILENO),
		                  .lines = !hidden && !isatty(STDERR_FILENO),
		                  .what = what,
		                  .began = clock_ticks(),
		                  .measured_at = clock_ticks() };
}

void progress_lines(struct progress *progress)
{
	progress->shown = progress->shown || progress->lines;
	progress->next = clock_ticks() + (progress->lines ? LINES_REST : 0);
}

/* ---- the line ---- */

static void add_left(struct text *out, double seconds)
{
	long long left = (long long)(seconds + 0.5);
	char time[48];

	if (left >= DAY)
		return;
	if (left >= 3600)
		(void)snprintf(time, sizeof time, "%lld:%02lld:%02lld", left / 3600, left / 60 % 60,
		               left % 60);
	else
		(void)snprintf(time, sizeof time, "%lld:%02lld", left / 60, left % 60);
	text_addf(out, _("%s left"), time);
}

static void fill(struct line *line, const struct progress *progress, size_t done, size_t count)
{
	text_add(&line->pieces[WHAT], progress->what);
	text_addf(&line->pieces[DONE], "%zu/%zu", done, count);
	if (progress->per_second > 0)
		text_addf(&line->pieces[RATE], progress->per_second < 10 ? "%.1f/s" : "%.0f/s",
		          progress->per_second);
	if (progress->per_second > 0 && done < count)
		add_left(&line->pieces[LEFT], (double)(count - done) / progress->per_second);
	for (size_t i = 0; i < progress->part_count; i++)
		if (progress->parts[i].count > 0)
			text_addf(&line->pieces[PARTS], "%s%s %zu",
			          line->pieces[PARTS].length > 0 ? "  " : "",
			          progress->parts[i].word, progress->parts[i].count);
}

/* Our words need one column for each character. */
static size_t width(const struct text *text)
{
	return text->length > 0 ? utf8_count(text->data, text->length) : 0;
}

static void take(struct line *line, enum piece piece)
{
	size_t wanted = width(&line->pieces[piece]);

	if (wanted > 0)
		wanted += 2;
	if (wanted == 0 || wanted > line->room)
		return;
	line->taken[piece] = true;
	line->room -= wanted;
}

static void add_bar(struct line *line, size_t done, size_t count)
{
	size_t room = line->room > 4 ? line->room - 4 : 0;
	size_t size = room < BAR_MOST ? room : BAR_MOST;
	size_t filled = count > 0 ? done * size / count : size;

	if (size < BAR_LEAST)
		return;
	text_addf(&line->pieces[BAR], "[%.*s%*s]", (int)filled, "##############################",
	          (int)(size - filled), "");
	take(line, BAR);
}

void progress_render(const struct progress *progress, size_t done, size_t count, size_t columns,
                     struct text *out)
{
	static const enum piece ranks[] = { DONE, LEFT, RATE, PARTS, WHAT };
	/* Two blanks stand between two pieces, none behind the last. */
	struct line line = { .room = columns + 2 };
	size_t begin = out->length;

	fill(&line, progress, done, count);
	for (size_t i = 0; i < LENGTH(ranks); i++)
		take(&line, ranks[i]);
	if (!progress->lines)
		add_bar(&line, done, count);
	for (size_t i = 0; i < PIECES; i++) {
		if (line.taken[i])
			text_addf(out, "%s%s", out->length > begin ? "  " : "",
			          line.pieces[i].data);
		text_free(&line.pieces[i]);
	}
}

/* ---- drawing ---- */

/* What the terminal says, else what the environment says. */
static size_t columns(void)
{
	struct winsize size = { 0 };
	const char *said = conf_environment("COLUMNS");
	long number = 0;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	number = said ? strtol(said, NULL, 10) : 0;
	return number > 0 && number < 10000 ? (size_t)number : COLUMNS;
}

/* A mean that forgets what lies back more than some ten seconds. */
static void measure(struct progress *progress, size_t done, int64_t now)
{
	double since = (double)(now - progress->measured_at) / 1000.0;
	double all = (double)(now - progress->began) / 1000.0;

	/* A new count has begun. */
	if (done < progress->measured) {
		progress->began = progress->measured_at = now;
		progress->measured = done;
		progress->per_second = 0;
	}
	if (since <= 0 || now == progress->began)
		return;
	if (now - progress->began <= SETTLED)
		progress->per_second = (double)done / all;
	else
		progress->per_second += since / (10.0 + since)
		                        * ((double)(done - progress->measured) / since
		                           - progress->per_second);
	progress->measured = done;
	progress->measured_at = now;
}

void progress_step(void *context, size_t done, size_t count)
{
	struct progress *progress = context;
	struct text line = { 0 };
	int64_t now = 0;

	if (!progress->shown)
		return;
	now = clock_ticks();
	if (now < progress->next)
		return;
	measure(progress, done, now);
	progress->next = now + (progress->lines ? LINES_REST : REST);
	/* The last column stays free: some terminals begin a new line behind it. */
	progress_render(progress, done, count, progress->lines ? SIZE_MAX - 2 : columns() - 1,
	                &line);
	(void)fprintf(stderr, progress->lines ? "%s\n" : "\r%s\033[K", text_string(&line));
	(void)fflush(stderr);
	text_free(&line);
	progress->drawn = !progress->lines;
}

void progress_wipe(struct progress *progress)
{
	if (progress->drawn)
		(void)fputs("\r\033[K", stderr);
	progress->drawn = false;
}

void progress_end(struct progress *progress)
{
	progress_wipe(progress);
	progress->shown = false;
}

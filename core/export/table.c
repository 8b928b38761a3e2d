#include "core/export/table.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/export/tool.h"

enum { BUFFER = 8192 };

/*
 * A fingerprint of a set of rows, whatever their order: Berkeley DB gives them
 * back in the order of its hash.  FNV-1a per row, summed.  Both sides are our
 * own, so nobody is looking for collisions.
 */
struct rows {
	uint64_t sum;
	unsigned long long count;
};

static void add_row(struct rows *rows, const char *key, const char *value)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *p = key; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	hash = (hash ^ 0xFF) * 1099511628211u;
	for (const char *p = value; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	rows->sum += hash;
	rows->count++;
}

/* A line without its newline; false at the end. */
static bool next_line(FILE *file, char **line, size_t *room)
{
	ssize_t length = getline(line, room, file);

	if (length <= 0)
		return false;
	if ((*line)[length - 1] == '\n')
		(*line)[length - 1] = '\0';
	return true;
}

/*
 * A row may be a password.  So the stream has a buffer of ours, and the line
 * has room from the start: growing, it would leave its beginning in the heap.
 */
bool table_each(const char *path, table_row_fn call, void *context, struct err *err)
{
	char buffer[BUFFER];
	FILE *file = fopen(path, "re");
	size_t room = BUFFER;
	char *line = malloc(room);
	bool ok = (file != NULL && line != NULL) || err_errno(err, _("cannot read %s"), path);

	if (ok)
		(void)setvbuf(file, buffer, _IOFBF, sizeof buffer);
	while (ok && next_line(file, &line, &room)) {
		char *tab = strchr(line, '\t');
		if (line[0] == '#')
			continue;
		if (tab == NULL) {
			ok = err_set(err, ERR_INPUT, _("%s holds a line that is no row"), path);
			break;
		}
		*tab = '\0';
		ok = call(line, tab + 1, context, err);
	}
	if (line != NULL)
		explicit_bzero(line, room);
	free(line);
	if (file != NULL)
		(void)fclose(file);
	explicit_bzero(buffer, sizeof buffer);
	return ok;
}

/* Unnamed, and never on a disk: some rows hold passwords. */
static FILE *unnamed_file(struct err *err)
{
	int fd = memfd_create("rows", MFD_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;

	if (file == NULL) {
		(void)err_errno(err, _("cannot make a file in memory"));
		if (fd >= 0)
			(void)close(fd);
	}
	return file;
}

/* What a compiler or a reader of tables is fed with. */
struct feed {
	FILE *file;
	struct rows rows;
	enum { FEED_KEYS, FEED_PAIRS } what;
};

static bool feed_row(const char *key, const char *value, void *context, struct err *err)
{
	struct feed *feed = context;

	UNUSED(err);
	add_row(&feed->rows, key, value);
	(void)fprintf(feed->file, feed->what == FEED_KEYS ? "%s\n" : "%s\n%s\n", key, value);
	return true;
}

/* An unnamed file with what the source's rows say; ready to be read. */
static bool feed_make(const char *file, struct feed *feed, struct err *err)
{
	feed->file = unnamed_file(err);
	if (feed->file == NULL || !table_each(file, feed_row, feed, err))
		return false;
	if (fflush(feed->file) != 0 || lseek(fileno(feed->file), 0, SEEK_SET) != 0)
		return err_errno(err, _("cannot write a file in memory"));
	return true;
}

static bool count_row(const char *key, const char *value, void *context, struct err *err)
{
	UNUSED(err);
	add_row(context, key, value);
	return true;
}

static bool same_rows(const char *what, const struct rows *in, const struct rows *out,
                      struct err *err)
{
	if (in->count == out->count && in->sum == out->sum)
		return true;
	return err_set(err, ERR_REFUSED, _("%s gives back %llu rows of %llu, or others"), what,
	               out->count, in->count);
}

/* stdout of a program, into an unnamed file. */
static bool answer_of(const char *const argv[], int in, FILE **answer, struct err *err)
{
	*answer = unnamed_file(err);
	if (*answer == NULL || !tool_must(argv, in, fileno(*answer), true, err))
		return false;
	rewind(*answer);
	return true;
}

bool table_make_cdb(struct arena *arena, const char *file, const char *conf, struct err *err)
{
	const char *table = arena_print(arena, "cdb:%s", file);
	struct feed keys = { .what = FEED_KEYS };
	struct rows out = { 0 };
	FILE *answer = NULL;
	bool ok = false;

	if (!tool_must((const char *const[]){ "postmap", "-c", conf, table, NULL }, -1, -1, true,
	               err)
	    || !feed_make(file, &keys, err))
		goto out;
	/* an empty table answers "nothing found" with status 1 */
	if (keys.rows.count > 0) {
		char path[64];
		if (!answer_of((const char *const[]){ "postmap", "-c", conf, "-q", "-", table,
		                                      NULL },
		               fileno(keys.file), &answer, err))
			goto out;
		(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(answer));
		if (!table_each(path, count_row, &out, err))
			goto out;
	}
	ok = same_rows(table, &keys.rows, &out, err);
out:
	if (keys.file != NULL)
		(void)fclose(keys.file);
	if (answer != NULL)
		(void)fclose(answer);
	return ok;
}

/* db5.3_dump -p: after HEADER=END, a line with the key and one with the value,
 * each behind a blank. */
static void read_dump(FILE *file, struct rows *rows)
{
	char *line = NULL, *key = NULL;
	size_t room = 0;
	bool data = false;

	while (next_line(file, &line, &room)) {
		if (strcmp(line, "HEADER=END") == 0) {
			data = true;
		} else if (data && line[0] == ' ' && key == NULL) {
			key = strdup(line + 1);
		} else if (data && line[0] == ' ' && key != NULL) {
			add_row(rows, key, line + 1);
			free(key);
			key = NULL;
		}
	}
	free(key);
	free(line);
}

bool table_make_hash(struct arena *arena, const char *file, struct err *err)
{
	const char *fresh = arena_print(arena, "%s.db.new", file);
	const char *made = arena_print(arena, "%s.db", file);
	struct feed pairs = { .what = FEED_PAIRS };
	struct rows out = { 0 };
	FILE *answer = NULL;
	bool ok = false;

	if (unlink(fresh) != 0 && errno != ENOENT) {
		(void)err_errno(err, _("cannot remove %s"), fresh);
		goto out;
	}
	if (!feed_make(file, &pairs, err)
	    || !tool_must((const char *const[]){ "db5.3_load", "-T", "-t", "hash", fresh, NULL },
	                  fileno(pairs.file), -1, true, err))
		goto out;
	if (!answer_of((const char *const[]){ "db5.3_dump", "-p", fresh, NULL }, -1, &answer, err))
		goto out;
	read_dump(answer, &out);
	if (!same_rows(made, &pairs.rows, &out, err))
		goto out;
	if (chmod(fresh, 0644) != 0 || rename(fresh, made) != 0) {
		(void)err_errno(err, _("cannot write %s"), made);
		goto out;
	}
	ok = true;
out:
	if (pairs.file != NULL)
		(void)fclose(pairs.file);
	if (answer != NULL)
		(void)fclose(answer);
	return ok;
}

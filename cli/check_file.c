#include "cli/check_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"

enum {
	LIMIT = 32 << 20, /* bytes of a file: a million names */
	TOLD_MOST = 50,   /* findings */
};

struct reading {
	struct session *session;
	struct survey *survey;
	struct arena *arena; /* of the line */
	const char *name;    /* of the file, for people */
	size_t line;
	size_t findings;
};

static bool read_all(const char *path, struct text *text, struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char part[65536];
	size_t got = 0;
	bool ok = true;

	if (file == NULL && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, _("there is no file %s"), path);
	if (file == NULL)
		return err_errno(err, _("cannot read %s"), path);
	while (text->length <= LIMIT && (got = fread(part, 1, sizeof part, file)) > 0)
		text_add_bytes(text, part, got);
	if (ferror(file))
		ok = err_errno(err, _("cannot read %s"), path);
	else if (text->length > LIMIT)
		ok = err_set(err, ERR_INPUT, _("%s is larger than %d MB"), path, LIMIT >> 20);
	if (file != stdin)
		(void)fclose(file);
	return ok;
}

static void find(struct reading *reading, const char *token, const struct err *why)
{
	struct session *session = reading->session;
	struct tree *map = NULL;
	struct text line = { 0 };

	if (reading->findings++ >= TOLD_MOST)
		return;
	if (session->findings == NULL)
		session->findings = tree_list();
	map = tree_map();
	text_addf(&line, "%s:%zu: ", reading->name, reading->line);
	if (strstr(why->text, token) == NULL)
		text_addf(&line, "\"%s\": ", token);
	text_add(&line, why->text);
	tree_put_text(map, "line", text_string(&line));
	tree_put_number(map, "place", (long long)reading->line);
	tree_put_text(map, "message", why->text);
	tree_put_text(map, "hint", why->hint[0] != '\0' ? why->hint : NULL);
	tree_push(session->findings, map);
	text_free(&line);
}

static bool look_up(struct reading *reading, const char *token, struct err *err)
{
	struct session *session = reading->session;
	struct scope scope;

	if (!utf8_valid(token, strlen(token)))
		return err_set(err, ERR_INPUT, _("this is not UTF-8 text"));
	if (strpbrk(token, " \t") != NULL) {
		(void)err_set(err, ERR_INPUT, _("more than one word"));
		return err_hint(err, _("one domain or client in each line"));
	}
	return scope_find(session->db, reading->arena, token, &scope, err)
	       && survey_list_add(&reading->survey->list, session->db, &scope, err);
}

/* Is it the line's fault, or can nobody be asked? */
static bool is_finding(const struct err *err)
{
	return err->code == ERR_INPUT || err->code == ERR_USAGE || err->code == ERR_NOT_FOUND
	       || err->code == ERR_CONFLICT;
}

static size_t end_of_word(const char *line, size_t length)
{
	size_t end = 0;

	while (end < length
	       && !(line[end] == '#'
	            && (end == 0 || line[end - 1] == ' ' || line[end - 1] == '\t')))
		end++;
	while (end > 0 && strchr(" \t\r", line[end - 1]) != NULL)
		end--;
	return end;
}

static bool take_line(struct reading *reading, const char *line, size_t length, struct err *err)
{
	struct err why = { 0 };
	size_t blanks = 0;
	const char *token = NULL;

	while (blanks < length && (line[blanks] == ' ' || line[blanks] == '\t'))
		blanks++;
	line += blanks;
	length = end_of_word(line, length - blanks);
	if (length == 0)
		return true;
	token = utf8_plain(reading->arena, line, length < 100 ? length : 100);
	if (memchr(line, '\0', length) != NULL || length > 1024)
		(void)err_set(&why, ERR_INPUT, _("this is not a name"));
	else if (look_up(reading, arena_copy_part(reading->arena, line, length), &why))
		return true;
	if (is_finding(&why)) {
		find(reading, token, &why);
		return true;
	}
	*err = why;
	return false;
}

static bool take_all(struct reading *reading, const char *text, size_t length, struct err *err)
{
	bool ok = true;

	/* An editor's byte order mark says nothing. */
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	while (ok && length > 0) {
		const char *newline = memchr(text, '\n', length);
		size_t line = newline ? (size_t)(newline - text) : length;

		reading->line++;
		ok = take_line(reading, text, line, err);
		arena_reset(reading->arena);
		line += newline != NULL;
		text += line;
		length -= line;
	}
	return ok;
}

static bool say_findings(const struct reading *reading, struct err *err)
{
	const struct tree *first = tree_at(reading->session->findings, 0);
	const char *hint = tree_find_text(first, "hint");

	if (reading->findings == 1) {
		(void)err_set(err, ERR_INPUT, "%s", tree_find_text(first, "line"));
		return hint != NULL ? err_hint(err, "%s", hint) : false;
	}
	(void)err_set(err, ERR_INPUT, _("%s: %zu lines are wrong; nothing was looked at"),
	              reading->name, reading->findings);
	if (reading->findings > TOLD_MOST)
		return err_hint(err, _("the first %d are shown"), TOLD_MOST);
	return false;
}

bool check_file_load(struct session *session, const char *path, struct survey *survey,
                     struct err *err)
{
	struct text text = { 0 };
	struct arena arena = { 0 };
	struct reading reading = { .session = session,
		                   .survey = survey,
		                   .arena = &arena,
		                   .name = strcmp(path, "-") == 0 ? _("standard input") : path };
	bool ok = read_all(path, &text, err) && take_all(&reading, text.data, text.length, err);

	arena_reset(&arena);
	text_free(&text);
	return ok && (reading.findings == 0 || say_findings(&reading, err));
}

#include "cli/print.h"

#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/address.h"
#include "core/record/name.h"

/* Our own colours; everything else that begins with ESC is somebody else's. */
static size_t colour_at(const char *text)
{
	size_t length = 2;

	if (strncmp(text, "\033[", 2) != 0)
		return 0;
	length += strspn(text + 2, "0123456789;");
	return text[length] == 'm' ? length + 1 : 0;
}

/* A terminal obeys control characters, and a reader believes what cannot be seen;
 * what DNS, a mail server or a customer wrote may hold both. */
static void add_harmless(struct text *out, const char *text, bool coloured)
{
	for (size_t octets = 1; *text != '\0'; text += octets) {
		uint32_t point = 0;
		size_t colour = coloured ? colour_at(text) : 0;
		size_t read = utf8_next(text, strlen(text), &point);
		bool bad = read == 0 || utf8_invisible(point)
		           || (utf8_control(point) && point != '\n' && point != '\t');

		octets = colour > 0 ? colour : read > 0 ? read : 1;
		if (colour > 0 || !bad)
			text_add_bytes(out, text, octets);
		for (size_t i = 0; colour == 0 && bad && i < octets; i++)
			text_addf(out, "\\x%02x", (unsigned char)text[i]);
	}
}

void print_flush(struct session *session)
{
	if (session->out.length > 0)
		(void)fwrite(session->out.data, 1, session->out.length, stdout);
	(void)fflush(stdout);
	text_clear(&session->out);
}

void print_line(struct session *session, const char *fmt, ...)
{
	struct arena arena = { 0 }; /* of its own: a long command says a million lines */
	va_list ap, again;

	if (session->options->json || session->options->quiet)
		return;
	va_start(ap, fmt);
	va_copy(again, ap);
	int size = vsnprintf(NULL, 0, fmt, ap);
	char *line = arena_take(&arena, size < 0 ? 1 : (size_t)size + 1);
	if (size > 0)
		(void)vsnprintf(line, (size_t)size + 1, fmt, again);
	va_end(again);
	va_end(ap);
	add_harmless(&session->out, line, *print_plain(session) != '\0');
	text_add_char(&session->out, '\n');
	arena_reset(&arena);
}

void print_raw(struct session *session, const char *text)
{
	if (!session->options->json)
		text_add(&session->out, text);
}

void print_json(struct session *session, struct tree *tree)
{
	tree_drop(session->answer);
	session->answer = tree;
}

/* "a.b" looks into the map under "a". */
static const struct tree *look(const struct tree *map, const char *key)
{
	const char *dot = strchr(key, '.');
	char name[64];

	if (dot == NULL)
		return tree_get(map, key);
	(void)snprintf(name, sizeof name, "%.*s", (int)(dot - key), key);
	return look(tree_get(map, name), dot + 1);
}

static void add_value(struct text *out, const struct tree *value)
{
	if (value == NULL || tree_is_null(value))
		return;
	if (tree_as_text(value) != NULL) {
		add_harmless(out, tree_as_text(value), false);
	} else if (tree_is_list(value)) {
		for (size_t i = 0; i < tree_count(value); i++) {
			if (i > 0)
				text_add(out, ", ");
			add_value(out, tree_at(value, i));
		}
	} else if (tree_as_bool(value, false) || !tree_as_bool(value, true)) {
		text_add(out, tree_as_bool(value, false) ? _("yes") : _("no"));
	} else {
		tree_render(value, false, out);
	}
}

/* People read U-labels; programs get the name as DNS has it. */
static void add_cell(struct session *session, struct text *out, const struct tree *value,
                     enum print_shape shape)
{
	const char *name = value != NULL && !tree_is_null(value) ? tree_as_text(value) : NULL;

	if (shape != PRINT_NAME || name == NULL || strpbrk(name, "/ ") != NULL)
		add_value(out, value);
	else if (strchr(name, '@') != NULL)
		add_harmless(out, address_show(&session->arena, name), false);
	else
		add_harmless(out, name_show(&session->arena, name), false);
}

/* The translation of "" is the catalogue's own header. */
static const char *title_of(const struct print_column *column)
{
	return column->title[0] != '\0' ? _(column->title) : "";
}

static int column_flags(const struct print_column *column)
{
	if (column->shape == PRINT_RIGHT)
		return SCOLS_FL_RIGHT;
	return column->shape == PRINT_WRAP ? SCOLS_FL_WRAP : 0;
}

static void need(int failed)
{
	if (failed == 0)
		return;
	(void)fputs("senderctl: out of memory\n", stderr);
	exit(3);
}

static void fill_line(struct session *session, struct libscols_table *table, const struct tree *row,
                      const struct print_column *columns)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	need(line == NULL);
	for (size_t i = 0; columns[i].key != NULL; i++) {
		struct text cell = { 0 };
		add_cell(session, &cell, look(row, columns[i].key), columns[i].shape);
		need(scols_line_set_data(line, i, text_string(&cell)));
		text_free(&cell);
	}
}

void print_table(struct session *session, const struct tree *list,
                 const struct print_column *columns)
{
	char *shown = NULL;

	if (session->options->json || session->options->quiet || tree_count(list) == 0)
		return;
	struct libscols_table *table = scols_new_table();
	need(table == NULL);
	/* 0 = not a terminal: never cut, never wrap */
	(void)scols_table_set_termforce(table, isatty(STDOUT_FILENO) ? SCOLS_TERMFORCE_AUTO
	                                                             : SCOLS_TERMFORCE_NEVER);
	for (const struct print_column *column = columns; column->key != NULL; column++)
		need(scols_table_new_column(table, title_of(column), 0, column_flags(column))
		     == NULL);
	for (size_t i = 0; i < tree_count(list); i++)
		fill_line(session, table, tree_at(list, i), columns);
	need(scols_print_table_to_string(table, &shown));
	text_add(&session->out, shown);
	text_add_char(&session->out, '\n'); /* libsmartcols leaves the last one out */
	free(shown);
	scols_unref_table(table);
}

void print_list(struct session *session, struct tree *list, const struct print_column *columns)
{
	if (tree_count(list) == 0)
		print_line(session, "%s", _("nothing to show"));
	print_table(session, list, columns);
	print_json(session, list);
}

void print_map(struct session *session, struct tree *map, const struct print_column *columns)
{
	size_t widest = 0;

	for (const struct print_column *column = columns; column->key != NULL; column++) {
		size_t width = 0;
		for (const char *p = title_of(column); *p != '\0'; p++)
			width += ((unsigned char)*p & 0xC0) != 0x80;
		widest = width > widest ? width : widest;
	}
	for (const struct print_column *column = columns;
	     column->key != NULL && !session->options->json && !session->options->quiet; column++) {
		struct text value = { 0 };
		size_t width = 0;
		add_cell(session, &value, look(map, column->key), column->shape);
		for (const char *p = title_of(column); *p != '\0'; p++)
			width += ((unsigned char)*p & 0xC0) != 0x80;
		if (value.length > 0)
			text_addf(&session->out, "%s%s%s%*s  %s\n", print_bold(session),
			          title_of(column), print_plain(session), (int)(widest - width), "",
			          value.data);
		text_free(&value);
	}
	print_json(session, map);
}

static const char *when_colored(const struct session *session, const char *escape)
{
	return session->color ? escape : "";
}

const char *print_green(const struct session *session)
{
	return when_colored(session, "\x1b[32m");
}

const char *print_red(const struct session *session)
{
	return when_colored(session, "\x1b[31m");
}

const char *print_yellow(const struct session *session)
{
	return when_colored(session, "\x1b[33m");
}

const char *print_bold(const struct session *session)
{
	return when_colored(session, "\x1b[1m");
}

const char *print_plain(const struct session *session)
{
	return when_colored(session, "\x1b[0m");
}

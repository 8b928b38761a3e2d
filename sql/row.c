#include "sql/db.h"

#include <stdlib.h>
#include <string.h>

/* What the text of a column means. */

bool row_is_null(const struct row *row, const char *column)
{
	return row_text(row, column) == NULL;
}

long long row_number(const struct row *row, const char *column)
{
	const char *text = row_text(row, column);

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

bool row_bool(const struct row *row, const char *column)
{
	const char *text = row_text(row, column);

	return text != NULL && text[0] == 't';
}

/* One item of an array literal, unquoted; *at moves behind it. */
static const char *list_item(const char **at, struct arena *arena)
{
	const char *p = *at;
	char *item = arena_take(arena, strlen(p) + 1);
	size_t length = 0;
	bool quoted = *p == '"';

	if (quoted)
		p++;
	while (*p != '\0' && (quoted ? *p != '"' : *p != ',' && *p != '}')) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		item[length++] = *p++;
	}
	if (quoted && *p == '"')
		p++;
	if (*p == ',')
		p++;
	*at = p;
	return item;
}

const char **row_list(const struct row *row, const char *column, struct arena *arena)
{
	const char *text = row_text(row, column);
	size_t room = 2;

	for (const char *p = text; p != NULL && *p != '\0'; p++)
		room += *p == ',';
	const char **items = arena_take(arena, room * sizeof *items);
	size_t count = 0;
	if (text != NULL && text[0] == '{')
		for (text++; *text != '}' && *text != '\0' && count + 1 < room;)
			items[count++] = list_item(&text, arena);
	return items;
}

const unsigned char *row_bytes(const struct row *row, const char *column, struct arena *arena,
                               size_t *size)
{
	const char *text = row_text(row, column);

	*size = 0;
	if (text == NULL || text[0] != '\\' || text[1] != 'x')
		return NULL;
	text += 2;
	size_t length = strlen(text) / 2;
	unsigned char *bytes = arena_take(arena, length + 1);
	for (size_t i = 0; i < length; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	*size = length;
	return bytes;
}

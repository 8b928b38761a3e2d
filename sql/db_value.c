#include "sql/db.h"

#include <string.h>

#include "core/base/text.h"

/* How a value is written for the server. */

const char *db_number(struct arena *arena, long long number)
{
	return arena_print(arena, "%lld", number);
}

const char *db_bytes(struct arena *arena, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;
	char *text = arena_take(arena, 2 * size + 3);

	text[0] = '\\';
	text[1] = 'x';
	for (size_t i = 0; i < size; i++) {
		text[2 + 2 * i] = digits[from[i] >> 4];
		text[3 + 2 * i] = digits[from[i] & 15];
	}
	return text;
}

const char *db_bool(bool value)
{
	return value ? "t" : "f";
}

const char *db_list(struct arena *arena, const char *const items[], size_t count)
{
	struct text out = { 0 };

	text_add(&out, "{");
	for (size_t i = 0; i < count; i++) {
		text_add(&out, i > 0 ? ",\"" : "\"");
		for (const char *p = items[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				text_add_char(&out, '\\');
			text_add_char(&out, *p);
		}
		text_add(&out, "\"");
	}
	text_add(&out, "}");
	const char *made = arena_copy(arena, text_string(&out));
	text_free(&out);
	return made;
}

#include "core/record/zone_text.h"

#include <string.h>

/* How long the next string is. */
static size_t cut(const char *value, size_t left)
{
	if (left <= ZONE_TEXT_STRING)
		return left;
	/* A blank in the second half is near enough: SPF terms and tags are
	 * short.  A key has none, and may be cut anywhere. */
	for (size_t at = ZONE_TEXT_STRING; at > ZONE_TEXT_STRING / 2; at--)
		if (value[at - 1] == ' ')
			return at;
	return ZONE_TEXT_STRING;
}

const char **zone_text_split(struct arena *arena, const char *value, size_t *count)
{
	size_t left = strlen(value), found = 0;
	const char **strings = arena_take(arena,
	                                  (left / (ZONE_TEXT_STRING / 2) + 2) * sizeof *strings);

	do {
		size_t length = cut(value, left);
		strings[found++] = arena_copy_part(arena, value, length);
		value += length;
		left -= length;
	} while (left > 0);
	if (count != NULL)
		*count = found;
	return strings;
}

void zone_text_quote(struct text *out, const char *value)
{
	text_add_char(out, '"');
	for (const char *p = value; *p != '\0'; p++) {
		unsigned char byte = (unsigned char)*p;
		if (byte == '"' || byte == '\\')
			text_addf(out, "\\%c", byte);
		else if (byte < 0x20 || byte > 0x7e)
			text_addf(out, "\\%03u", (unsigned)byte);
		else
			text_add_char(out, *p);
	}
	text_add_char(out, '"');
}

void zone_text_line(struct text *out, struct arena *arena, const char *name, long ttl,
                    const char *type, const char *value)
{
	text_addf(out, "%s. %ld IN %s", name, ttl, type);
	if (strcmp(type, "TXT") == 0) {
		const char **strings = zone_text_split(arena, value, NULL);
		for (; *strings != NULL; strings++) {
			text_add_char(out, ' ');
			zone_text_quote(out, *strings);
		}
	} else {
		text_addf(out, " %s", value);
		if (strcmp(type, "A") != 0 && strcmp(type, "AAAA") != 0)
			text_add_char(out, '.');
	}
	text_add_char(out, '\n');
}

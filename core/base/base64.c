#include "core/base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_render(struct text *out, const void *octets, size_t size)
{
	const uint8_t *in = octets;

	for (; size > 0; in += 3, size -= size < 3 ? size : 3) {
		uint32_t group = (uint32_t)in[0] << 16 | (size > 1 ? (uint32_t)in[1] << 8 : 0)
		                 | (size > 2 ? in[2] : 0);
		text_add_char(out, letters[group >> 18]);
		text_add_char(out, letters[group >> 12 & 63]);
		text_add_char(out, size > 1 ? letters[group >> 6 & 63] : '=');
		text_add_char(out, size > 2 ? letters[group & 63] : '=');
	}
}

/* The six bits of a letter; -1 for anything else. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_parse(struct arena *arena, const char *text, size_t length, const uint8_t **octets,
                  size_t *size)
{
	uint8_t *out = arena_take(arena, length / 4 * 3 + 3);
	uint32_t group = 0;
	size_t have = 0, count = 0, padding = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n')
			continue;
		if (text[i] == '=') {
			padding++;
			continue;
		}
		int value = value_of(text[i]);
		if (value < 0 || padding > 0)
			return false;
		group = group << 6 | (uint32_t)value;
		if (++have == 4) {
			out[count++] = (uint8_t)(group >> 16);
			out[count++] = (uint8_t)(group >> 8);
			out[count++] = (uint8_t)group;
			group = 0;
			have = 0;
		}
	}
	/* One letter alone is six bits: no octet.  Bits left over must be zero,
	 * else two texts would stand for the same key. */
	if (have == 1 || (padding > 0 && (have == 0 || have + padding != 4)))
		return false;
	if (have == 2) {
		if ((group & 15) != 0)
			return false;
		out[count++] = (uint8_t)(group >> 4);
	} else if (have == 3) {
		if ((group & 3) != 0)
			return false;
		out[count++] = (uint8_t)(group >> 10);
		out[count++] = (uint8_t)(group >> 2);
	}
	*octets = out;
	*size = count;
	return true;
}

#include "core/base/base64.h"

#include <string.h>

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

/* The six bits of a letter, and one more so that 0 is no letter. */
static const uint8_t values[UINT8_MAX + 1] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
	['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};

bool base64_parse(struct arena *arena, const char *text, size_t length, const uint8_t **octets,
                  size_t *size)
{
	uint8_t *out = arena_take(arena, length / 4 * 3 + 3);
	uint32_t group = 0;
	size_t have = 0, count = 0, padding = 0;

	for (size_t i = 0; i < length; i++) {
		uint32_t value = values[(uint8_t)text[i]];

		if (value == 0) {
			if (text[i] == '=')
				padding++;
			else if (!strchr(" \t\r\n", text[i]) || text[i] == '\0')
				return false;
			continue;
		}
		if (padding > 0)
			return false;
		group = group << 6 | (value - 1);
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

#include "keys/hex.h"

static const char digits[] = "0123456789abcdef";

void hex_render(const void *bytes, size_t size, char *text)
{
	const unsigned char *from = bytes;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[from[i] >> 4];
		text[2 * i + 1] = digits[from[i] & 15];
	}
	text[2 * size] = '\0';
}

bool hex_parse(const char *text, unsigned char *bytes, size_t room, size_t *size)
{
	size_t length = strlen(text);

	if (length % 2 != 0 || length / 2 > room)
		return false;
	for (size_t i = 0; i < length; i++) {
		const char *at = strchr(digits, text[i]);
		if (at == NULL)
			return false;
		unsigned value = (unsigned)(at - digits);
		bytes[i / 2] = (unsigned char)(i % 2 == 0 ? value << 4 : bytes[i / 2] | value);
	}
	*size = length / 2;
	return true;
}

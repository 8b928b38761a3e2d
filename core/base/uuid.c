#include "core/base/uuid.h"

#include <sys/random.h>

#include "core/base/words.h"

struct uuid uuid_make(void)
{
	struct uuid uuid;

	if (getrandom(uuid.bytes, sizeof uuid.bytes, 0) != (ssize_t)sizeof uuid.bytes) {
		(void)fputs("senderctl: the kernel has no random bytes\n", stderr);
		abort();
	}
	uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x40);
	uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
	return uuid;
}

static int nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char lower = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	const char *at = c != '\0' ? strchr(digits, lower) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

bool uuid_parse(const char *text, struct uuid *uuid, struct err *err)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t digits = 0;

	if (text == NULL || strlen(text) != sizeof shape - 1)
		return err_set(err, ERR_INPUT, _("\"%s\" is not a UUID"), text != NULL ? text : "");
	for (size_t i = 0; shape[i] != '\0'; i++) {
		int value = nibble(text[i]);
		if (shape[i] == '-' ? text[i] != '-' : value < 0)
			return err_set(err, ERR_INPUT, _("\"%s\" is not a UUID"), text);
		if (shape[i] == '-')
			continue;
		uint8_t *byte = &uuid->bytes[digits++ / 2];
		*byte = (uint8_t)((*byte << 4) | value);
	}
	return true;
}

void uuid_render(const struct uuid *uuid, char text[static UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		text[at++] = digits[uuid->bytes[i] >> 4];
		text[at++] = digits[uuid->bytes[i] & 15];
	}
	text[at] = '\0';
}

bool uuid_same(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->bytes, b->bytes, UUID_BYTES) == 0;
}

#include "core/base/utf8.h"

#include <string.h>

#include "core/base/attr.h"

size_t utf8_next(const char *text, size_t length, uint32_t *point)
{
	if (length == 0)
		return 0;
	unsigned char first = (unsigned char)text[0];
	if (first < 0x80) {
		*point = first;
		return 1;
	}
	size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first < 0xC2 || first > 0xF4 || length < size)
		return 0;
	uint32_t value = first & (0x7Fu >> size);
	for (size_t i = 1; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];
		if ((byte & 0xC0) != 0x80)
			return 0;
		value = value << 6 | (byte & 0x3Fu);
	}
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*point = value;
	return size;
}

bool utf8_valid(const char *text, size_t length)
{
	uint32_t point;

	while (length > 0) {
		size_t size = utf8_next(text, length, &point);
		if (size == 0)
			return false;
		text += size;
		length -= size;
	}
	return true;
}

size_t utf8_cut(const char *text, size_t length, size_t most)
{
	if (length <= most)
		return length;
	while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

size_t utf8_count(const char *text, size_t length)
{
	size_t count = 0;
	uint32_t point;

	while (length > 0) {
		size_t size = utf8_next(text, length, &point);
		if (size == 0)
			size = 1;
		text += size;
		length -= size;
		count++;
	}
	return count;
}

size_t utf8_put(char out[4], uint32_t point)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t size = point >= 0x10000 ? 4 : point >= 0x800 ? 3 : 2;
	for (size_t i = size - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3F));
		point >>= 6;
	}
	static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	out[0] = (char)(lead[size] | point);
	return size;
}

bool utf8_invisible(uint32_t point)
{
	static const struct {
		uint32_t from, to;
	} ranges[] = {
		{ 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C },   { 0x115F, 0x1160 },
		{ 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F },   { 0x2028, 0x202E },
		{ 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
		{ 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xE0000, 0xE0FFF },
	};

	for (size_t i = 0; i < LENGTH(ranges); i++)
		if (point >= ranges[i].from && point <= ranges[i].to)
			return true;
	return false;
}

bool utf8_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7F && point <= 0x9F);
}

const char *utf8_plain(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, length + 1);
	size_t used = 0;

	for (size_t at = 0; at < length;) {
		uint32_t point = 0;
		size_t octets = utf8_next(text + at, length - at, &point);

		if (octets == 0 || utf8_control(point) || utf8_invisible(point)) {
			copy[used++] = '?';
			at += octets > 0 ? octets : 1;
			continue;
		}
		memcpy(copy + used, text + at, octets);
		used += octets;
		at += octets;
	}
	return copy;
}

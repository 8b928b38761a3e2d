#include "core/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_reserve(struct text *text, size_t more)
{
	size_t need = text->length + more + 1;

	if (need <= text->room)
		return;
	size_t room = need > 2 * text->room ? need : 2 * text->room;
	char *grown = realloc(text->data, room);
	if (grown == NULL) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	text->data = grown;
	text->room = room;
}

void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
	text_reserve(text, size);
	if (size > 0)
		memcpy(text->data + text->length, bytes, size);
	text->length += size;
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const char *s)
{
	text_add_bytes(text, s, strlen(s));
}

void text_add_char(struct text *text, char c)
{
	text_add_bytes(text, &c, 1);
}

void text_addf(struct text *text, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int size = vsnprintf(NULL, 0, fmt, ap);
	if (size > 0) {
		text_reserve(text, (size_t)size);
		(void)vsnprintf(text->data + text->length, (size_t)size + 1, fmt, again);
		text->length += (size_t)size;
	}
	va_end(again);
	va_end(ap);
}

const char *text_string(const struct text *text)
{
	return text->data != NULL ? text->data : "";
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

#define ERR_ITSELF
#include "core/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/utf8.h"

/* One row per code.  Words and statuses are promised to scripts: add, never change. */
static const struct {
	const char *word;
	int exit_status;
} kinds[ERR_CODES] = {
	[ERR_NONE] = { "ok", 0 },           [ERR_USAGE] = { "usage", 2 },
	[ERR_INPUT] = { "input", 2 },       [ERR_NOT_FOUND] = { "not-found", 4 },
	[ERR_CONFLICT] = { "conflict", 4 }, [ERR_REFUSED] = { "refused", 4 },
	[ERR_DENIED] = { "denied", 4 },     [ERR_CRYPTO] = { "crypto", 4 },
	[ERR_AGAIN] = { "busy", 3 },        [ERR_DATABASE] = { "database", 3 },
	[ERR_KEYS] = { "keys", 3 },         [ERR_DNS] = { "dns", 3 },
	[ERR_SYSTEM] = { "system", 3 },
};

/* snprintf() may have cut a UTF-8 character in half; foreign words may be no
 * UTF-8 at all, or hold terminal controls.  None of it leaves this file. */
static void clean(char *text, size_t room)
{
	size_t length = strlen(text);

	if (length == room - 1) {
		/* back to the beginning of the last character, unless it is whole */
		size_t begin = length - 1;
		uint32_t point;
		while (begin > 0 && ((unsigned char)text[begin] & 0xC0) == 0x80)
			begin--;
		if (utf8_next(text + begin, length - begin, &point) == 0)
			text[begin] = '\0';
	}
	const char *end = text + strlen(text);
	for (char *p = text; p < end;) {
		uint32_t point;
		size_t size = utf8_next(p, (size_t)(end - p), &point);
		if (size == 0 || *p == 0x7F || (unsigned char)*p < 0x20)
			*p = '?';
		p += size > 0 ? size : 1;
	}
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	clean(err->text, sizeof err->text);
	return false;
}

bool err_errno(struct err *err, const char *fmt, ...)
{
	int number = errno;
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	return err_set(err, ERR_SYSTEM, "%s: %s", what, strerror(number));
}

bool err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err->hint, sizeof err->hint, fmt, ap);
	va_end(ap);
	clean(err->hint, sizeof err->hint);
	return false;
}

bool err_within(struct err *err, const char *fmt, ...)
{
	char where[384];
	char whole[sizeof where + sizeof err->text + 2];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(where, sizeof where, fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof whole, "%s: %s", where, err->text);
	memcpy(err->text, whole, sizeof err->text - 1);
	err->text[sizeof err->text - 1] = '\0';
	clean(err->text, sizeof err->text);
	return false;
}

const char *err_word(enum err_code code)
{
	return kinds[code].word;
}

int err_exit_status(enum err_code code)
{
	return kinds[code].exit_status;
}

#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>

static const char *speaker = "senderctl";
static enum log_level loudest = LOG_LEVEL_INFO;

void log_setup(const char *program, enum log_level up_to)
{
	speaker = program;
	loudest = up_to;
}

static void say(enum log_level level, const char *subject, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void say(enum log_level level, const char *subject, const char *fmt, va_list ap)
{
	char line[1024];
	int used = snprintf(line, sizeof line, "%s: ", subject);

	if (level > loudest)
		return;
	if (used > 0 && (size_t)used < sizeof line)
		(void)vsnprintf(line + used, sizeof line - (size_t)used, fmt, ap);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	(void)fprintf(stderr, "%s: %s\n", speaker, line);
}

void log_error(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_ERROR, subject, fmt, ap);
	va_end(ap);
}

void log_warn(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_WARN, subject, fmt, ap);
	va_end(ap);
}

void log_info(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_INFO, subject, fmt, ap);
	va_end(ap);
}

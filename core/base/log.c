#include "core/base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <syslog.h>

static const char *speaker = "senderctl";
static enum log_level loudest = LOG_LEVEL_INFO;
static bool syslog_open;

static const int priorities[LOG_LEVELS] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARN] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

void log_setup(const char *program, enum log_level up_to)
{
	speaker = program;
	loudest = up_to;
}

void log_to_syslog(void)
{
	openlog(speaker, LOG_PID, LOG_DAEMON);
	syslog_open = true;
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
	if (syslog_open)
		syslog(priorities[level], "%s", line);
	else
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

void log_debug(const char *subject, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOG_LEVEL_DEBUG, subject, fmt, ap);
	va_end(ap);
}

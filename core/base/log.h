#pragma once

/*
 * log -- one line for the machine room: subject first, then one fact.
 *
 * Services write here; commands answer on standard output instead.  Goes to
 * standard error.  No function logs and returns an error: whoever ends the
 * error logs it.
 *
 * Safety:  control characters that came with foreign text leave as '?'.
 * Secrets: never pass one.
 */

#include "core/base/attr.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO };

/* Who speaks, and how much is said. */
void log_setup(const char *program, enum log_level up_to);

void log_error(const char *subject, const char *fmt, ...) PRINTF_LIKE(2, 3);
void log_warn(const char *subject, const char *fmt, ...) PRINTF_LIKE(2, 3);
void log_info(const char *subject, const char *fmt, ...) PRINTF_LIKE(2, 3);

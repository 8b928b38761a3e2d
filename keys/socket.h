#pragma once

/*
 * socket -- where the key service is asked.
 *
 * Failure: ERR_CONFLICT when another service answers there; ERR_USAGE for a
 *          name that is too long or a group that is none; ERR_SYSTEM.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"

/* Listen at `path`; `group` may connect (NULL: only our own user). */
bool socket_listen(const char *path, const char *group, int *listening, struct err *err) CHECKED;

#pragma once

/*
 * key_zone -- the serial of a zone that we write.
 *
 * It grows when the content does, and never else.
 *
 * Failure: what db reports.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

/* Within a writing transaction of the caller's; `digest` is of the content without the serial. */
bool key_zone_serial(struct db *db, long long provider_id, const char *name, const char *digest,
                     long long *serial, bool *changed, struct err *err) CHECKED;

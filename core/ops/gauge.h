#pragma once

/*
 * gauge -- how the fleet is, as a text file for Prometheus' node exporter.
 *
 * Format: the text exposition format, version 0.0.4.  The file is replaced as
 * a whole.
 *
 * Failure: what db and file report.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

/* `faults`: internal errors of this monitor so far. */
bool gauge_write(struct db *db, const char *path, long long faults, struct err *err) CHECKED;

#pragma once

/*
 * report -- the customer says that the records of a domain are set.
 *
 * Failure: what db reports.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/facts.h"
#include "core/model/scope.h"
#include "sql/db.h"

/* One report for each domain of `facts`, and one event for the whole. */
bool report_add(struct db *db, const struct scope *scope, const struct facts *facts,
                const char *note, struct err *err) CHECKED;

#pragma once

/*
 * sheet_delta -- what a newer sheet asks for that an older one did not.
 *
 * Owner:   the caller drops the list.
 * Failure: ERR_INPUT when a model cannot be read.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"

/* Two models as JSON -> [{"change":"added|removed|changed","domain","action",
 * "name","type","value","before"}].  A record is known by domain, name, type
 * and selector; several of the same are told apart by value. */
bool sheet_delta(const char *older, const char *newer, struct tree **delta,
                 struct err *err) CHECKED;

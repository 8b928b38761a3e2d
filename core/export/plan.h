#pragma once

/*
 * plan -- what an export would change: a rendered folder against one on disk.
 *
 * First lines are left out: they hold the number of the generation, and nobody
 * wants to see them.  Files with secrets are not compared; they are not there.
 *
 * Owner:   the list is the caller's.
 * Failure: ERR_SYSTEM.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/tree.h"

/* *changes gets a list of
 * {"file","change": "new|changed|removed|same","added":N,"removed":N}; `lines`,
 * when given, the changed rows themselves, as diff -U0 shows them. */
bool plan_compare(struct arena *arena, const char *old, const char *fresh, struct tree **changes,
                  struct text *lines, bool *differs, struct err *err) CHECKED;

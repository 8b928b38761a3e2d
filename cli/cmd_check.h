#pragma once

/*
 * cmd_check -- look at domains and say what was found: for `check`, and for
 * `report-done`, which begins with the first look.
 */

#include "cli/session.h"
#include "core/base/attr.h"
#include "core/ops/checkup.h"

/* Look at all of them, store it unless --dry-run, say it; the JSON of each
 * domain is added to `domains`.  What is asked and said for some domains at a
 * time, so that a hundred thousand need no more memory than a few hundred. */
bool cmd_check_all(struct session *session, struct checkup *checkup, struct tree *domains,
                   struct err *err) CHECKED;

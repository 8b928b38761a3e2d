#pragma once

/*
 * complaint -- the schema's rules, in sentences a person understands.
 *
 * Every named constraint that a user can run into has a row in complaint.c:
 * the constraint's name, a sentence, a hint.  Functions of the schema refuse
 * with RAISE ... USING ERRCODE = 'SC001', CONSTRAINT = 'name' and are rows too.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/* Turn what the server said into an error; always returns false.  `state` is
 * the SQLSTATE, `rule` the constraint's name or NULL, `what` the statement. */
bool complaint_set(struct err *err, const char *state, const char *rule, const char *what,
                   const char *primary);

/* The rule's name for the rows of the table; NULL ends it (tests walk it). */
const char *complaint_rule(size_t index);

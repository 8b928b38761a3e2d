#pragma once

/*
 * child -- run a program with a text on its standard input, and wait for its
 * end, not for ever.
 *
 * No shell; an environment made new; descriptors of ours are not passed on.
 * Unlike service.h it leaves setgid programs their rights: sendmail is one.
 *
 * Failure: ERR_SYSTEM, with the last line that the program said.
 * Secrets: none on the command line; what is written to the program's input is
 *          seen by nobody else.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"

/* `argv` ends with NULL; argv[0] is the program's path.  Anything but exit
 * status 0, or more than `milliseconds`, is a failure. */
bool child_run(const char *const argv[], const char *input, size_t size, int milliseconds,
               struct err *err) CHECKED;

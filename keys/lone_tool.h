#pragma once

/*
 * lone_tool -- how a program begins and ends that works alone with secrets, on the
 * machine of an officer or a relay.
 *
 * Failure: what harden_process(), secret_setup() or selfcheck_run() report.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"

/* Before the first secret. */
bool lone_tool_begin(struct err *err) CHECKED;

/* The exit status; what failed is said on stderr.  An answer that did not arrive
 * is no success. */
int lone_tool_end(const char *program, bool ok, struct err *err);

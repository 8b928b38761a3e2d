#pragma once

/*
 * interrupt -- Ctrl-C, and a kind "kill", for commands that can end early and well.
 *
 * The first signal is noted; the second one of its kind ends the process at once.
 *
 * Owner: the process; there is one flag.
 */

#include <signal.h>

#include "core/base/attr.h"
#include "core/base/err.h"

enum { INTERRUPTED = 130 }; /* the exit status: 128 and SIGINT, as shells have it */

/* From now on, until the process ends.  *stop is not 0 when it shall end. */
bool interrupt_watch(const volatile sig_atomic_t **stop, struct err *err) CHECKED;

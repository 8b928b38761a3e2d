#pragma once

/*
 * probe_worker -- a process that talks to strangers' servers for us.
 *
 * It is this very program, executed anew with a hidden argument, an empty
 * environment and one socket (decisions/0019): nothing that we hold in memory
 * is in its own.  It reads one question per line, JSON, and answers each in
 * one line, until the socket ends.
 *
 * Owner:   probe_crew.h starts workers and ends them.
 * Failure: ERR_SYSTEM when none can be started.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"

/* The first thing in main(): a program that was started as a worker becomes
 * one here, and does not come back. */
void probe_worker_main(int argc, char **argv);

/* The longest line either way, its end included. */
enum { PROBE_WORKER_LINE = 262144 };

bool probe_worker_start(pid_t *process, int *socket, struct err *err) CHECKED;

#pragma once

/*
 * spf_evaluator -- the process in which libspf2 runs: this program, executed anew.
 *
 * It is no copy of its parent: nothing of the parent's memory, environment or
 * descriptors is in it, only one socket.  Before it reads the first octet it
 * shuts itself in: no files, no network, no new processes, little memory.
 * The conversation is spf_worker's, the words are spf_packet's.
 *
 * Owner:   who starts one closes the socket and waits for the process.
 * Failure: starting can fail; the evaluator itself ends silently.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"

/* Must be the first call of main() in every program that opens a spf_worker.
 * Does not return when this process was started to be an evaluator. */
void spf_evaluator_main(int argc, char **argv);

/* The evaluator says 'H' on the socket when it is ready. */
bool spf_evaluator_start(pid_t *process, int *socket, struct err *err) CHECKED;

#pragma once

/*
 * helper -- a process beside the service that never saw a secret of its own:
 * it is forked before any is read, and talks over one socket.
 *
 * It has standard input, output, errors and that socket, and nothing else that
 * was open; it ends when the service does, or when the socket is closed.  What
 * it forks for a piece of work is nobody's to wait for.
 *
 * Owner:   foundry, envoy and prover hold one each.
 * Failure: ERR_SYSTEM.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"

struct helper {
	int socket; /* SOCK_SEQPACKET, ours */
	pid_t process;
};

/* In the process: read orders until there are no more; then it ends. */
typedef void (*helper_work_fn)(int socket, const void *context);

/* Fork it.  Call before secrets are read, sockets are opened or threads run. */
bool helper_start(struct helper *helper, helper_work_fn work, const void *context,
                  struct err *err) CHECKED;

/* {0} is fine. */
void helper_stop(struct helper *helper);

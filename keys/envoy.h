#pragma once

/*
 * envoy -- who logs in to a customer's server: a process that never saw the
 * master key.
 *
 * It is forked before any secret is read, and does nothing but fork a child
 * for each visit and hand it two descriptors: the connection to the server,
 * and a socket to the service.  Over the latter the child gets its task and
 * one password, locks itself in (keys/cage.h), has the conversation
 * (core/wire/smtp_talk.h), says what came of it, and ends.
 *
 * Owner:   the service holds one struct envoy; a visit's socket is the
 *          caller's.
 * Failure: ERR_SYSTEM.  A child that died says nothing: its socket ends.
 * Secrets: the password, borrowed; it passes the kernel and the child's
 *          guarded memory.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "keys/helper.h"
#include "keys/secret.h"

enum { ENVOY_SECONDS = 60 }; /* no visit takes longer */

struct envoy {
	struct helper helper;
};

/* Fork it, with the authorities that it trusts (NULL: the system's).  Call
 * before secrets are read, sockets are opened or threads run. */
bool envoy_start(struct envoy *envoy, const char *ca_file, struct err *err) CHECKED;
void envoy_stop(struct envoy *envoy);

/* Begin a visit over `server`, which stays the caller's.  The task is
 * { "host", "tls", "helo", "user", "senders", "test_to" }.  *visit becomes
 * readable when it is over: one packet, a tree of smtp_result.h. */
bool envoy_send(struct envoy *envoy, const struct tree *task, const struct secret *password,
                int server, int *visit, struct err *err) CHECKED;

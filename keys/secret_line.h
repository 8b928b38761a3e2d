#pragma once

/*
 * secret_line -- a password or passphrase from a descriptor that somebody else holds.
 *
 * Everything up to the end, or up to the first newline of a terminal; one
 * final newline is left out.  A caller that keeps a pipe open must not keep
 * us: he has a second.
 *
 * Owner:   the secret is the caller's, the descriptor stays where it was.
 * Failure: ERR_INPUT when it does not come or is too long; ERR_SYSTEM.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/secret.h"

/* `what` names it in the sentence: "the password". */
bool secret_line_read(int fd, const char *what, size_t limit, struct secret *line,
                      struct err *err) CHECKED;

#pragma once

/*
 * passphrase -- asked on the terminal without an echo, or read from a descriptor.
 *
 * Owner:   the secret is the caller's.
 * Failure: ERR_INPUT for an empty one, or two that differ; ERR_REFUSED without
 *          a terminal, with a hint.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/secret.h"

/* All of `fd`, a final newline left out; closes it. */
bool passphrase_read(int fd, struct secret *passphrase, struct err *err) CHECKED;

/* On the terminal; `twice`: a new one, typed again. */
bool passphrase_ask(bool twice, struct secret *passphrase, struct err *err) CHECKED;

/* A yes or a no on the terminal; anything but yes is ERR_REFUSED. */
bool passphrase_confirm(const char *question, struct err *err) CHECKED;

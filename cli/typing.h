#pragma once

/*
 * typing -- a secret at the keyboard, which only the key service reads.
 *
 * Nothing is echoed, and a whole line is awaited; the line itself stays in the
 * descriptor that is handed to the service.
 *
 * Owner:   typing_end() in any case: it gives the echo back.
 * Failure: ERR_SYSTEM.
 * Secrets: none; we never have them.
 */

#include <stdbool.h>
#include <termios.h>

#include "core/base/attr.h"
#include "core/base/err.h"

struct typing {
	int fd;
	bool terminal;
	struct termios before;
};

/* Wait until there is something to read from `fd`; a terminal is asked with
 * `prompt` and shows nothing. */
bool typing_begin(struct typing *typing, int fd, const char *prompt, struct err *err) CHECKED;
void typing_end(struct typing *typing);

#pragma once

/*
 * harden -- what a process gives up before it reads a secret.
 *
 * No core file, no debugger of the same user, no rights through setuid
 * programs, no files for others.  What it gives up after that, when it is
 * ready, is keys/confine.h.
 *
 * Failure: ERR_SYSTEM; a process that could not be hardened must not go on.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"

bool harden_process(struct err *err) CHECKED;

#pragma once

/*
 * cage -- what a process gives up before it reads what strangers send.
 *
 * It keeps its memory, its clock, and the descriptors that are open: it cannot
 * open a file, a socket or a process any more (seccomp), and ends when it uses
 * more time than a conversation takes.
 *
 * Failure: false; a process that is not locked in must not go on.
 */

#include <stdbool.h>

#include "core/base/attr.h"

bool cage_lock(int seconds) CHECKED;

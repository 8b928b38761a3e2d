#pragma once

/*
 * cage -- what a process gives up before it reads what strangers send, or lets
 * OpenSSL see private numbers.
 *
 * It keeps its memory, its clock, and the descriptors that are open: it cannot
 * open a file, a socket or a process any more (seccomp), and ends when it uses
 * more time than its work takes.
 *
 * A helper (keys/helper.h), which does nothing but start such processes, has a
 * wider one: it can start them, and they can lock themselves in.
 *
 * Failure: false; a process that is not locked in must not read what strangers
 *          send.  One that only computes may go on, as the service itself does
 *          on a kernel without seccomp.
 */

#include <stdbool.h>

#include "core/base/attr.h"

bool cage_lock(int seconds) CHECKED;

/* Do its children open files before they lock themselves in? */
enum cage_files { CAGE_NO_FILES, CAGE_READS_FILES };
bool cage_lock_helper(enum cage_files files);

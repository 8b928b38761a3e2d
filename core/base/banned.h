#pragma once

/*
 * banned -- functions that have hurt others; using one does not compile.
 *
 * Included by every file through the command line (-include).  The idea is
 * git's; the list is ours.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc makes macros of some when it fortifies for clang. */
#undef alloca
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf strtok atoi atol atof gets system popen \
	alloca

#pragma once

/*
 * confine -- what the key service itself gives up once it is ready to serve.
 *
 * seccomp: a list of what it needs; whatever else is asked of the kernel is
 * refused, and what only an intruder would ask for (another program, another
 * process' memory) ends it.  Sockets are Unix sockets, unless the database is
 * reached over TCP; code is not loaded any more.
 * Landlock: reads what the C library and libpq read, writes the master key's
 * folder, removes its own socket.  It knows what the kernel can do and takes
 * what there is.
 *
 * Descriptors that are open, and those that callers hand over, go on.
 *
 * Failure: none: what could not be had is missing in what is returned, and
 *          "status" says so.
 */

#include <stdbool.h>
#include <stddef.h>

enum { CONFINE_PATHS = 16 };

struct confine_plan {
	const char *master_folder; /* written to by "key master rotate"; NULL: never */
	const char *socket_folder;
	const char *read[CONFINE_PATHS]; /* beside the usual ones */
	size_t read_count;
	bool network; /* the database is not on this machine */
};

struct confinement {
	bool seccomp;
	int landlock; /* version of the kernel's; 0: none */
};

struct confinement confine(const struct confine_plan *plan);

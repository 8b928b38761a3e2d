#pragma once

/*
 * probe_crew -- many conversations with strangers' servers at once, each in a
 * worker (probe_worker.h), no more than two with one server.
 *
 * Owner:   the caller's array; he drops questions and answers.
 * Failure: none; what could not be asked, and what took too long, has no
 *          answer.
 */

#include <stddef.h>

#include "core/base/tree.h"

enum {
	PROBE_CREW = 40,       /* workers */
	PROBE_CREW_EACH = 2,   /* at once with one server */
	PROBE_CREW_LOGINS = 32 /* at once through the key service, which has other callers */
};

struct probe_task {
	const char *server; /* "host:port" */
	struct tree *question;
	struct tree *answer; /* NULL: none came */
	bool login;
	int timeout; /* milliseconds, then its worker is ended */
	int state;   /* the crew's own */
};

typedef void (*probe_progress_fn)(void *context, size_t finished, size_t count);

/* Returns when every task is done. */
void probe_crew_run(struct probe_task tasks[], size_t count, probe_progress_fn progress,
                    void *context);

#pragma once

/*
 * probe_crew -- many conversations with strangers' servers at once, each in a
 * worker (probe_worker.h), no more than two with one server.
 *
 * Owner:   the tasks are the caller's, and stay where they are until they are
 *          done; he drops questions and answers.
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
	int timeout;             /* milliseconds, then its worker is ended */
	void *owner;             /* the caller's own */
	struct probe_task *next; /* the crew's own */
};

struct probe_crew;

/* Without workers; they come with the first tasks.  NULL: no memory. */
struct probe_crew *probe_crew_open(void);

void probe_crew_add(struct probe_crew *crew, struct probe_task *task);

/* Handle what has arrived, or wait for it up to so many milliseconds; a task
 * that is done, or NULL.  To be called again and again. */
struct probe_task *probe_crew_turn(struct probe_crew *crew, int milliseconds);

/* Workers end, whatever they do; tasks that are not done have no answer. */
void probe_crew_close(struct probe_crew *crew);

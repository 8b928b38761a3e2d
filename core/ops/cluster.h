#pragma once

/*
 * cluster -- a private PostgreSQL: made once, started, found again, stopped.
 *
 * The server listens on a Unix socket only, runs as its own user, and lets in
 * whom the two files in `access` name; those are ours and not the server's,
 * so that it cannot widen them.
 *
 * Owner:   texts in the struct are the caller's.
 * Failure: ERR_DATABASE with the server's last word; ERR_REFUSED when the
 *          cluster belongs to a PostgreSQL that is not installed.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/ops/service.h"

struct cluster {
	const char *folder; /* data */
	const char *access; /* pg_hba.conf, pg_ident.conf */
	const char *sockets;
	const char *log;
	const char *note;  /* which process is it */
	const char *admin; /* its superuser */
	const char *probe; /* connection string to ask "are you there?" */
	struct service_user user;
};

/* The folder of initdb and postgres that fit this cluster, or the newest when
 * there is no cluster yet. */
bool cluster_programs(const struct cluster *cluster, struct arena *arena, const char **folder,
                      struct err *err) CHECKED;

/* "15"; NULL while there is no cluster. */
const char *cluster_version(const struct cluster *cluster, struct arena *arena);

/* Make it when it is not there.  Whole or not at all: a half-made one of a
 * killed run is cleared away first. */
bool cluster_make(const struct cluster *cluster, bool *made, struct err *err) CHECKED;

/* Start it when it does not answer, and wait until it does. */
bool cluster_start(const struct cluster *cluster, bool *started, struct err *err) CHECKED;

bool cluster_answers(const struct cluster *cluster);

/* Let the clients finish nothing: roll back, write down, end. */
bool cluster_stop(const struct cluster *cluster, bool *stopped, struct err *err) CHECKED;

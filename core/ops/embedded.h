#pragma once

/*
 * embedded -- the environment that needs no administrator: a private
 * PostgreSQL and a key service for the calling user.
 *
 * As root each of the two has a system user of its own; as an ordinary user
 * both run under that user, which protects against a stolen dump and not
 * against the user himself.
 *
 *	STATE/cluster           the data (senderctl)
 *	STATE/access            pg_hba.conf, pg_ident.conf: who may come in (root)
 *	STATE/keys              the master key (senderkeyd)
 *	STATE/log               what the two said (root)
 *	STATE/up.lock           one `up` or `down` at a time
 *	RUN/db, RUN/keys        their sockets; RUN is STATE/run, or /run/senderctl
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: as cluster and service say; each has a hint.
 * Secrets: none; the master key is made and read by senderkeyd alone.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/ops/cluster.h"
#include "core/ops/service.h"

struct embedded {
	struct arena *arena;
	const char *state;
	const char *run;
	bool as_root;
	const char *person; /* the caller's role in the database */
	struct cluster cluster;
	struct service_user keyd;
	const char *keys_folder; /* with the master key */
	const char *keys_socket;
	const char *keys_log;
	const char *keys_note;
	int keys_pool;           /* keys that the service makes ahead */
	const char *keys_keygen; /* how it makes RSA keys */
	const char *ca_file;     /* what the key service trusts at logins; NULL: the system's */
	bool recover;            /* start the key service though its master key opens nothing */
};

/* Where everything is; touches nothing.  Refuses a folder whose sockets would
 * have too long a name for the kernel. */
bool embedded_place(const struct conf *conf, struct arena *arena, struct embedded *place,
                    struct err *err) CHECKED;

/* Connection strings: as the calling person; as the cluster's superuser (only
 * for up and db). */
const char *embedded_conninfo(const struct embedded *place);
const char *embedded_admin_conninfo(const struct embedded *place);

/* Has `up` ever been here? */
bool embedded_exists(const struct embedded *place);

/* What `up` and `down` did. */
struct embedded_report {
	bool users_made;
	bool cluster_made;
	bool cluster_started;
	bool database_made;
	int migrations;
	bool person_let_in;
	bool master_made;
	bool keys_started;
	bool cluster_stopped;
	bool keys_stopped;
};

/* Make and start what is not there.  Safe to repeat, safe to run twice at once. */
bool embedded_up(struct embedded *place, struct embedded_report *report, struct err *err) CHECKED;

/* Stop both; nothing is removed. */
bool embedded_down(struct embedded *place, struct embedded_report *report, struct err *err) CHECKED;

bool embedded_keys_answer(const struct embedded *place);

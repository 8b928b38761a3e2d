#pragma once

/*
 * startup -- from the words of a command line to a service that listens, and back.
 *
 * In this order: helpers are forked that must never see a secret; what is read
 * once is read; the vault is opened, or left sealed; the socket listens; and
 * what is not needed any more is given up.
 *
 * Owner:   texts are those of the command line; the service is main()'s.
 * Failure: whatever keeps it from serving; a database that is away is waited for.
 * Secrets: the passphrase, for as long as it takes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/service.h"

enum { STARTUP_MAY_READ = 8 };

struct startup {
	bool init;
	bool next;
	bool allow_swap;
	const char *master_key;
	const char *socket;
	const char *socket_group;
	const char *database;
	const char *database_file;
	const char *peers;
	const char *ca_file;
	const char *officers;       /* root's list of them */
	bool recover;               /* serve although the master key opens nothing here */
	int pool;                   /* keys made ahead for each provider */
	enum keypair_method keygen; /* of RSA keys */
	const char *may_read[STARTUP_MAY_READ]; /* beside the usual places */
	size_t may_read_count;
	bool unconfined;
	int rate;
	int passphrase_fd;
};

/* --init: the first master key; one that is there, under whatever version, is
 * ERR_CONFLICT. */
bool startup_init(const struct startup *options, struct err *err) CHECKED;
/* --next: its successor beside it. */
bool startup_next(const struct startup *options, struct err *err) CHECKED;

bool startup_open(struct service *service, const struct startup *options, struct err *err) CHECKED;
/* Also after an open that failed. */
void startup_close(struct service *service, const struct startup *options);

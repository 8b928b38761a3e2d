#pragma once

/*
 * conf -- the configuration file and the few environment variables, as values.
 *
 * The one door to libconfuse, and the only file that reads the environment.
 * Every option is a row in conf.c; senderctl.conf(5) describes them.
 *
 * Owner:   the caller's struct; texts live inside it until conf_drop().
 * Failure: ERR_INPUT "FILE:LINE: error: no such option 'x'; did you mean 'y'?";
 *          ERR_NOT_FOUND when a file that was named is not there.
 * Secrets: none belong here; the file names places, not contents.  A
 *          connection string may hold a password: it is never printed.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

struct conf {
	struct arena arena;
	const char *file; /* what was read; NULL: there was none */

	const char *language; /* "de", "en"; NULL: as the environment says */
	const char *color;    /* "auto", "always", "never" */

	const char *connection;  /* libpq; NULL: the embedded cluster */
	const char *state;       /* folder of the embedded environment */
	bool state_chosen;       /* by file or $SENDERCTL_STATE, not by default */
	const char *keys_socket; /* NULL: the embedded key service */

	const char *const *resolvers; /* "127.0.0.1:53", "[::1]:53"; ends with NULL */
	size_t resolver_count;        /* 0: those of the system */
	double dns_timeout;           /* seconds for one answer */
	double dns_rate;              /* questions a second, all together; 0: no limit */
	int dns_per_server;           /* questions under way at one server; 0: as usual */
	int keys_pool;           /* keys made ahead for each provider, by the embedded service */
	const char *keys_keygen; /* how it makes RSA keys; NULL: as usual */
	int authoritative_port;

	const char *ca_file; /* for probes; NULL: the system's */

	struct {                            /* who watches, and who is told */
		const char *const *mail_to; /* addresses; ends with NULL */
		size_t mail_to_count;       /* 0: no mail */
		const char *mail_from;      /* NULL: the first of mail_to */
		const char *sendmail;       /* program that takes a mail */
		int digest_at;              /* minutes after midnight, local time */
		const char *webhook;        /* URL; NULL: none */
		const char *prometheus;     /* text file; NULL: none */
		double lease;               /* seconds that a monitor may be silent */
	} monitor;

	struct {                      /* what this machine is, if it is a relay */
		const char *name;     /* as in the registry; NULL: none */
		const char *root;     /* folder of the installed generations */
		const char *identity; /* file with the relay's private key */
		const char *signer;   /* file with the public half of the bundle signer */
		const char *reload;   /* shell command after a swap; NULL: as on Debian */
	} relay;
};

/* Read `path`; NULL means $SENDERCTL_CONFIG, then the user's, then the
 * system's file, and no file at all is fine: every option has a default. */
bool conf_load(const char *path, struct conf *conf, struct err *err) CHECKED;

void conf_drop(struct conf *conf);

/* A variable of the environment; NULL when unset or empty. */
const char *conf_environment(const char *name);

#pragma once

/*
 * smtp_probe -- does a customer's submission server take our mail: is it
 * reachable, does it speak TLS 1.2 or better with a certificate for its name,
 * and does it offer AUTH?  Sends no mail and no password.
 *
 * Failure: none; a result with a sentence.
 * Memory:  texts live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"

enum smtp_probe_outcome {
	SMTP_PROBE_GOOD,
	SMTP_PROBE_BAD,    /* it answered, and something is not as it must be */
	SMTP_PROBE_ABSENT, /* nobody listens there */
	SMTP_PROBE_SILENT  /* no answer in time, or "try later": could not tell */
};

struct smtp_probe_request {
	const char *host; /* the name its certificate must carry */
	int port;
	bool implicit_tls;
	const char *const *addresses;
	size_t address_count;
	const char *helo;    /* how we introduce ourselves */
	const char *ca_file; /* NULL: the system's authorities */
	int timeout;         /* milliseconds for the whole conversation */
};

struct smtp_probe_result {
	enum smtp_probe_outcome outcome;
	const char *problem; /* one sentence; NULL when all is well */
	const char *address; /* the one that answered */
	const char *tls;     /* "TLSv1.3" */
	const char *auth;    /* "PLAIN LOGIN" */
	const char *expires; /* "2027-02-01" */
	long days_left;
};

void smtp_probe_run(struct arena *arena, const struct smtp_probe_request *request,
                    struct smtp_probe_result *result);

#pragma once

/*
 * smtp_probe -- does a customer's submission server take our mail: is it
 * reachable, does it speak TLS 1.2 or better with a certificate for its name,
 * does it offer AUTH, and, through the key service, does it take the stored
 * password and each of the senders?
 *
 * A question goes to a worker (probe_crew.h), an answer comes back.
 *
 * Owner:   the caller drops the trees; texts live in the arena that was passed
 *          in.
 * Failure: none; a result with a fault.
 * Secrets: none.  The connection is handed to the key service, which logs in
 *          itself and says what came of it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/verify/reach.h"
#include "core/wire/smtp_result.h"

struct smtp_probe_request {
	const char *host; /* the name its certificate must carry */
	int port;
	bool implicit_tls;
	const char *const *addresses;
	size_t address_count;
	const char *helo;        /* how we introduce ourselves */
	const char *ca_file;     /* NULL: the system's authorities */
	int timeout;             /* milliseconds for a conversation of ours */
	const char *keys_socket; /* NULL: no login */
	long long provider_id;
	long long smarthost_id;
	long long domain_id;
	const char *test_to; /* NULL: no mail is sent */
};

/* What became of the login. */
enum smtp_probe_login {
	SMTP_PROBE_NOT_ASKED,   /* the server was not good enough, or nobody wanted it */
	SMTP_PROBE_TRIED,       /* the result says it */
	SMTP_PROBE_NO_PASSWORD, /* none is stored */
	SMTP_PROBE_NO_SERVICE,  /* the key service does not answer */
	SMTP_PROBE_NOT_ALLOWED, /* we may not ask it for this */
	SMTP_PROBE_LOGINS
};

struct smtp_probe_result {
	struct smtp_result talk;
	enum smtp_probe_login login;
	const char *address; /* the one that answered; NULL: none */
	const struct reach_try *tried;
	size_t tried_count;
};

struct tree *smtp_probe_question(const struct smtp_probe_request *request);

/* In a worker. */
struct tree *smtp_probe_answer(const struct tree *question);

/* NULL, of a worker that died, is an answer, too. */
void smtp_probe_read(struct arena *arena, const struct tree *answer,
                     struct smtp_probe_result *result);

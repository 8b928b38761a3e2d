#pragma once

/*
 * service -- the one loop of the key service: who is connected, what he asked,
 * and what is under way for him.
 *
 * One thread: a question is read, answered and forgotten; only the search for
 * primes, and logins at customers' servers, run beside it; a bundle is sealed
 * in portions, and the master key relieved in batches, between two questions.
 *
 * Owner:   senderkeyd's main().
 * Secrets: transport keys of casts, in struct cast.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/rate.h"
#include "keys/keyd.h"

enum {
	CONNECTIONS = 128,
	CONNECTIONS_EACH = 48, /* of one user: nobody shuts the others out */
	QUESTIONS_EACH = 16,   /* under way per connection; more are not read yet */
	JOBS = CONNECTIONS * QUESTIONS_EACH,
	CASTS = 64,
	VISITS = 40,
	BUNDLES = 16,
};

struct connection {
	int fd;               /* 0: free */
	unsigned long serial; /* so that a late answer finds nobody else */
	int under_way;
	struct peer peer;
};

/* One user, over all his connections: how often he asks, and how often we speak
 * of what we refused him. */
enum { PATRONS = 64 };
struct patron {
	bool used;
	uid_t uid;
	int64_t at; /* clock_ticks() of the last question */
	struct rate questions;
	int64_t told;     /* when a refusal of his was last logged and noted */
	long long untold; /* refusals since */
};

/* A key that was asked for and is not there yet. */
struct job {
	bool used;
	bool ordered;
	unsigned long order; /* first come, first served */
	size_t connection;
	unsigned long serial;
	long long number;
	struct key_wish wish;
	struct cast cast;
};

/* A login under way at a customer's server. */
struct visit {
	int fd; /* 0: free */
	size_t connection;
	unsigned long serial;
	long long number;
	int64_t deadline;
};

/* A bundle that is sealed portion by portion. */
struct sealing {
	struct bundling *bundling; /* NULL: free */
	size_t connection;
	unsigned long serial;
	long long number;
};

struct service {
	struct keyd keyd;
	struct arena arena; /* of what was read at the start */
	int listening;
	int signals;
	int casts_at_once;
	int casts_running;
	unsigned long serial;
	unsigned long order; /* of the jobs that came */
	int rate;            /* questions a second of one user; 0: as many as he likes */
	struct patron patrons[PATRONS];
	struct connection connections[CONNECTIONS];
	struct job jobs[JOBS];
	struct visit visits[VISITS];
	struct sealing sealings[BUNDLES];
	size_t turn; /* whose portion was the last */
};

/* Until a signal says that it is enough; false: it cannot go on. */
bool service_serve(struct service *service) CHECKED;

/* Hang up on everybody, and forget what is under way. */
void service_close(struct service *service);

/* ---- for its parts ---- */

/* The end of a question: takes the answer over. */
void service_reply(struct service *service, size_t index, long long number, struct tree *answer,
                   bool ok, const struct err *failed);

/* service_patrons.c: is it too often?  ERR_AGAIN with its sentence. */
bool service_may_ask_now(struct service *service, const struct peer *peer, struct err *err) CHECKED;
/* A refusal goes to the log, and with its provider to the events: the first
 * at once, then at most one each second, with the number of those between. */
void service_note_refusal(struct service *service, const struct peer *peer,
                          const struct tree *question, const struct err *failed);

/* service_casts.c: keys under way. */
bool service_has_cast(const struct service *service);
void service_add_cast(struct service *service, size_t index, long long number,
                      const struct key_wish *wish);
void service_order_casts(struct service *service);
bool service_take_delivery(struct service *service) CHECKED;
void service_drop_overdue_casts(struct service *service);
void service_forget_casts(struct service *service, size_t index);

/* service_bundles.c: bundles under way.  A turn is one portion of one of them. */
bool service_has_bundle(const struct service *service);
void service_add_bundle(struct service *service, size_t index, long long number,
                        struct bundling *bundling);
bool service_seals(const struct service *service);
void service_seal_portion(struct service *service);
void service_forget_bundles(struct service *service, size_t index);

/* service_visits.c: logins under way. */
bool service_has_visit(const struct service *service);
void service_add_visit(struct service *service, size_t index, long long number, int fd);
nfds_t service_wait_visits(const struct service *service, struct pollfd *wait, size_t *who,
                           nfds_t count);
void service_end_visit(struct service *service, size_t visit);
void service_drop_overdue_visits(struct service *service);

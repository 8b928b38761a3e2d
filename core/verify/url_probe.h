#pragma once

/*
 * url_probe -- does the URL of the product lead to the product: is somebody
 * there, with a certificate for that host, and does the page stay on it?
 *
 * A question goes to a worker (probe_crew.h), an answer comes back.
 *
 * Owner:   the caller drops the trees; texts live in the arena that was passed
 *          in.
 * Failure: none; a result with a fault.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/tree.h"
#include "core/verify/reach.h"
#include "core/wire/tls.h"

/* "https://learn.acme.example:8443/start" in parts. */
struct url_parts {
	bool encrypted;
	const char *host; /* lower case */
	int port;
	const char *path; /* "/start", with the query, without the fragment */
};

/* False: not an http or https URL. */
bool url_probe_parse(struct arena *arena, const char *url, struct url_parts *parts) CHECKED;

struct url_probe_request {
	const struct url_parts *url;
	const char *const *addresses;
	size_t address_count;
	const char *ca_file; /* NULL: the system's authorities */
	int timeout;         /* milliseconds */
};

struct url_probe_result {
	enum wire_fault fault;
	const char *said;       /* "404 Not Found", or the library's words */
	const char *location;   /* where it leads; NULL: nowhere */
	struct tls_facts facts; /* of an encrypted one */
	const char *address;    /* the one that answered; NULL: none */
	const struct reach_try *tried;
	size_t tried_count;
};

struct tree *url_probe_question(const struct url_probe_request *request);

/* In a worker. */
struct tree *url_probe_answer(const struct tree *question);

/* NULL, of a worker that died, is an answer, too. */
void url_probe_read(struct arena *arena, const struct tree *answer,
                    struct url_probe_result *result);

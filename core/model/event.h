#pragma once

/*
 * event -- what happened: who, when, what, why; written in the transaction of
 * the change, so that there is no change without its event.
 *
 * Failure: what db reports.
 * Secrets: never in `detail`.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

struct event {
	long long provider_id;
	long long client_id;       /* 0: none */
	const char *subject;       /* "lms/acme", "acme.example", "relay mx1" */
	const char *what;          /* "client.add", "handover.issue" */
	const char *why;           /* NULL: none */
	const struct tree *detail; /* a map; NULL: none */
};

bool event_add(struct db *db, const struct event *event, struct err *err) CHECKED;

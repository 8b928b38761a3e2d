#pragma once

/*
 * history_check -- was what happened rewritten?  Walks the chain of one
 * provider (keys/event_link.h) and names the first place where it does not fit.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db reports.  A chain that does not fit is no failure, it is
 *          the answer.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/event_link.h"
#include "sql/db.h"

/* Which chain, and whose signatures count. */
struct history_asked {
	long long provider_id;
	const char *provider_uuid;
	uint8_t signer[EVENT_SIGNER];
	long long position; /* a link that somebody noted down; 0: none */
	uint8_t noted[EVENT_LINK];
};

struct history_check {
	long long links;  /* that fit, from the first */
	long long sealed; /* of these, up to and including this position under a good seal */
	long long seals;
	long long waiting; /* events that wait for a link longer than they should */
	uint8_t end[EVENT_LINK];
	const char *fault; /* NULL: all of it fits */
	const char *event; /* of the fault: "1234, 2026-11-25T..., key.activate"; NULL */
};

/* Inside the caller's transaction. */
bool history_check(struct db *db, struct arena *arena, const struct history_asked *asked,
                   struct history_check *check, struct err *err) CHECKED;

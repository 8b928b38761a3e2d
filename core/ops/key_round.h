#pragma once

/*
 * key_round -- steps of keys that are due, taken by the monitor: for providers
 * whose policy says so (advance = monitor), one monitor at a time.
 *
 * The same steps under the same rules as `key advance`: a successor is ordered,
 * a key that was seen long enough signs, one that is done is retired.
 *
 * Owner:   the caller's struct; {0} and the settings are enough.
 * Failure: only what makes the connection useless; a key that is refused, DNS or a
 *          key service that does not answer stand in the log and are tried again.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/verify/resolver.h"
#include "sql/db.h"

struct key_round {
	const char *keys_socket;
	const char *language; /* of the log */
	const struct resolver_settings *resolver;
	/* what was done */
	size_t steps;
	int64_t next; /* in ticks: not before */
};

bool key_round_run(struct key_round *round, struct db *db, struct err *err) CHECKED;

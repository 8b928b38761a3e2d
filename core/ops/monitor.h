#pragma once

/*
 * monitor -- look at what is due, store it, tell what changed, wait; for ever.
 *
 * Any number of monitors share the work.  A domain is stored when its look has
 * ended, whatever others wait for.  A database that goes away or fails over is
 * waited for: what was looked at meanwhile is stored when it is back, unless
 * another monitor has taken the domain over.
 *
 * Owner:   the caller's struct; texts live in the arena of the call.
 * Failure: only `once` gives up: after a minute without a database.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "core/ops/delivery.h"
#include "core/ops/key_round.h"
#include "core/ops/patrol.h"
#include "core/verify/resolver.h"
#include "sql/db.h"

struct monitor {
	const struct conf *conf;
	const char *conninfo;
	const char *keys_socket;
	const char *language; /* of the log; looks speak the provider's */
	struct resolver_settings resolver;
	int stop;        /* readable: end soon */
	bool once;       /* until nothing is due */
	int64_t seconds; /* at most so long; 0: without end */
	void (*progress)(void *context, size_t finished, size_t count); /* NULL */
	void *context;
	/* what was done */
	size_t looked;
	size_t lost;   /* looks that another monitor had taken over meanwhile */
	size_t failed; /* looks that could not be stored, or not begun */
	long long faults;
	struct delivery delivery;
	struct key_round keys;
	/* while it runs */
	struct db *db;
	struct uuid claim;
	struct patrol *patrol; /* of what is being looked at; NULL: nothing is due */
	size_t taken;          /* looks begun since then */
	int64_t claim_at;      /* in ticks, all of them: ask for more work not before */
	int64_t renew_at;      /* say that we live */
	int64_t tell_at;
	int64_t gauge_at;
	int64_t end;
	int64_t pause; /* milliseconds before the next attempt to reach the database */
};

bool monitor_run(struct monitor *monitor, struct err *err) CHECKED;

#pragma once

/*
 * chain -- the key service makes what happened provable: it links new events,
 * and signs the last link (keys/event_link.h).
 *
 * The end of each chain is also kept in memory: a chain that has become
 * shorter is not continued, and is reported at every attempt.
 *
 * Owner:   struct chain belongs to struct keyd.
 * Failure: what key_store reports; ERR_CONFLICT for a chain that became
 *          shorter or another.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/event_link.h"

enum {
	CHAIN_PROVIDERS = 256, /* whose ends are remembered */
	CHAIN_PAUSE_MS = 60 * 1000
};

struct chain_end {
	long long provider_id; /* 0: free */
	long long position;
	uint8_t link[EVENT_LINK];
};

struct chain {
	struct chain_end ends[CHAIN_PROVIDERS];
	int64_t next; /* clock_ticks(): not sealed before */
};

struct keyd;

/* Everything that waits, of every provider, a portion in each transaction. */
bool chain_seal(struct keyd *keyd, long long *linked, struct err *err) CHECKED;

/* From the loop, at every turn: seals when it is time, and logs what went wrong. */
void chain_turn(struct keyd *keyd);

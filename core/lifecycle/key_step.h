#pragma once

/*
 * key_step -- the life of a signing key, as one table.
 *
 * Pure: no clock, no database, no network.  Whoever wants to change a key asks
 * here whether the step exists; the row says where it leads and why.  The
 * database's guard (sql/schema/0031_key_rules.sql) holds the same order for those
 * who do not ask.
 */

#include <stddef.h>

#include "core/model/dkim_key.h"

/* RFC 8301 3.2: "Signers SHOULD use RSA keys of at least 2048 bits." */
enum { KEY_LEAST_BITS = 2048 };

enum key_event {
	KEY_HAND_OVER, /* its record is given out */
	KEY_SEE,       /* every authoritative server shows it */
	KEY_MISS,      /* one certainly does not */
	KEY_ACTIVATE,
	KEY_SUPERSEDE,
	KEY_RETIRE,
	KEY_DESTROY,
	KEY_REVOKE,
	KEY_CANCEL,
	KEY_EVENTS,
};

struct key_step {
	enum key_state from;
	enum key_event event;
	enum key_state to;
	const char *why; /* N_(): goes into the event log and the answer */
};

extern const struct key_step key_steps[];
extern const size_t key_steps_count;

/* The row for this event in this state, or NULL: the step does not exist. */
const struct key_step *key_step_find(enum key_state from, enum key_event event);

/* The event that leads on from a state when all goes well, or KEY_EVENTS at the end. */
enum key_event key_step_next(enum key_state from);

const char *key_event_word(enum key_event event);

#pragma once

/*
 * rotation -- what a key needs next, and to do it when everything holds.
 *
 * Deciding is pure: from the key and what its relays said to the next step and
 * all that stands against it.  Doing looks at DNS once more at that very
 * moment, and then changes one key, and the one that it relieves, in one
 * transaction: the old one first.  A plan is never stored; only what happened.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db reports; a step that may not be done is no failure, it is
 *          an answer with its reasons.
 * Secrets: none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/lifecycle/key_step.h"
#include "core/lifecycle/succession.h"
#include "core/model/dkim_key.h"

enum { ROTATION_REASONS = 8 };

struct rotation_reason {
	const char *word; /* stable, for programs: "time", "relays", ... */
	const char *sentence;
};

struct rotation_advice {
	enum key_event event; /* KEY_EVENTS: nothing comes after this state */
	enum key_state next;
	const char *why;        /* of the step */
	bool ready;             /* nothing stands against it, as far as we know */
	bool ours;              /* advance does it; else a person has to act */
	const char *not_before; /* NULL: not a matter of time, or not known */
	struct rotation_reason reasons[ROTATION_REASONS];
	size_t reason_count;
};

/* Pure. */
void rotation_decide(struct arena *arena, const struct dkim_key *key,
                     const struct dkim_key_relays *relays, struct rotation_advice *advice);

/* Load what relays said, and decide. */
bool rotation_advise(struct db *db, struct arena *arena, const struct dkim_key *key,
                     struct rotation_advice *advice, struct err *err) CHECKED;

/* What authoritative DNS says about a key right now. */
struct rotation_sight {
	bool everywhere; /* every authoritative server: exactly this key */
	bool otherwise;  /* one certainly not */
	uint32_t ttl;    /* of what is there instead, or of its absence */
	const char *explanation;
};
typedef bool (*rotation_look_fn)(void *context, const struct dkim_key *key,
                                 struct rotation_sight *sight, struct err *err);

/* What became of one key. */
struct rotation_result {
	struct dkim_key key;           /* as it was */
	struct rotation_advice advice; /* as it was; its reasons say why nothing was done */
	bool done;
	enum succession_how how; /* a successor was ordered, by policy */
	const char *successor;   /* its selector */
	bool unsure;             /* DNS could not be asked */
};
typedef bool (*rotation_result_fn)(const struct rotation_result *result, void *context,
                                   struct err *err);

struct rotation_look {
	rotation_look_fn look;
	void *context;
	struct succession_service service; /* {0}: successors that are due are not ordered */
};

/* One step for every key that the filter names: activate, note the end of
 * signing, retire, order the successor that is due.  Opens its own
 * transactions; `dry` only decides. */
bool rotation_advance(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                      const struct rotation_look *look, bool dry, rotation_result_fn call,
                      void *context, struct err *err) CHECKED;

/* The same for those alone whose time has come, however many others there are;
 * `monitored`: only of providers whose keys the monitor advances. */
bool rotation_advance_due(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                          bool monitored, const struct rotation_look *look, bool dry,
                          rotation_result_fn call, void *context, struct err *err) CHECKED;

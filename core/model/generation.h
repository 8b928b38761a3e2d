#pragma once

/*
 * generation -- one numbered, digested state of one relay's tables.
 *
 * A generation is made when an export differs from the one before it, and is
 * acknowledged when its relay runs it; both are facts that stay.
 *
 * Owner:   texts live in the arena that was passed in; structs are values.
 * Failure: ERR_NOT_FOUND for a relay that is not there; ERR_CONFLICT when two
 *          exports for one relay met.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

enum { GENERATION_DIGEST = 32 };

/* A relay as an export needs it. */
struct generation_relay {
	long long provider_id;
	long long id;
	const char *uuid;
	const char *provider; /* short names */
	const char *name;
	const char *full_name; /* "lms/mx1" */
	const char *helo;
	const char *mta;    /* "postfix", "exim" */
	const char *signer; /* "opendkim", ... */
	bool ed25519;       /* the provider orders a second signature */
	bool retired;
	const char *fingerprint; /* of its identity; NULL: not enrolled */
	long long last;          /* number of the newest generation; 0: none yet */
	const char *last_uuid;
	uint8_t last_digest[GENERATION_DIGEST];
	long long running; /* what it acknowledged last; 0: nothing yet */
	const char *snapshot_at;
};

/* "lms/mx1", or "mx1" when only one provider has a relay of that name. */
bool generation_relay_load(struct db *db, struct arena *arena, const char *name,
                           struct generation_relay *relay, struct err *err) CHECKED;

/* Numbers of rows, as they were seen in one snapshot. */
struct generation_list {
	long long *items;
	size_t count;
	size_t room;
};

void generation_list_add(struct generation_list *list, long long item);
bool generation_list_has(const struct generation_list *list, long long item);
void generation_list_drop(struct generation_list *list);

struct generation {
	long long number;
	uint8_t digest[GENERATION_DIGEST];
	long long senders;
	struct generation_list domains; /* whose senders it lets through */
	struct generation_list staged;  /* keys it holds */
	struct generation_list active;  /* keys it signs with */
};

/* Record it; *uuid names it outside the database. */
bool generation_add(struct db *db, struct arena *arena, const struct generation_relay *relay,
                    const struct generation *generation, const char **uuid,
                    struct err *err) CHECKED;

/* The relay runs this generation now. */
bool generation_ack(struct db *db, struct arena *arena, const struct generation_relay *relay,
                    long long number, struct err *err) CHECKED;

#pragma once

/*
 * channel -- a way by which the changes of a provider are told: mail, webhook.
 *
 * One monitor at a time uses it; the claim ends with channel_done() or after
 * five minutes.  What was told and not noted is told again, under the same id.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what db reports.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/base/uuid.h"
#include "sql/db.h"

struct channel {
	long long provider_id;
	const char *provider;
	const char *language;
	bool digest;       /* the mail of the day is due */
	long long domains; /* that the provider has in use */
};

struct channel_list {
	struct channel *items;
	size_t count;
};

/* Take the channel of each provider where something is to be told; `day` is
 * the moment after which the mail of the day must have left.  Not inside a
 * transaction. */
bool channel_claim(struct db *db, struct arena *arena, const struct uuid *claim, const char *name,
                   int64_t day, struct channel_list *list, struct err *err) CHECKED;

/* It was told, or `problem` says why not: then it rests a while, longer each time. */
bool channel_done(struct db *db, struct arena *arena, const struct uuid *claim, const char *name,
                  const struct channel *channel, const char *problem, struct err *err) CHECKED;

/* How each one is, as JSON; the caller drops it. */
bool channel_states(struct db *db, struct tree **list, struct err *err) CHECKED;

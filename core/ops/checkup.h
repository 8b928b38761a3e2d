#pragma once

/*
 * checkup -- look at some sender domains and keep what was found: load what is
 * known, plan what is required, ask the world, store.
 *
 * `monitor` looks at a batch with it, and a survey (survey.h) is made of many.
 * It prints nothing; who runs it hears of the progress.
 *
 * Owner:   the caller's struct and arena; answers of a look live until
 *          checkup_drop().
 * Failure: what db reports; ERR_AGAIN only after several attempts.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/facts.h"
#include "core/verify/domain_check.h"
#include "core/verify/domain_probe.h"
#include "core/verify/inquiry.h"
#include "sql/db.h"

struct checkup_item {
	struct domain_check check;
	struct inquiry_job job;
	struct domain_probe probe;
	bool *confirmed; /* after storing: of each verdict, does it count already? */
	bool dropped;    /* not stored: somebody else has looked meanwhile */
	void *owner;     /* the survey's own */
};

struct checkup {
	struct arena *arena; /* of the facts and requirements */
	struct facts facts;
	struct checkup_item *items; /* by name */
	size_t count;
};

/* These domains of one provider, in the caller's transaction; one that was
 * retired meanwhile is left out. */
bool checkup_load(struct checkup *checkup, struct db *db, long long provider_id,
                  const long long domain_ids[], size_t count, struct err *err) CHECKED;

/* Make an item fit for a look of its own. */
void checkup_prepare(struct checkup_item *item, struct spf_worker *worker);

/* Called in the transaction that stores an item, before it is stored; with
 * *wanted set to false the item is left out. */
typedef bool (*checkup_guard_fn)(struct db *db, const struct domain_check *check, bool *wanted,
                                 void *context, struct err *err);

/* Store these items, in one transaction; guard may be NULL.  After a failure it
 * can be repeated. */
bool checkup_store(struct checkup_item *const items[], size_t count, struct db *db,
                   checkup_guard_fn guard, void *context, struct err *err) CHECKED;

/* Without storing: make room, so that nothing counts as confirmed. */
void checkup_leave(struct checkup_item *item);

/* Forget the answers. */
void checkup_drop_item(struct checkup_item *item);
void checkup_drop(struct checkup *checkup);

#pragma once

/*
 * checkup -- look at sender domains and keep what was found: load what is
 * known, plan what is required, ask the world, store.
 *
 * `check` and `monitor` share it.  It prints nothing; who runs it hears of the
 * progress.  Domains of several providers may be in one checkup.
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
#include "core/model/scope.h"
#include "core/verify/domain_check.h"
#include "core/verify/domain_probe.h"
#include "core/verify/inquiry.h"
#include "core/verify/resolver.h"
#include "sql/db.h"

struct checkup_item {
	struct domain_check check;
	bool *confirmed; /* after storing: of each verdict, does it count already? */
	bool dropped;    /* not stored: somebody else has looked meanwhile */
};

struct checkup {
	struct arena *arena; /* of the facts and requirements */
	struct checkup_item *items;
	struct inquiry_job *jobs;
	size_t count;
	size_t room;
};

/* What asks the world. */
struct checkup_world {
	struct resolver *resolver;
	struct spf_worker *worker;
	struct domain_probe_settings probing;
	inquiry_progress_fn progress; /* of the questions to DNS; NULL */
	void *context;
};

/* Add all domains of a scope.  Inside the caller's transaction. */
bool checkup_add(struct checkup *checkup, struct db *db, const struct scope *scope,
                 struct err *err) CHECKED;

/* Look at the items from `first` up to, not including, `end`. */
void checkup_look(struct checkup *checkup, size_t first, size_t end,
                  const struct checkup_world *world);

/* Called in the transaction that stores an item, before it is stored; with
 * *wanted set to false the item is left out. */
typedef bool (*checkup_guard_fn)(struct db *db, const struct domain_check *check, bool *wanted,
                                 void *context, struct err *err);

/* Store these items, some in each transaction; guard may be NULL.  After a
 * failure it can be repeated: what was stored is stored. */
bool checkup_store(struct checkup *checkup, struct db *db, size_t first, size_t end,
                   checkup_guard_fn guard, void *context, struct err *err) CHECKED;

/* Without storing: make room, so that nothing counts as confirmed. */
void checkup_leave(struct checkup *checkup, size_t first, size_t end);

/* Forget the answers of these items. */
void checkup_drop(struct checkup *checkup, size_t first, size_t end);

#pragma once

/*
 * handover -- issue a sheet: plan every domain of a client, write down what it
 * owes, and note that the keys on it are on their way into DNS.
 *
 * Owner:   the sheet's texts live in the arena that was passed in.
 * Failure: what the planner or the database reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/model/scope.h"
#include "core/model/sheet.h"
#include "core/plan/ask.h"

struct handover {
	struct sheet sheet;
	bool issued;    /* false: the same was issued before; that one is in `sheet` */
	size_t keys;    /* that stand on it to be published */
	size_t keyless; /* domains that shall be signed and have no key yet */
	size_t refused; /* SPF records that must be mended first */
	size_t unknown; /* questions that DNS did not answer */
};

/* What a sheet issued now would say, without issuing one; `model` receives its
 * JSON.  `handover` gets the counts. */
bool handover_preview(struct db *db, struct arena *arena, const struct scope *client,
                      const char *language, const struct ask *ask, struct text *model,
                      struct handover *handover, struct err *err) CHECKED;

/* In a writing transaction of the caller's.  `language` NULL: the client's.
 * `ask` NULL: DNS is not asked. */
bool handover_issue(struct db *db, struct arena *arena, const struct scope *client,
                    const char *language, const struct ask *ask, struct handover *handover,
                    struct err *err) CHECKED;

#pragma once

/*
 * standing -- where each sender stands, in words.
 *
 * The state and its reasons come from the view sender_state; here the codes of
 * the reasons become sentences in the reader's language.
 *
 * Failure: what db reports.
 */

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/model/scope.h"
#include "sql/db.h"

struct standing {
	struct tree *senders; /* the JSON of product.md; the caller drops it */
	size_t incomplete;    /* senders with something missing or lost */
};

/* All senders in the scope (NULL: all that I may see), or those in one state. */
bool standing_load(struct db *db, const struct scope *scope, const char *state,
                   struct standing *standing, struct err *err) CHECKED;

#pragma once

/*
 * survey_list -- which domains shall be looked at, by their numbers alone.
 *
 * Owner:   the caller's struct and arena.
 * Failure: what db reports.
 * Memory:  sixteen octets a domain.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/scope.h"
#include "sql/db.h"

struct survey_domain {
	long long provider_id;
	long long domain_id;
};

struct survey_list {
	struct arena *arena;
	struct survey_domain *domains;
	size_t count;
	size_t room;
	size_t skipped; /* by survey_list_skip() */
};

/* The moment so long ago ("2 hours", "0 s"), by the clock of the database, which
 * keeps the looks: for survey_list_skip().  Inside a transaction. */
bool survey_list_moment(struct db *db, struct arena *arena, const char *span, const char **moment,
                        struct err *err) CHECKED;

/* Add the domains of a scope; inside a transaction. */
bool survey_list_add(struct survey_list *list, struct db *db, const struct scope *scope,
                     struct err *err) CHECKED;

/* By provider and number, each domain once, however often it was added. */
void survey_list_order(struct survey_list *list);

/* Leave out what was looked at, and that kept, since a moment ("2026-11-25T18:00:00Z").
 * After the last survey_list_add(); inside a transaction. */
bool survey_list_skip(struct survey_list *list, struct db *db, const char *moment,
                      struct err *err) CHECKED;

#pragma once

/*
 * import_stage -- rows of a file on their way into the database.
 *
 * Each row is checked and normalised here and leaves by COPY for a temporary
 * table; there, set by set, it is compared with what is registered, checked
 * against the rest of the file, and stored.  A million rows need no more
 * memory here than one.
 *
 * Owner:   the caller opens and closes, and keeps the transaction.
 * Failure: what is wrong with the file goes to the findings; false is for the
 *          database's own faults.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/model/import_field.h"
#include "core/model/import_finding.h"
#include "sql/db.h"

/* Where a row is, in words; IMPORT_FIELDS: the row as a whole. */
typedef const char *(*import_place_fn)(void *context, struct arena *arena, long long place,
                                       enum import_field field);

struct import_stage {
	struct db *db; /* NULL: check only */
	struct import_findings *findings;
	import_place_fn place;
	void *context;

	struct arena scratch;
	struct text out;                   /* COPY lines not yet sent */
	struct text before[IMPORT_FIELDS]; /* what the row before said */
	long long rows;
};

/* Make the tables of an import (once in a transaction). */
bool import_stage_make(struct db *db, struct err *err) CHECKED;

/* Begin to take rows: for the first provider of a file, and for each further one. */
bool import_stage_begin(struct import_stage *stage, struct err *err) CHECKED;

/* Take one row (an import_row_fn; the context is the stage). */
bool import_stage_row(void *stage, const struct import_row *row, struct err *err) CHECKED;

/* No more rows of this provider. */
bool import_stage_end(struct import_stage *stage, struct err *err) CHECKED;

/* Compare with the registry and check; adds to the findings. */
bool import_stage_check(struct import_stage *stage, const char *provider_id,
                        struct err *err) CHECKED;

/* Store what is new or other, without findings only. */
bool import_stage_store(struct import_stage *stage, const char *provider_id,
                        struct err *err) CHECKED;

void import_stage_close(struct import_stage *stage);

#pragma once

/*
 * table -- compile a table's source on the relay, and read back every row.
 *
 * A source has one row per line: key TAB value; lines that begin with # are
 * comments.  postmap exits with 0 after skipping a bad row, and a broken cdb
 * stops the whole relay, so neither is trusted: what comes out must be what
 * went in, row for row.
 *
 * Failure: ERR_REFUSED when a compiler complains or a row is missing.
 * Secrets: sasl_passwd is a table too; its rows pass through pipes between the
 *          system's own programs and this process, and are never kept.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

/* FILE -> FILE.cdb.  `conf` is a folder with a main.cf that postmap may read. */
bool table_make_cdb(struct arena *arena, const char *file, const char *conf,
                    struct err *err) CHECKED;

/* FILE -> FILE.db, a Berkeley DB hash. */
bool table_make_hash(struct arena *arena, const char *file, struct err *err) CHECKED;

/* Called for each row of a source. */
typedef bool (*table_row_fn)(const char *key, const char *value, void *context, struct err *err);
bool table_each(const char *file, table_row_fn call, void *context, struct err *err) CHECKED;

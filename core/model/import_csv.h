#pragma once

/*
 * import_csv -- rows out of a file of comma-separated values (RFC 4180).
 *
 *   file   = [BOM] header *( record )
 *   header = names of import_field.h in any order, any case
 *   record = as many fields as the header; empty: not said
 *
 * Comma, semicolon or tab, whichever the header uses; LF or CRLF; UTF-8.
 * Strict: a stray quote, NUL, a bare carriage return or an octet that is not
 * UTF-8 is found with its line and column and ends the reading.  The one door
 * to libcsv.
 *
 * Owner:   the caller opens, feeds, ends and closes.
 * Failure: what is wrong with the file goes to the findings and reading goes
 *          on where that makes sense; false is for the callback's own faults.
 * Memory:  bounded by IMPORT_CSV_RECORD; the file is never held.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/import_field.h"
#include "core/model/import_finding.h"

enum {
	IMPORT_CSV_RECORD = 64
	                    * 1024, /* longest record in octets, line breaks in quotes included */
	IMPORT_CSV_COLUMNS = 64,
};

struct import_csv;

/* Called for each record; its place is the line it begins in. */
typedef bool (*import_row_fn)(void *context, const struct import_row *row, struct err *err);

struct import_csv *import_csv_open(struct import_findings *findings, import_row_fn call,
                                   void *context);

/* Any number of bytes, cut anywhere.  False: stop; err is set when it was the callback. */
bool import_csv_feed(struct import_csv *csv, const char *bytes, size_t size,
                     struct err *err) CHECKED;
bool import_csv_end(struct import_csv *csv, struct err *err) CHECKED;
void import_csv_close(struct import_csv *csv);

/* "line 17, column 6 "sender"" for a field the header has, else "line 17". */
const char *import_csv_place(const struct import_csv *csv, struct arena *arena, long long line,
                             enum import_field field);

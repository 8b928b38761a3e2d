#pragma once

/*
 * import_fuzz -- what must hold for every row of every file, however broken.
 *
 * A value that passed its check has no control characters: it may become a
 * line of COPY, and later a line of a mail server's table.  Whatever is found
 * wrong is said in words.
 */

#include "core/model/import_field.h"
#include "core/model/import_finding.h"

/* An import_row_fn: check each value, and what the check made of it. */
bool import_fuzz_row(void *context, const struct import_row *row, struct err *err);

/* The findings are sentences with a place. */
void import_fuzz_findings(const struct import_findings *findings);

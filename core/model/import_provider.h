#pragma once

/*
 * import_provider -- the provider and relay part of an imported document.
 *
 * A provider that is not there yet is added (operators only); what the
 * document says of one that is there is compared and changed.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: wrong values go to the findings; false is for the database.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/import.h"
#include "core/model/import_finding.h"
#include "core/model/import_json.h"
#include "sql/db.h"

/* Find, add or change one provider of the document and its relays; *id is ""
 * when the findings say why not. */
bool import_provider_store(struct db *db, struct arena *arena, struct import_json *json,
                           size_t index, struct import_findings *findings,
                           struct import_answer *answer, const char **id, struct err *err) CHECKED;

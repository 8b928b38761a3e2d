#pragma once

/*
 * key_note -- the event of what happens to a signing key.
 *
 * Failure: what db reports.
 */

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/dkim_key.h"

/* In the transaction of the change: "key.retire" about the key's domain, with
 * selector and algorithm, and the reason of its step. */
bool key_note(struct db *db, const struct dkim_key *key, const char *what, const char *why,
              struct err *err) CHECKED;

#pragma once

/*
 * key_named -- the keys that a command names.
 *
 * All within a transaction of the caller's.
 *
 * Owner:   texts live in the session's arena.
 * Failure: what scope_find() and db report; ERR_USAGE for a client where a
 *          domain belongs; ERR_NOT_FOUND with a hint.
 */

#include "cli/session.h"
#include "core/model/dkim_key.h"

/* Those of a domain or a client; NULL: of all.  What else the filter says stays. */
bool key_named_filter(struct session *session, const char *word, struct dkim_key_filter *filter,
                      struct err *err) CHECKED;

/* One alone.  In a slot several keys had this name: the last one is meant. */
bool key_named_find(struct session *session, const char *domain, const char *selector,
                    struct dkim_key *key, struct err *err) CHECKED;

#pragma once

/*
 * key_wanted -- domains that ought to sign and have no key to do it with.
 *
 * Hosted and relayed domains with DKIM ordered; direct ones are signed by the
 * customer's own server.
 *
 * Owner:   the list lives in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/scope.h"
#include "sql/db.h"

struct key_wanted {
	long long provider_id;
	long long domain_id;
	const char *domain;
	const char *client; /* "lms/acme" */
	const char *algorithm;
};

/* `scope` NULL: everything that may be seen.  `ordered`: Ed25519 only where
 * the provider's policy wants it. */
bool key_wanted_list(struct db *db, struct arena *arena, const struct scope *scope,
                     const char *algorithm, bool ordered, struct key_wanted **list, size_t *count,
                     struct err *err) CHECKED;

#pragma once

/*
 * smarthost_secret -- whose password it is: a smarthost, found by its host.
 *
 * Failure: ERR_NOT_FOUND; ERR_CONFLICT when the client has that host on
 *          several ports and none was said.
 * Secrets: none; the password goes to the key service, past us.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/scope.h"
#include "sql/db.h"

struct smarthost_secret {
	long long smarthost_id;
	const char *host;
	int port;
	bool known; /* it has a password already */
};

/* `host` is "smtp.acme.example" or "smtp.acme.example:587". */
bool smarthost_secret_find(struct db *db, struct arena *arena, const struct scope *client,
                           const char *host, struct smarthost_secret *found,
                           struct err *err) CHECKED;

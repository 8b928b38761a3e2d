#pragma once

/*
 * delivery -- tell what changed: by mail, and to a webhook.
 *
 * Each change leaves by each configured way at least once, and through one
 * monitor; repetitions have the same id.  A way that fails is named in the log
 * and in the database, and rests for a while.
 *
 * Owner:   nothing is kept between calls.
 * Failure: what db reports; a mail or a webhook that could not be had is none.
 * Secrets: the webhook's URL may be one: it is never logged.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/base/conf.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "sql/db.h"

struct delivery {
	const struct conf *conf;
	struct uuid claim;
	const char *keys_socket; /* of the service that signs; NULL: none */
	size_t told;             /* changes, counted for each way */
	size_t failed;           /* ways that did not work */
};

/* Tell everything that is to be told now. */
bool delivery_run(struct delivery *delivery, struct db *db, struct err *err) CHECKED;

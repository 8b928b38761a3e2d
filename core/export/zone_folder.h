#pragma once

/*
 * zone_folder -- write a provider's zones into a folder that a name server reads.
 *
 * A file whose bytes are the same is not touched; another one is judged by
 * nsd-checkzone or named-checkzone where there is one, and only then put in the
 * place of the old.  zones.nsd and zones.bind name the zones for the server's own
 * configuration.  The keys whose records are in it count as handed over.
 *
 * Owner:   the list of answers is the caller's to drop.
 * Failure: ERR_REFUSED when the judge does not agree: then nothing counts as
 *          written, and the next run tries again.  ERR_REFUSED when the reload
 *          command does not: the zones are written then, reload.due in the folder
 *          says what is owed, and the next run with a reload command pays it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/tree.h"

struct db;

struct zone_wish {
	const char *provider;
	const char *folder; /* NULL: only rendered, into `text` */
	const char *reload; /* run by the shell when a file changed or a reload is due; or NULL */
};

struct zone_written {
	struct tree *zones; /* [{ "zone", "file", "fragment", "serial", "records", "changed" }] */
	struct text text;   /* of a wish without folder */
	size_t changed;     /* files */
	size_t keys;        /* that count as handed over from now on */
};

/* In a transaction of its own, begun again when another one was in the way. */
bool zone_folder_write(struct db *db, struct arena *arena, const struct zone_wish *wish,
                       struct zone_written *written, struct err *err) CHECKED;

void zone_folder_drop(struct zone_written *written);

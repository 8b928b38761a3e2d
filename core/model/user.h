#pragma once

/*
 * user -- who may work here: a database role that is a member of manager,
 * operator or exporter, and of the providers that it may see.
 *
 * How a person proves to be that role (peer, certificate, password) is the
 * database server's business.
 *
 * Failure: ERR_DENIED unless an operator asks; what the schema refuses.
 */

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

/* Everybody, as [{"user","roles","providers"}]; the caller drops it. */
bool user_list(struct db *db, struct tree **users, struct err *err) CHECKED;

/* Make the role when it is not there, and let it in.  `providers` are short names. */
bool user_grant(struct db *db, struct arena *arena, const char *person, const char *role,
                const char *const providers[], size_t count, struct err *err) CHECKED;

/* Take a role (NULL: none) and providers away. */
bool user_revoke(struct db *db, struct arena *arena, const char *person, const char *role,
                 const char *const providers[], size_t count, struct err *err) CHECKED;

#pragma once

/*
 * sheet -- a hand-over sheet as it was issued: numbered per client, never changed.
 *
 * Owner:   texts live in the arena that was passed in; the model is dropped by
 *          who loaded it.
 * Failure: ERR_NOT_FOUND, or what db reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

struct sheet {
	long long provider_id;
	long long id;
	long long client_id;
	const char *uuid;
	const char *provider; /* short names */
	const char *client;
	int number;
	int replaces; /* the number before it, 0: none */
	const char *language;
	const char *digest;
	const char *issued_at; /* 2026-11-22T03:41:20Z */
	const char *issued_by;
	const char *model; /* JSON; NULL in lists */
};

struct sheet_list {
	struct sheet *items;
	size_t count;
	size_t room;
};

/* The newest of this client and language whose model is exactly this one,
 * provided that nothing was issued after it; *found is false when it is new. */
bool sheet_find_same(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                     const char *language, const char *model, struct sheet *sheet, bool *found,
                     struct err *err) CHECKED;

/* Issue: the next number of the client. */
bool sheet_add(struct db *db, struct arena *arena, long long provider_id, long long client_id,
               const char *language, const char *model, struct sheet *sheet,
               struct err *err) CHECKED;
bool sheet_add_domain(struct db *db, const struct sheet *sheet, long long domain_id,
                      struct err *err) CHECKED;
bool sheet_add_key(struct db *db, const struct sheet *sheet, long long key_id,
                   struct err *err) CHECKED;

/* One with its model; number 0 is the newest. */
bool sheet_load(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                int number, struct sheet *sheet, struct err *err) CHECKED;

/* All of a client (0: of all that may be seen), newest first. */
bool sheet_list_load(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                     struct sheet_list *list, struct err *err) CHECKED;

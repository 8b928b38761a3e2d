#pragma once

/*
 * change -- what became different with a sender domain: lost, recovered,
 * verified, ...  Written by the database in the transaction of the look that
 * saw it (sql/schema/0015_change.sql); here it is read, and noted as told.
 *
 * Owner:   texts live in the arena, the details in the list until dropped.
 * Failure: what db reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

/* In which way a change is told. */
enum change_way {
	CHANGE_ALERT,  /* a mail at once; only what cannot wait */
	CHANGE_DIGEST, /* the mail of the day */
	CHANGE_WEBHOOK,
	CHANGE_WAYS,
};

struct change {
	long long id;
	const char *uuid;
	const char *at;
	const char *kind;
	const char *provider;
	const char *client; /* "lms/acme" */
	const char *domain;
	const char *purpose; /* NULL: the domain as a whole */
	const char *name;    /* NULL */
	struct tree *detail; /* a map */
};

struct change_list {
	struct change *items;
	size_t count;
};

/* Not told yet in this way: mails by client and domain, webhooks by age. */
bool change_load(struct db *db, struct arena *arena, long long provider_id, enum change_way way,
                 size_t most, struct change_list *list, struct err *err) CHECKED;

/* These have been told. */
bool change_told(struct db *db, struct arena *arena, long long provider_id, enum change_way way,
                 const struct change changes[], size_t count, struct err *err) CHECKED;

void change_drop(struct change_list *list);

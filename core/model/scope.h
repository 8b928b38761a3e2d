#pragma once

/*
 * scope -- what a person means by "lms/acme", "acme" or "acme.example".
 *
 * A word with a dot is a domain, one without is a client; "provider/" in front
 * says whose, and is needed only when two providers know the name.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_NOT_FOUND, ERR_CONFLICT with the names to choose from.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

struct scope {
	long long provider_id;
	const char *provider;
	long long client_id; /* 0: the whole provider */
	const char *client;
	long long domain_id; /* 0: all domains of the client */
	const char *domain;
	const char *language; /* of the client, else of the provider */
	const char *words;    /* "lms/acme", "acme.example", "lms" */
};

/* A client or a domain. */
bool scope_find(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                struct err *err) CHECKED;

/* A client alone: a domain is refused with a hint. */
bool scope_find_client(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                       struct err *err) CHECKED;

bool scope_find_provider(struct db *db, struct arena *arena, const char *word, struct scope *scope,
                         struct err *err) CHECKED;

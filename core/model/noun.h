#pragma once

/*
 * noun -- what all nouns of the registry have in common: they are listed,
 * found by name, added, changed and retired, and each change is an event.
 *
 * A noun is a row: its fields and its statements.  What is special about one
 * (a sender brings its domain) stands in the file of that noun.
 *
 * The statements of a noun agree on this:
 *   list    $1 provider, $2 client, $3 name, $5 id (NULL: any), $4 retired ones too
 *           -> provider_id, client_id, id, provider, client, name, subject,
 *              above_retired (what it belongs to and is retired, or NULL),
 *              the noun's fields, created_at, retired_at
 *   add     $1 provider_id, $2 client_id, $3 name, $4 ... fields -> id
 *   change  $1 provider_id, $2 id, $3 ... fields; NULL keeps, '' clears
 *   retire  $1 provider_id, $2 id, $3 true: retire, false: bring back
 *   needed  $1 provider_id, $2 id -> what (things in use that need this one)
 *   withdrawn  $1 provider_id, $2 id, $3 what the field shall say -> what (refers to what goes)
 *
 * Owner:   texts live in the arena that was passed in; who asks for a tree
 *          drops it.  The caller begins and ends the transaction.
 * Failure: ERR_NOT_FOUND, ERR_CONFLICT (the name is known to several
 *          providers, exists already), ERR_REFUSED (retired, still needed),
 *          ERR_INPUT, or what db reports.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/model/field.h"
#include "sql/db.h"

enum { NOUN_MOST_FIELDS = 24 };

struct noun {
	const char *word;    /* "client": in events, in JSON, on the command line */
	const char *unknown; /* N_("there is no such client") */
	const struct field *fields;
	struct field name; /* how its own name is checked and shown */
	bool slashed;      /* the name may be written provider/name */
	bool free;         /* nothing can need it: no statement `needed` */
	enum statement_id list, add, change, retire, needed;
	bool referred; /* others refer to what a field says: it stays while they do */
	enum statement_id withdrawn;
	size_t withdrawable; /* the number of that field */
};

struct noun_one {
	const struct noun *noun;
	long long provider_id;
	long long client_id; /* 0: belongs to the provider itself */
	long long id;
	const char *provider;
	const char *client; /* NULL: none */
	const char *name;
	const char *subject;       /* what events call it: "lms/acme" */
	const char *above_retired; /* NULL: all it belongs to is in use */
	bool retired;
};

/* Which ones; NULL: any. */
struct noun_query {
	const char *provider;
	const char *client;
	const char *name;
	long long id; /* 0: any */
	bool retired; /* retired ones too */
	bool people;  /* U-labels instead of A-labels */
};

/* A list of maps. */
bool noun_list(struct db *db, struct arena *arena, const struct noun *noun,
               const struct noun_query *query, struct tree **list, struct err *err) CHECKED;

/* The one that a person means; one in use goes before a retired one of the
 * same name.  `facts` may be NULL; else the caller drops it. */
bool noun_find(struct db *db, struct arena *arena, const struct noun *noun,
               const struct noun_query *query, struct noun_one *one, struct tree **facts,
               struct err *err) CHECKED;

/* What it is now; the caller drops it. */
bool noun_facts(struct db *db, struct arena *arena, const struct noun_one *one, bool people,
                struct tree **facts, struct err *err) CHECKED;

/* ERR_REFUSED when it or what it belongs to is retired. */
bool noun_in_use(const struct noun_one *one, struct err *err) CHECKED;

/* Write the event of a change of this one. */
bool noun_event(struct db *db, struct arena *arena, const struct noun_one *one, const char *verb,
                const char *why, const struct tree *detail, struct err *err) CHECKED;

/* Register under `above` (a client or provider in use).  `said` has a text for
 * each field that can be said; NULL takes the schema's default. */
bool noun_add(struct db *db, struct arena *arena, const struct noun *noun,
              const struct noun_one *above, const char *name, const char *const said[],
              const char *why, struct noun_one *one, struct err *err) CHECKED;

/* Change what was said and differs; the event tells from what to what.
 * `difference` is a map by field, empty when nothing differs. */
bool noun_change(struct db *db, struct arena *arena, const struct noun_one *one,
                 const char *const said[], const char *why, struct tree **difference,
                 struct err *err) CHECKED;

/* May this noun's field say something else?  ERR_REFUSED while others refer to
 * what it says now, with the list of them.  `said` NULL: it stays. */
bool noun_withdraw(struct db *db, const struct noun *noun, const char *subject,
                   const char *provider_id, const char *id, const char *said,
                   struct err *err) CHECKED;

/* Refused while something in use needs it, with the list of that. */
bool noun_retire(struct db *db, struct arena *arena, const struct noun_one *one, const char *why,
                 struct err *err) CHECKED;

/* In use again; `one` knows it afterwards. */
bool noun_reactivate(struct db *db, struct arena *arena, struct noun_one *one, const char *why,
                     struct err *err) CHECKED;

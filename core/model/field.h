#pragma once

/*
 * field -- what can be said of a noun, one row per thing.
 *
 * A noun's table has one row per column of its statements: how the value is
 * checked and normalised before it goes in, and what it is when it comes out.
 * Adding, changing, showing and comparing walk the same rows.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT with the field's name, the column and a hint.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "sql/db.h"

struct field;

typedef bool (*field_check_fn)(const struct field *field, struct arena *arena, const char *text,
                               const char **made, struct err *err);

enum field_shape {
	FIELD_TEXT,
	FIELD_NUMBER,
	FIELD_BOOL,
	FIELD_LIST,
	FIELD_NAME,   /* a domain name: U-labels for people */
	FIELD_ADDRESS /* a mail address: U-labels for people */
};

struct field {
	const char *key; /* of the column and in JSON; NULL ends the table */
	enum field_shape shape;
	field_check_fn check; /* NULL: shown, never said */
	bool clears;          /* "" takes the value away */
	const char *choices;  /* for field_choice(): "de|en" */
};

#define FIELDS_END \
	{ \
		NULL, FIELD_TEXT, NULL, false, NULL \
	}

/* Text for people; a short name; an account. */
bool field_label(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err) CHECKED;
bool field_short_name(const struct field *field, struct arena *arena, const char *text,
                      const char **made, struct err *err) CHECKED;
bool field_login(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err) CHECKED;

/* A domain or host; where a DNS record stands; an address; a URL. */
bool field_host(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err) CHECKED;
bool field_record(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err) CHECKED;
bool field_address(const struct field *field, struct arena *arena, const char *text,
                   const char **made, struct err *err) CHECKED;
bool field_url(const struct field *field, struct arena *arena, const char *text, const char **made,
               struct err *err) CHECKED;

/* One of field->choices; yes or no; a whole number; "8 days", "2 s". */
bool field_choice(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err) CHECKED;
bool field_bool(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err) CHECKED;
bool field_number(const struct field *field, struct arena *arena, const char *text,
                  const char **made, struct err *err) CHECKED;
bool field_span(const struct field *field, struct arena *arena, const char *text, const char **made,
                struct err *err) CHECKED;

/* The text as it is: a list that was checked before it became an array. */
bool field_ready(const struct field *field, struct arena *arena, const char *text,
                 const char **made, struct err *err) CHECKED;

/* How many rows of the table can be said; they stand first. */
size_t field_count(const struct field *fields);

/* All that was said (NULL: not said), as the statements want it. */
bool field_check(const struct field *fields, struct arena *arena, const char *const said[],
                 const char *made[], struct err *err) CHECKED;

/* Put the row's columns into a map; `people` puts U-labels. */
void field_put(const struct field *fields, struct arena *arena, const struct row *row, bool people,
               struct tree *map);

/* A map of what differs: { "title": { "from": "Acme", "to": "Acme Ltd" } }.
 * The caller drops it. */
struct tree *field_difference(const struct field *fields, const struct tree *before,
                              const struct tree *after);

#pragma once

/*
 * statement -- the closed list of everything we ever say to the database.
 *
 * One file in sql/query/ is one row here.  There is no other SQL in the
 * program, and none is put together at run time; values travel as parameters.
 * tests/sql asks a real server to confirm each row's parameters and columns.
 */

#include <stddef.h>

enum statement_id {
#include "sql/statement_ids.h"
	STATEMENTS,
};

struct statement {
	const char *name;
	int params;
	const char *columns; /* comma separated, in order; "" when nothing comes back */
	const char *text;
};

extern const struct statement statements[STATEMENTS];

struct migration {
	const char *name; /* "0001_registry" */
	const char *text;
};

/* In order; ends with a row whose name is NULL. */
extern const struct migration migrations[];

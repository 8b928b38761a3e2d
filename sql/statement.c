#include "sql/statement.h"

const struct statement statements[STATEMENTS] = {
#include "sql/statement_rows.inc"
};

const struct migration migrations[] = {
#include "sql/migration_rows.inc"
	{ NULL, NULL },
};

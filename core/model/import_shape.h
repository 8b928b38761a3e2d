#pragma once

/*
 * import_shape -- which names a JSON document of an import may have, and of which
 * kind each value is: the grammar of import_json.h as tables.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what is wrong goes to the findings.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/model/import_field.h"
#include "core/model/import_finding.h"

enum import_kind {
	IMPORT_TEXT,
	IMPORT_BOOL,
	IMPORT_NUMBER,
	IMPORT_TEXTS, /* a list of texts */
	IMPORT_MAPS   /* a list of maps */
};

struct import_key {
	const char *name; /* NULL ends the table */
	enum import_kind kind;
	enum import_field field; /* IMPORT_FIELDS: not one of a row */
	bool needed;
};

struct import_list {
	const char *name;
	const struct import_key *keys;
};

extern const struct import_key import_shape_client[];
extern const struct import_key import_shape_smarthost[];

/* The lists of a client, in an order in which nothing names what comes later. */
enum { IMPORT_LISTS = 4 };
extern const struct import_list import_shape_lists[IMPORT_LISTS];

bool import_shape_fits(const struct tree *value, enum import_kind kind);

/* "providers[0].clients[3]" */
const char *import_shape_item(struct arena *arena, const char *path, const char *list,
                              size_t index);

/* Is the whole document as it must be? */
void import_shape_check(struct import_findings *findings, struct arena *arena,
                        const struct tree *document);

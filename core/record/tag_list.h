#pragma once

/*
 * tag_list -- "v=DKIM1; k=rsa; p=..." as names and values (RFC 6376 3.2).
 *
 * DKIM and DMARC records share this grammar; what the tags mean is theirs.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT with the column, counted in octets from 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum { TAG_LIST_TAGS = 64 };

struct tag {
	const char *name;
	const char *value; /* without white space at its ends; folding inside stays */
	size_t column;
};

struct tag_list {
	struct tag tags[TAG_LIST_TAGS];
	size_t count;
};

/* White space is free around names and values, one ; may end the list.  A
 * name that stands twice makes the whole list invalid. */
bool tag_list_parse(struct arena *arena, const char *text, size_t length, struct tag_list *list,
                    struct err *err) CHECKED;

/* The value of a tag, NULL when it is absent.  Names are case-sensitive. */
const char *tag_list_find(const struct tag_list *list, const char *name);

/* "a:b:c" holds the word (white space around the words is free). */
bool tag_list_holds(const char *value, const char *word);

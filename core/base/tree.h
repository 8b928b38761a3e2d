#pragma once

/*
 * tree -- a structured answer: texts, numbers, lists and maps.
 *
 * A command builds one tree; cli/print shows it as a table to people or as
 * JSON to programs.  Also reads JSON that comes from outside.  The one door
 * to jansson.
 *
 * Owner:   whoever made a tree drops it; putting a tree into another moves it
 *          there.  NULL is "absent" everywhere and may be dropped.
 * Failure: only tree_parse() can fail; out of memory ends the process.
 * Secrets: never here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/err.h"
#include "core/base/text.h"

struct tree;

struct tree *tree_map(void);
struct tree *tree_list(void);
struct tree *tree_text(const char *text); /* NULL gives JSON null */
struct tree *tree_number(long long number);
struct tree *tree_bool(bool value);

/* Put a value under a name (moves it), or add it to the end of a list. */
void tree_put(struct tree *map, const char *name, struct tree *value);
void tree_put_text(struct tree *map, const char *name, const char *text);
void tree_put_number(struct tree *map, const char *name, long long number);
void tree_put_bool(struct tree *map, const char *name, bool value);
void tree_push(struct tree *list, struct tree *value);
void tree_push_text(struct tree *list, const char *text);

/* The same value once more; dropped on its own. */
struct tree *tree_copy(const struct tree *tree);

/* Look inside; borrowed, NULL when absent or of another kind. */
const struct tree *tree_get(const struct tree *map, const char *name);
const struct tree *tree_at(const struct tree *list, size_t index);
size_t tree_count(const struct tree *list);
const char *tree_as_text(const struct tree *value);
long long tree_as_number(const struct tree *value, long long otherwise);
bool tree_as_bool(const struct tree *value, bool otherwise);
bool tree_is_map(const struct tree *value);
bool tree_is_list(const struct tree *value);
bool tree_is_null(const struct tree *value);
/* tree_as_text(tree_get(map, name)) */
const char *tree_find_text(const struct tree *map, const char *name);

/* The names of a map in order of insertion; call with index 0, 1, ... until NULL. */
const char *tree_name_at(const struct tree *map, size_t index);

/* JSON on several indented lines, or on one. */
void tree_render(const struct tree *tree, bool indented, struct text *out);

/* Read one JSON document; duplicate names are refused; the error names line
 * and column.  The caller drops *tree. */
bool tree_parse(const char *json, size_t length, struct tree **tree, struct err *err) CHECKED;

void tree_drop(struct tree *tree);

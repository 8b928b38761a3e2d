#include "core/base/tree.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/words.h"

/* struct tree is never defined: a pointer to it is a json_t in disguise. */
static json_t *inner(const struct tree *tree)
{
	union {
		const struct tree *tree;
		json_t *json;
	} both = { .tree = tree };

	return both.json;
}

static struct tree *outer(json_t *json)
{
	union {
		json_t *json;
		struct tree *tree;
	} both = { .json = json };

	if (json == NULL) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	return both.tree;
}

static struct tree *outer_or_null(json_t *json)
{
	return json != NULL ? outer(json) : NULL;
}

struct tree *tree_map(void)
{
	return outer(json_object());
}

struct tree *tree_list(void)
{
	return outer(json_array());
}

/* DNS and customers send bytes that are no UTF-8: they become U+FFFD, never an error. */
static json_t *text_of_bytes(const char *bytes)
{
	struct text clean = { 0 };

	for (const unsigned char *p = (const unsigned char *)bytes; *p != '\0';) {
		size_t more = *p < 0x80 ? 0 : *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : *p >= 0xC2 ? 1 : 9;
		size_t have = 0;
		while (more < 9 && have < more && (p[1 + have] & 0xC0) == 0x80)
			have++;
		json_t *probe = have == more ? json_stringn((const char *)p, more + 1) : NULL;
		if (probe != NULL) {
			text_add_bytes(&clean, p, more + 1);
			json_decref(probe);
			p += more + 1;
		} else {
			text_add(&clean, "\xEF\xBF\xBD");
			p++;
		}
	}
	json_t *made = json_string(text_string(&clean));
	text_free(&clean);
	return made;
}

struct tree *tree_text(const char *text)
{
	if (text == NULL)
		return outer(json_null());
	json_t *made = json_string(text);
	return outer(made != NULL ? made : text_of_bytes(text));
}

struct tree *tree_number(long long number)
{
	return outer(json_integer(number));
}

struct tree *tree_bool(bool value)
{
	return outer(json_boolean(value));
}

void tree_put(struct tree *map, const char *name, struct tree *value)
{
	if (json_object_set_new(inner(map), name, inner(value)) != 0)
		abort();
}

void tree_put_text(struct tree *map, const char *name, const char *text)
{
	tree_put(map, name, tree_text(text));
}

void tree_put_number(struct tree *map, const char *name, long long number)
{
	tree_put(map, name, tree_number(number));
}

void tree_put_bool(struct tree *map, const char *name, bool value)
{
	tree_put(map, name, tree_bool(value));
}

void tree_push(struct tree *list, struct tree *value)
{
	if (json_array_append_new(inner(list), inner(value)) != 0)
		abort();
}

void tree_push_text(struct tree *list, const char *text)
{
	tree_push(list, tree_text(text));
}

const struct tree *tree_get(const struct tree *map, const char *name)
{
	return map != NULL ? outer_or_null(json_object_get(inner(map), name)) : NULL;
}

const struct tree *tree_at(const struct tree *list, size_t index)
{
	return list != NULL ? outer_or_null(json_array_get(inner(list), index)) : NULL;
}

size_t tree_count(const struct tree *list)
{
	return list != NULL ? json_array_size(inner(list)) : 0;
}

const char *tree_as_text(const struct tree *value)
{
	return value != NULL ? json_string_value(inner(value)) : NULL;
}

long long tree_as_number(const struct tree *value, long long otherwise)
{
	return value != NULL && json_is_integer(inner(value)) ? json_integer_value(inner(value))
	                                                      : otherwise;
}

bool tree_as_bool(const struct tree *value, bool otherwise)
{
	return value != NULL && json_is_boolean(inner(value)) ? json_is_true(inner(value))
	                                                      : otherwise;
}

bool tree_is_map(const struct tree *value)
{
	return value != NULL && json_is_object(inner(value));
}

bool tree_is_list(const struct tree *value)
{
	return value != NULL && json_is_array(inner(value));
}

bool tree_is_null(const struct tree *value)
{
	return value != NULL && json_is_null(inner(value));
}

const char *tree_find_text(const struct tree *map, const char *name)
{
	return tree_as_text(tree_get(map, name));
}

const char *tree_name_at(const struct tree *map, size_t index)
{
	void *step = json_object_iter(inner(map));

	while (step != NULL && index-- > 0)
		step = json_object_iter_next(inner(map), step);
	return step != NULL ? json_object_iter_key(step) : NULL;
}

static int add_bytes(const char *bytes, size_t size, void *out)
{
	text_add_bytes(out, bytes, size);
	return 0;
}

void tree_render(const struct tree *tree, bool indented, struct text *out)
{
	/* 15 digits: 1.1 is written as 1.1, and not as what binary makes of it. */
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)
	               | (indented ? (size_t)JSON_INDENT(2) : (size_t)JSON_COMPACT);

	if (json_dump_callback(inner(tree), add_bytes, out, flags) != 0)
		abort();
	if (indented)
		text_add(out, "\n");
}

bool tree_parse(const char *json, size_t length, struct tree **tree, struct err *err)
{
	json_error_t fault;
	json_t *read = json_loadb(json, length, JSON_REJECT_DUPLICATES, &fault);

	if (read == NULL)
		return err_set(err, ERR_INPUT, _("line %d, column %d: %s"), fault.line,
		               fault.column, fault.text);
	*tree = outer(read);
	return true;
}

struct tree *tree_copy(const struct tree *tree)
{
	return outer(json_deep_copy(inner(tree)));
}

void tree_drop(struct tree *tree)
{
	if (tree != NULL)
		json_decref(inner(tree));
}

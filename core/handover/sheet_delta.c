#include "core/handover/sheet_delta.h"

#include <string.h>

#include "core/base/arena.h"

/* A record on a sheet, borrowed from the model's tree. */
struct line {
	const char *domain, *action, *name, *type, *value;
	bool met;
};

struct lines {
	struct arena *arena;
	struct line *items;
	size_t count, room;
};

static void line_add(struct lines *lines, const struct line *line)
{
	if (lines->count == lines->room) {
		size_t room = lines->room > 0 ? 2 * lines->room : 32;
		struct line *more = arena_take(lines->arena, room * sizeof *more);
		if (lines->count > 0)
			memcpy(more, lines->items, lines->count * sizeof *more);
		lines->items = more;
		lines->room = room;
	}
	lines->items[lines->count++] = *line;
}

static const char *text_or_empty(const struct tree *map, const char *name)
{
	const char *text = tree_find_text(map, name);

	return text != NULL ? text : "";
}

static void lines_take(struct lines *lines, const struct tree *model)
{
	static const char *const groups[] = { "add", "replace", "delete", "keep" };
	const struct tree *domains = tree_get(model, "domains");

	for (size_t d = 0; d < tree_count(domains); d++) {
		const struct tree *domain = tree_at(domains, d);
		for (size_t g = 0; g < LENGTH(groups); g++) {
			const struct tree *items = tree_get(tree_get(domain, groups[g]), "items");
			for (size_t i = 0; i < tree_count(items); i++) {
				const struct tree *item = tree_at(items, i);
				line_add(lines, &(struct line){
							.domain = text_or_empty(domain, "name"),
							.action = text_or_empty(item, "action"),
							.name = text_or_empty(item, "name"),
							.type = text_or_empty(item, "type"),
							.value = text_or_empty(item, "value"),
						});
			}
		}
	}
}

static bool same_place(const struct line *a, const struct line *b)
{
	return strcmp(a->domain, b->domain) == 0 && strcmp(a->name, b->name) == 0
	       && strcmp(a->type, b->type) == 0;
}

static struct line *find(struct lines *lines, const struct line *wanted, bool exactly)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct line *line = &lines->items[i];
		if (!line->met && same_place(line, wanted)
		    && (!exactly
		        || (strcmp(line->value, wanted->value) == 0
		            && strcmp(line->action, wanted->action) == 0)))
			return line;
	}
	return NULL;
}

static void say(struct tree *delta, const char *change, const struct line *line, const char *before)
{
	struct tree *map = tree_map();

	tree_put_text(map, "change", change);
	tree_put_text(map, "domain", line->domain);
	tree_put_text(map, "action", line->action);
	tree_put_text(map, "name", line->name);
	tree_put_text(map, "type", line->type);
	tree_put_text(map, "value", line->value);
	tree_put_text(map, "before", before);
	tree_push(delta, map);
}

static void compare(struct lines *older, struct lines *newer, struct tree *delta)
{
	for (size_t i = 0; i < newer->count; i++) {
		struct line *same = find(older, &newer->items[i], true);
		if (same != NULL)
			same->met = newer->items[i].met = true;
	}
	for (size_t i = 0; i < newer->count; i++) {
		struct line *line = &newer->items[i];
		if (line->met)
			continue;
		struct line *was = find(older, line, false);
		if (was != NULL)
			was->met = true;
		say(delta, was != NULL ? "changed" : "added", line,
		    was == NULL                            ? NULL
		    : strcmp(was->value, line->value) != 0 ? was->value
		                                           : was->action);
	}
	for (size_t i = 0; i < older->count; i++)
		if (!older->items[i].met)
			say(delta, "removed", &older->items[i], NULL);
}

bool sheet_delta(const char *older, const char *newer, struct tree **delta, struct err *err)
{
	struct arena arena = { 0 };
	struct lines before = { .arena = &arena }, after = { .arena = &arena };
	struct tree *old_model = NULL, *new_model = NULL;
	bool ok = tree_parse(older, strlen(older), &old_model, err)
	          && tree_parse(newer, strlen(newer), &new_model, err);

	if (ok) {
		*delta = tree_list();
		lines_take(&before, old_model);
		lines_take(&after, new_model);
		compare(&before, &after, *delta);
	}
	tree_drop(old_model);
	tree_drop(new_model);
	arena_reset(&arena);
	return ok;
}

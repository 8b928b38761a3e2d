#include "core/model/requirement.h"

#include <string.h>

#include "core/base/attr.h"
#include "core/record/zone_text.h"

static const char *const purposes[PURPOSES] = {
	[PURPOSE_SPF] = "spf",
	[PURPOSE_DKIM] = "dkim",
	[PURPOSE_DMARC] = "dmarc",
	[PURPOSE_MAILFROM] = "mailfrom",
	[PURPOSE_SMARTHOST] = "smarthost",
	[PURPOSE_SITE] = "site",
	[PURPOSE_RETURN] = "return",
};

static const char *const owners[OWNERS] = {
	[OWNER_CUSTOMER] = "customer",
	[OWNER_PROVIDER] = "provider",
};

static const char *const actions[ACTIONS] = {
	[ACTION_ADD] = "add",
	[ACTION_REPLACE] = "replace",
	[ACTION_DELETE] = "delete",
	[ACTION_KEEP] = "keep",
};

struct requirement *requirement_add(struct arena *arena, struct requirement_list *list)
{
	if (list->count == list->room) {
		size_t room = list->room > 0 ? 2 * list->room : 16;
		struct requirement *grown = arena_take(arena, room * sizeof *grown);
		if (list->count > 0)
			memcpy(grown, list->items, list->count * sizeof *grown);
		list->items = grown;
		list->room = room;
	}
	struct requirement *added = &list->items[list->count++];
	*added = (struct requirement){ 0 };
	return added;
}

const char *requirement_purpose(enum purpose purpose)
{
	return purposes[purpose];
}

const char *requirement_owner(enum requirement_owner owner)
{
	return owners[owner];
}

const char *requirement_action(enum requirement_action action)
{
	return actions[action];
}

enum purpose requirement_purpose_find(const char *word)
{
	for (size_t i = 0; i < PURPOSES; i++)
		if (strcmp(purposes[i], word) == 0)
			return (enum purpose)i;
	return PURPOSES;
}

bool requirement_is_record(const struct requirement *requirement)
{
	return requirement->type != NULL && strcmp(requirement->type, "SMTP") != 0
	       && strcmp(requirement->type, "URL") != 0;
}

struct tree *requirement_tree(struct arena *arena, const struct requirement *requirement)
{
	struct tree *map = tree_map(), *strings = tree_list();

	if (requirement->type != NULL && strcmp(requirement->type, "TXT") == 0
	    && requirement->value != NULL)
		for (const char **s = zone_text_split(arena, requirement->value, NULL); *s != NULL;
		     s++)
			tree_push_text(strings, *s);
	tree_put_text(map, "domain", requirement->domain);
	tree_put_text(map, "name", requirement->name);
	tree_put_text(map, "type", requirement->type);
	tree_put_number(map, "ttl", requirement->ttl);
	tree_put_text(map, "value", requirement->value);
	tree_put(map, "strings", strings);
	tree_put_text(map, "purpose", purposes[requirement->purpose]);
	tree_put_bool(map, "required", requirement->required);
	tree_put_text(map, "owner", owners[requirement->owner]);
	tree_put_text(map, "action", actions[requirement->action]);
	/* More than the contract asks for; absent where there is nothing to say. */
	if (requirement->present != NULL)
		tree_put_text(map, "present", requirement->present);
	if (requirement->addition != NULL)
		tree_put_text(map, "addition", requirement->addition);
	if (requirement->selector != NULL)
		tree_put_text(map, "selector", requirement->selector);
	if (requirement->waived != NULL)
		tree_put_text(map, "waived", requirement->waived);
	if (requirement->note != NULL)
		tree_put_text(map, "note", requirement->note);
	return map;
}

#include "core/model/change.h"

#include <string.h>

static const char *const words[CHANGE_WAYS] = {
	[CHANGE_ALERT] = "alert",
	[CHANGE_DIGEST] = "digest",
	[CHANGE_WEBHOOK] = "webhook",
};

struct loading {
	struct arena *arena;
	struct change_list *list;
};

static const char *copy(struct arena *arena, const struct row *row, const char *column)
{
	const char *text = row_text(row, column);

	return text != NULL ? arena_copy(arena, text) : NULL;
}

static bool add(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct change *change = &loading->list->items[loading->list->count];
	const char *detail = row_text(row, "detail");

	*change = (struct change){
		.id = row_number(row, "id"),
		.uuid = copy(loading->arena, row, "uuid"),
		.at = copy(loading->arena, row, "at"),
		.kind = copy(loading->arena, row, "kind"),
		.provider = copy(loading->arena, row, "provider"),
		.client = copy(loading->arena, row, "client"),
		.domain = copy(loading->arena, row, "domain"),
		.purpose = copy(loading->arena, row, "purpose"),
		.name = copy(loading->arena, row, "name"),
	};
	if (!tree_parse(detail, strlen(detail), &change->detail, err))
		return false;
	loading->list->count++;
	return true;
}

bool change_load(struct db *db, struct arena *arena, long long provider_id, enum change_way way,
                 size_t most, struct change_list *list, struct err *err)
{
	struct loading loading = { arena, list };

	*list = (struct change_list){ .items = arena_take(arena,
		                                          (most + 1) * sizeof(*list->items)) };
	return db_each(db, STMT_CHANGE_LIST,
	               DB_PARAMS(db_number(arena, provider_id), words[way],
	                         db_number(arena, (long long)most)),
	               add, &loading, err);
}

bool change_told(struct db *db, struct arena *arena, long long provider_id, enum change_way way,
                 const struct change changes[], size_t count, struct err *err)
{
	const char **ids = arena_take(arena, (count + 1) * sizeof(*ids));

	for (size_t i = 0; i < count; i++)
		ids[i] = db_number(arena, changes[i].id);
	return db_run(db, STMT_CHANGE_TOLD,
	              DB_PARAMS(db_number(arena, provider_id), words[way],
	                        db_list(arena, ids, count)),
	              NULL, err);
}

void change_drop(struct change_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		tree_drop(list->items[i].detail);
	list->count = 0;
}

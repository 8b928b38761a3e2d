#include "core/model/key_wanted.h"

struct collected {
	struct arena *arena;
	const char *algorithm;
	struct key_wanted *list;
	size_t count;
	size_t room;
};

static bool collect(const struct row *row, void *context, struct err *err)
{
	struct collected *all = context;

	UNUSED(err);
	if (all->count == all->room) {
		size_t room = all->room > 0 ? 2 * all->room : 16;
		struct key_wanted *list = arena_take(all->arena, room * sizeof *list);
		if (all->count > 0)
			memcpy(list, all->list, all->count * sizeof *list);
		all->list = list;
		all->room = room;
	}
	all->list[all->count++] = (struct key_wanted){
		.provider_id = row_number(row, "provider_id"),
		.domain_id = row_number(row, "domain_id"),
		.domain = arena_copy(all->arena, row_text(row, "domain")),
		.client = arena_copy(all->arena, row_text(row, "client")),
		.algorithm = all->algorithm,
	};
	return true;
}

static const char *number_or_null(struct arena *arena, long long number)
{
	return number != 0 ? db_number(arena, number) : NULL;
}

bool key_wanted_list(struct db *db, struct arena *arena, const struct scope *scope,
                     const char *algorithm, bool ordered, struct key_wanted **list, size_t *count,
                     struct err *err)
{
	static const struct scope everything = { 0 };
	struct collected all = { .arena = arena, .algorithm = algorithm };

	if (scope == NULL)
		scope = &everything;
	if (!db_each(db, STMT_KEY_WANTED,
	             DB_PARAMS(number_or_null(arena, scope->provider_id),
	                       number_or_null(arena, scope->client_id),
	                       number_or_null(arena, scope->domain_id), algorithm,
	                       db_bool(ordered)),
	             collect, &all, err))
		return false;
	*list = all.list;
	*count = all.count;
	return true;
}

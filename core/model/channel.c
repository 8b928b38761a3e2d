#include "core/model/channel.h"

enum { PROVIDERS_MOST = 1000 };

struct claiming {
	struct arena *arena;
	struct channel_list *list;
};

static bool add(const struct row *row, void *context, struct err *err)
{
	struct claiming *claiming = context;
	struct channel_list *list = claiming->list;

	UNUSED(err);
	if (list->count == PROVIDERS_MOST)
		return true;
	list->items[list->count++] = (struct channel){
		.provider_id = row_number(row, "provider_id"),
		.provider = arena_copy(claiming->arena, row_text(row, "provider")),
		.language = arena_copy(claiming->arena, row_text(row, "language")),
		.digest = row_bool(row, "digest"),
		.domains = row_number(row, "domains"),
	};
	return true;
}

static const char *claim_text(struct arena *arena, const struct uuid *claim)
{
	char text[UUID_TEXT];

	uuid_render(claim, text);
	return arena_copy(arena, text);
}

bool channel_claim(struct db *db, struct arena *arena, const struct uuid *claim, const char *name,
                   int64_t day, struct channel_list *list, struct err *err)
{
	struct claiming claiming = { arena, list };

	*list = (struct channel_list){ .items = arena_take(arena,
		                                           PROVIDERS_MOST * sizeof(*list->items)) };
	return db_run(db, STMT_CHANNEL_MAKE, DB_PARAMS(name), NULL, err)
	       && db_each(db, STMT_CHANNEL_CLAIM,
	                  DB_PARAMS(claim_text(arena, claim), name, db_number(arena, day)), add,
	                  &claiming, err);
}

bool channel_done(struct db *db, struct arena *arena, const struct uuid *claim, const char *name,
                  const struct channel *channel, const char *problem, struct err *err)
{
	return db_run(db, STMT_CHANNEL_DONE,
	              DB_PARAMS(db_number(arena, channel->provider_id), name,
	                        claim_text(arena, claim), problem, db_bool(channel->digest)),
	              NULL, err);
}

static bool add_state(const struct row *row, void *context, struct err *err)
{
	static const char *const texts[] = { "provider", "channel", "told_at", "next_at",
		                             "problem" };
	static const char *const numbers[] = { "attempt", "waiting" };
	struct tree *map = tree_map();

	UNUSED(err);
	for (size_t i = 0; i < LENGTH(texts); i++)
		tree_put_text(map, texts[i], row_text(row, texts[i]));
	for (size_t i = 0; i < LENGTH(numbers); i++)
		tree_put_number(map, numbers[i], row_number(row, numbers[i]));
	tree_push(context, map);
	return true;
}

bool channel_states(struct db *db, struct tree **list, struct err *err)
{
	*list = tree_list();
	if (db_each(db, STMT_CHANNEL_LIST, DB_NO_PARAMS, add_state, *list, err))
		return true;
	tree_drop(*list);
	*list = NULL;
	return false;
}

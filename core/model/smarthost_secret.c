#include "core/model/smarthost_secret.h"

#include "core/base/words.h"

struct search {
	struct arena *arena;
	struct smarthost_secret *found;
	int count;
};

static bool take(const struct row *row, void *context, struct err *err)
{
	struct search *search = context;

	UNUSED(err);
	search->count++;
	*search->found = (struct smarthost_secret){
		.smarthost_id = row_number(row, "id"),
		.host = arena_copy(search->arena, row_text(row, "host")),
		.port = (int)row_number(row, "port"),
		.known = row_bool(row, "has_secret"),
	};
	return true;
}

bool smarthost_secret_find(struct db *db, struct arena *arena, const struct scope *client,
                           const char *host, struct smarthost_secret *found, struct err *err)
{
	struct search search = { .arena = arena, .found = found };

	if (!db_each(db, STMT_SMARTHOST_FIND,
	             DB_PARAMS(db_number(arena, client->provider_id),
	                       db_number(arena, client->client_id), host),
	             take, &search, err))
		return false;
	if (search.count == 1)
		return true;
	if (search.count == 0) {
		(void)err_set(err, ERR_NOT_FOUND, _("%s has no smarthost \"%s\""), client->words,
		              host);
		return err_hint(err, _("\"senderctl smarthost list\" shows them all"));
	}
	(void)err_set(err, ERR_CONFLICT, _("%s has \"%s\" on several ports"), client->words, host);
	return err_hint(err, _("say which: %s:%d"), host, found->port);
}

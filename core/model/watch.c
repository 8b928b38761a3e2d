#include "core/model/watch.h"

#include <stdio.h>

struct claiming {
	struct arena *arena;
	struct watch_batch *batch;
};

static bool add_scope(const struct row *row, void *context, struct err *err)
{
	struct claiming *claiming = context;
	struct watch_batch *batch = claiming->batch;
	struct arena *arena = claiming->arena;
	struct scope *scope = &batch->scopes[batch->count++];

	UNUSED(err);
	scope->provider_id = row_number(row, "provider_id");
	scope->provider = arena_copy(arena, row_text(row, "provider"));
	scope->client_id = row_number(row, "client_id");
	scope->domain_id = row_number(row, "domain_id");
	scope->domain = arena_copy(arena, row_text(row, "domain"));
	scope->language = arena_copy(arena, row_text(row, "language"));
	scope->words = scope->domain;
	batch->language = scope->language;
	return true;
}

static const char *claim_text(struct arena *arena, const struct uuid *claim)
{
	char text[UUID_TEXT];

	uuid_render(claim, text);
	return arena_copy(arena, text);
}

bool watch_claim(struct db *db, struct arena *arena, const struct uuid *claim, double lease,
                 size_t most, struct watch_batch *batch, struct err *err)
{
	struct claiming claiming = { arena, batch };

	*batch = (struct watch_batch){ .scopes = arena_take(arena,
		                                            (most + 1) * sizeof(struct scope)) };
	return db_each(db, STMT_WATCH_CLAIM,
	               DB_PARAMS(claim_text(arena, claim), arena_print(arena, "%.3f", lease),
	                         db_number(arena, (long long)most)),
	               add_scope, &claiming, err);
}

bool watch_renew(struct db *db, const struct uuid *claim, double lease, struct err *err)
{
	char text[UUID_TEXT];
	char seconds[32];

	uuid_render(claim, text);
	(void)snprintf(seconds, sizeof seconds, "%.3f", lease);
	return db_run(db, STMT_WATCH_RENEW, DB_PARAMS(text, seconds), NULL, err);
}

bool watch_release(struct db *db, struct arena *arena, const struct uuid *claim,
                   long long provider_id, long long domain_id, bool *mine, struct err *err)
{
	long long freed = 0;
	bool ok = db_run(db, STMT_WATCH_RELEASE,
	                 DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id),
	                           claim_text(arena, claim)),
	                 &freed, err);

	*mine = freed == 1;
	return ok;
}

bool watch_stop(struct db *db, const struct uuid *claim, struct err *err)
{
	char text[UUID_TEXT];

	uuid_render(claim, text);
	return db_run(db, STMT_WATCH_STOP, DB_PARAMS(text), NULL, err);
}

bool watch_give_back(struct db *db, const struct uuid *claim, struct err *err)
{
	char text[UUID_TEXT];

	uuid_render(claim, text);
	return db_run(db, STMT_WATCH_GIVE_BACK, DB_PARAMS(text), NULL, err);
}

bool watch_finish(struct db *db, struct arena *arena, long long provider_id, long long domain_id,
                  struct err *err)
{
	return db_run(db, STMT_WATCH_FINISH,
	              DB_PARAMS(db_number(arena, provider_id), db_number(arena, domain_id)), NULL,
	              err);
}

bool watch_wait(struct db *db, int64_t most, int64_t *milliseconds, struct err *err)
{
	const struct row *row = NULL;

	*milliseconds = most;
	if (!db_one(db, STMT_WATCH_WAIT, DB_NO_PARAMS, &row, err))
		return false;
	if (!row_is_null(row, "milliseconds") && row_number(row, "milliseconds") < most)
		*milliseconds = row_number(row, "milliseconds");
	return true;
}

bool watch_listen(struct db *db, struct err *err)
{
	return db_run(db, STMT_WATCH_LISTEN, DB_NO_PARAMS, NULL, err);
}

static const char *moment(struct arena *arena, const struct row *row, const char *column)
{
	const char *text = row_text(row, column);

	return text != NULL ? arena_copy(arena, text) : NULL;
}

bool watch_state(struct db *db, struct arena *arena, struct watch_state *state, struct err *err)
{
	const struct row *row = NULL;

	if (!db_one(db, STMT_WATCH_STATE, DB_NO_PARAMS, &row, err))
		return false;
	*state = (struct watch_state){
		.domains = row_number(row, "domains"),
		.due = row_number(row, "due"),
		.late = row_number(row, "late"),
		.claimed = row_number(row, "claimed"),
		.never = row_number(row, "never"),
		.monitors = row_number(row, "monitors"),
		.next_at = moment(arena, row, "next_at"),
		.oldest_at = moment(arena, row, "oldest_at"),
	};
	return true;
}

#include "core/ops/key_round.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/lifecycle/key_sight.h"
#include "core/lifecycle/rotation.h"
#include "keys/client.h"

enum { EVERY = 20000 }; /* milliseconds from round to round */

/* What is opened only when a key needs it. */
struct going {
	struct key_round *round;
	struct arena *arena;
	struct resolver *resolver;
	struct keys_client *keys;
};

static bool look(void *context, const struct dkim_key *key, struct rotation_sight *sight,
                 struct err *err)
{
	struct going *going = context;

	if (going->resolver == NULL
	    && !resolver_open(&going->resolver, going->round->resolver, err))
		return false;
	key_sight_look(going->resolver, going->arena, key, sight);
	return true;
}

static bool open_service(void *context, struct keys_client **keys, struct err *err)
{
	struct going *going = context;

	if (going->keys == NULL && !keys_open(&going->keys, going->round->keys_socket, err))
		return false;
	*keys = going->keys;
	return true;
}

static bool take(const struct rotation_result *result, void *context, struct err *err)
{
	struct going *going = context;

	UNUSED(err);
	if (!result->done)
		return true;
	going->round->steps++;
	log_info(result->key.domain, "%s: %s", result->key.selector, _(result->advice.why));
	return true;
}

static bool go(struct key_round *round, struct db *db, struct err *err)
{
	const struct dkim_key_filter everybody = { .living = true };
	struct arena arena = { 0 };
	struct going going = { .round = round, .arena = &arena };
	const struct rotation_look eyes = { look, &going, { open_service, &going } };
	bool ok = rotation_advance_due(db, &arena, &everybody, true, &eyes, false, take, &going,
	                               err);

	resolver_close(going.resolver);
	keys_close(going.keys);
	arena_reset(&arena);
	return ok;
}

/* A round that went wrong leaves the work of the monitor alone, unless the
 * connection itself is of no use any more. */
static bool survives(struct err *err)
{
	if (err->code == ERR_DATABASE)
		return false;
	log_error("keys", "%s", err->text);
	*err = (struct err){ 0 };
	return true;
}

bool key_round_run(struct key_round *round, struct db *db, struct err *err)
{
	const struct row *row;
	struct err ignored = { 0 };

	if (clock_ticks() < round->next)
		return true;
	round->next = clock_ticks() + EVERY;
	words_setup(round->language);
	if (!db_one(db, STMT_KEY_ROUND_BEGIN, NULL, &row, err))
		return false;
	if (!row_bool(row, "mine"))
		return true;
	bool ok = go(round, db, err);
	if (!ok)
		db_rollback(db);
	(void)!db_one(db, STMT_KEY_ROUND_END, NULL, &row, &ignored);
	/* However long it took: other work has its turn between two of them. */
	round->next = clock_ticks() + EVERY;
	return ok || survives(err);
}

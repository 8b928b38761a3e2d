#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/service.h"

enum { TELL_MS = 1000 };

/* His row; else a free one, else that of whoever was silent for longest. */
static struct patron *patron_of(struct service *service, uid_t uid)
{
	struct patron *best = &service->patrons[0];

	for (size_t i = 0; i < PATRONS; i++) {
		struct patron *patron = &service->patrons[i];
		if (patron->used && patron->uid == uid)
			return patron;
		if (best->used && (!patron->used || patron->at < best->at))
			best = patron;
	}
	*best = (struct patron){ .used = true,
		                 .uid = uid,
		                 .questions = { .per_second = service->rate },
		                 .told = clock_ticks() - TELL_MS };
	return best;
}

bool service_may_ask_now(struct service *service, const struct peer *peer, struct err *err)
{
	struct patron *patron = patron_of(service, peer->uid);

	patron->at = clock_ticks();
	return rate_take(&patron->questions, patron->at)
	       || err_set(err, ERR_AGAIN,
	                  _("%s asks the key service more than %d times a second; try again"),
	                  peer->name, service->rate);
}

/* ---- what was refused ---- */

struct refusal {
	const struct peer *peer;
	const struct err *failed;
	const char *operation;
	long long provider_id;
	long long untold;
};

static bool add_refusal(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct refusal *refusal = context;
	const struct key_request request = {
		.provider_id = refusal->provider_id,
		.actor = arena_print(arena, "%s (senderkeyd)", refusal->peer->name),
	};
	struct tree *detail = tree_map();
	struct text text = { 0 };
	const struct row *row;

	tree_put_text(detail, "operation", refusal->operation);
	tree_put_text(detail, "code", err_word(refusal->failed->code));
	tree_put_number(detail, "more", refusal->untold);
	tree_render(detail, false, &text);
	bool ok = db_find(db, STMT_KEYD_PROVIDER, DB_PARAMS(db_number(arena, refusal->provider_id)),
	                  &row, err);
	ok = ok
	     && (row == NULL
	         || key_store_event(db, arena, &request, 0, "key service", "keys.refuse",
	                            refusal->failed->text, text_string(&text), err));
	text_free(&text);
	tree_drop(detail);
	return ok;
}

/* What somebody was not allowed, and not what was merely asked wrongly. */
static bool is_refusal(const struct err *failed)
{
	return failed->code == ERR_REFUSED || failed->code == ERR_DENIED
	       || failed->code == ERR_CRYPTO || failed->code == ERR_CONFLICT;
}

void service_note_refusal(struct service *service, const struct peer *peer,
                          const struct tree *question, const struct err *failed)
{
	struct patron *patron = patron_of(service, peer->uid);
	struct refusal refusal = {
		.peer = peer,
		.failed = failed,
		.operation = tree_find_text(question, "op"),
		.provider_id = tree_as_number(tree_get(question, "provider"), 0),
	};
	struct err err = { 0 };

	if (clock_ticks() - patron->told < TELL_MS) {
		patron->untold++;
		return;
	}
	refusal.untold = patron->untold;
	patron->told = clock_ticks();
	patron->untold = 0;
	if (refusal.untold > 0)
		log_info(peer->name, "%s (and %lld more)", failed->text, refusal.untold);
	else
		log_info(peer->name, "%s", failed->text);
	if (refusal.provider_id > 0 && is_refusal(failed)
	    && !key_store_run(&service->keyd.store, DB_WRITE, add_refusal, &refusal, &err))
		log_warn(peer->name, "%s", err.text);
}

#include "core/lifecycle/rotation.h"

#include "core/base/words.h"
#include "core/lifecycle/key_note.h"

/* ---- deciding ---- */

static void against(struct rotation_advice *advice, const char *word, const char *sentence)
{
	advice->ready = false;
	if (advice->reason_count < ROTATION_REASONS)
		advice->reasons[advice->reason_count++] = (struct rotation_reason){ word,
			                                                            sentence };
}

static const char *join(struct arena *arena, const char *const *names)
{
	struct text out = { 0 };

	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		text_addf(&out, "%s%s", i > 0 ? ", " : "", names[i]);
	const char *joined = arena_copy(arena, text_string(&out));
	text_free(&out);
	return joined;
}

static bool any(const char *const *names)
{
	return names != NULL && names[0] != NULL;
}

static void decide_hand_over(const struct dkim_key *key, struct rotation_advice *advice)
{
	if (!key->escrowed)
		against(advice, "escrow",
		        _("its escrow is not complete, and the provider requires it"));
	against(advice, "handover",
	        _("its record stands on no sheet yet: senderctl handover issue"));
}

static void decide_activate(struct arena *arena, const struct dkim_key *key,
                            const struct dkim_key_relays *relays, struct rotation_advice *advice)
{
	advice->not_before = key->usable_at;
	if (key->standby)
		against(advice, "standby",
		        _("it is kept for the day of need: senderctl key rotate brings it up"));
	if (strcmp(key->algorithm, "rsa-sha256") == 0 && key->bits != 0
	    && key->bits < KEY_LEAST_BITS)
		against(advice, "size",
		        arena_print(arena, _("an RSA key of %d bits is too short to sign"),
		                    key->bits));
	if (key->probes < key->publish_probes)
		against(advice, "probes",
		        arena_print(arena, _("it was seen %d of %d times: senderctl check"),
		                    key->probes, key->publish_probes));
	if (key->too_early)
		against(advice, "time",
		        arena_print(arena, _("answers from before may be remembered until %s"),
		                    key->usable_at));
	if (any(relays->without_key))
		against(advice, "relays",
		        arena_print(arena,
		                    _("not every relay holds it (%s): senderctl export --install"),
		                    join(arena, relays->without_key)));
	if (key->other_retiring)
		against(advice, "rotation", _("the last rotation of this domain is not over"));
	if (strcmp(key->algorithm, "ed25519-sha256") == 0 && !relays->rsa_active)
		against(advice, "rsa",
		        _("many receivers cannot verify Ed25519: an RSA key must sign beside it"));
}

static void decide_rotate(struct arena *arena, const struct dkim_key *key,
                          struct rotation_advice *advice)
{
	advice->not_before = key->rotate_at;
	if (key->successor)
		against(advice, "successor", _("its successor is on its way"));
	else if (key->rotate_at == NULL)
		against(advice, "order", _("nobody ordered its successor: senderctl key rotate"));
	else if (!key->rotate_due)
		against(advice, "order",
		        arena_print(arena,
		                    _("its successor is due at %s; senderctl key rotate orders it "
		                      "now"),
		                    key->rotate_at));
	else
		advice->why = N_("it reached the age at which it is relieved");
}

static void decide_retire(struct arena *arena, const struct dkim_key *key,
                          const struct dkim_key_relays *relays, struct rotation_advice *advice)
{
	if (key->last_signed_at == NULL && any(relays->signing))
		against(advice, "relays",
		        arena_print(arena,
		                    _("relays may still sign with it (%s): senderctl export "
		                      "--install"),
		                    join(arena, relays->signing)));
	if (key->last_signed_at == NULL)
		return;
	advice->not_before = key->linger_until;
	if (key->lingering)
		against(advice, "linger",
		        arena_print(arena, _("mail signed with it may be under way until %s"),
		                    key->linger_until));
}

void rotation_decide(struct arena *arena, const struct dkim_key *key,
                     const struct dkim_key_relays *relays, struct rotation_advice *advice)
{
	*advice = (struct rotation_advice){ .event = key_step_next(key->state) };
	if (advice->event == KEY_EVENTS)
		return;
	const struct key_step *step = key_step_find(key->state, advice->event);
	advice->next = step->to;
	advice->why = step->why;
	advice->ready = true;
	/* a standby key is not late: it waits for an order */
	advice->ours = (key->state == KEY_PUBLISHED && !key->standby) || key->state == KEY_RETIRING
	               || (key->state == KEY_ACTIVE && key->rotate_due && !key->successor);
	if (key->state == KEY_GENERATED)
		decide_hand_over(key, advice);
	else if (key->state == KEY_PUBLISH_PENDING)
		against(advice, "dns",
		        _("not every authoritative server was seen to show it: senderctl check"));
	else if (key->state == KEY_PUBLISHED)
		decide_activate(arena, key, relays, advice);
	else if (key->state == KEY_ACTIVE)
		decide_rotate(arena, key, advice);
	else if (key->state == KEY_RETIRING)
		decide_retire(arena, key, relays, advice);
	else
		against(advice, "order", _("nobody ordered it to be destroyed"));
}

bool rotation_advise(struct db *db, struct arena *arena, const struct dkim_key *key,
                     struct rotation_advice *advice, struct err *err)
{
	struct dkim_key_relays relays = { 0 };

	/* the others do not depend on relays, and there are many of them */
	if ((key->state == KEY_PUBLISHED || key->state == KEY_RETIRING)
	    && !dkim_key_load_relays(db, arena, key, &relays, err))
		return false;
	rotation_decide(arena, key, &relays, advice);
	return true;
}

/* ---- doing ---- */

/* The old one first: at no moment do two sign, and the unique index agrees. */
static bool activate(struct db *db, struct arena *arena, const struct dkim_key *key,
                     struct err *err)
{
	const char *why = key_step_find(KEY_PUBLISHED, KEY_ACTIVATE)->why;
	struct dkim_key_relays relays;
	struct dkim_key old;

	if (!dkim_key_load_relays(db, arena, key, &relays, err))
		return false;
	if (relays.active_id != 0
	    && (!dkim_key_load(db, arena, key->provider_id, relays.active_id, &old, err)
	        || !dkim_key_supersede(db, &old, err)
	        || !key_note(db, &old, "key.supersede",
	                     key_step_find(KEY_ACTIVE, KEY_SUPERSEDE)->why, err)))
		return false;
	return dkim_key_activate(db, key, err) && key_note(db, key, "key.activate", why, err);
}

static bool retire(struct db *db, const struct dkim_key *key, struct err *err)
{
	if (key->last_signed_at == NULL)
		return dkim_key_signing_ended(db, key, err)
		       && key_note(db, key, "key.signing-ended",
		                   N_("the last relay acknowledged that it signs with another key"),
		                   err);
	return dkim_key_retire(db, key, err)
	       && key_note(db, key, "key.retire", key_step_find(KEY_RETIRING, KEY_RETIRE)->why,
	                   err);
}

struct stepping {
	struct arena *arena;
	struct rotation_result *result;
};

/* Load again, decide again, do it if it still holds. */
static bool do_step(struct db *db, void *context, struct err *err)
{
	const struct stepping *stepping = context;
	struct rotation_result *result = stepping->result;
	struct arena *arena = stepping->arena;
	struct dkim_key now;

	result->done = false;
	if (!dkim_key_load(db, arena, result->key.provider_id, result->key.id, &now, err)
	    || !rotation_advise(db, arena, &now, &result->advice, err))
		return false;
	if (!result->advice.ready || now.state != result->key.state)
		return true;
	if (!(now.state == KEY_PUBLISHED ? activate(db, arena, &now, err) : retire(db, &now, err)))
		return false;
	result->done = true;
	return true;
}

/* Before a key signs: is its record there, everywhere, now? */
static bool look_again(struct db *db, struct arena *arena, const struct rotation_look *look,
                       struct rotation_result *result, struct err *err)
{
	struct rotation_sight sight = { 0 };

	if (!look->look(look->context, &result->key, &sight, err))
		return false;
	if (sight.everywhere)
		return true;
	const char *what = sight.explanation != NULL ? sight.explanation : "";
	if (!sight.otherwise) {
		result->unsure = true;
		against(&result->advice, "dns",
		        arena_print(arena, _("DNS could not be asked just now: %s"), what));
		return true;
	}
	against(&result->advice, "dns",
	        arena_print(arena, _("its record is not there any more: %s"), what));
	return db_begin(db, DB_WRITE, err) && dkim_key_missed(db, &result->key, sight.ttl, err)
	       && key_note(db, &result->key, "key.miss",
	                   key_step_find(KEY_PUBLISHED, KEY_MISS)->why, err)
	       && db_commit(db, err);
}

/* A key that reached its age gets a successor; it signs until that one may. */
static bool order(struct db *db, struct arena *arena, const struct rotation_look *look,
                  struct rotation_result *result, struct err *err)
{
	if (look->service.open == NULL)
		return true;
	if (!succession_order(db, arena, &look->service, &result->key, result->advice.why,
	                      &result->how, &result->successor, err))
		return false;
	result->done = result->how != SUCCESSION_UNDER_WAY;
	return true;
}

static bool advance_one(struct db *db, struct arena *arena, const struct rotation_look *look,
                        bool dry, struct rotation_result *result, struct err *err)
{
	if (!result->advice.ready || !result->advice.ours || dry)
		return true;
	if (result->key.state == KEY_ACTIVE)
		return order(db, arena, look, result, err);
	if (result->key.state == KEY_PUBLISHED && !look_again(db, arena, look, result, err))
		return false;
	struct stepping stepping = { arena, result };
	return !result->advice.ready || db_again(db, DB_WRITE, do_step, &stepping, err);
}

static bool advise_all(struct db *db, struct arena *arena, const struct dkim_key *keys,
                       struct rotation_result **results, size_t count, struct err *err)
{
	*results = arena_take(arena, (count + 1) * sizeof **results);
	for (size_t i = 0; i < count; i++) {
		(*results)[i].key = keys[i];
		if (!rotation_advise(db, arena, &keys[i], &(*results)[i].advice, err))
			return false;
	}
	return true;
}

/* RSA before Ed25519, which waits for an active RSA key; those that end before
 * those that begin, since only one rotation may be under way; orders last. */
static int rank(const struct dkim_key *key)
{
	if (key->state == KEY_RETIRING)
		return 0;
	if (key->state == KEY_ACTIVE)
		return 3;
	return strcmp(key->algorithm, "rsa-sha256") == 0 ? 1 : 2;
}

/* What one key is refused holds no other up; it is said with the reasons. */
static bool excuse(struct db *db, struct arena *arena, struct rotation_result *result,
                   struct err *err)
{
	if (err->code != ERR_REFUSED && err->code != ERR_CONFLICT)
		return false;
	db_rollback(db);
	result->done = false;
	against(&result->advice, "refused", arena_copy(arena, err->text));
	*err = (struct err){ 0 };
	return true;
}

static bool in_turns(struct db *db, struct arena *arena, const struct rotation_look *look, bool dry,
                     struct rotation_result *results, size_t count, rotation_result_fn call,
                     void *context, struct err *err)
{
	bool ok = true;

	for (int turn = 0; ok && turn <= 3; turn++) {
		for (size_t i = 0; ok && i < count; i++) {
			if (rank(&results[i].key) != turn)
				continue;
			ok = (advance_one(db, arena, look, dry, &results[i], err)
			      || excuse(db, arena, &results[i], err))
			     && call(&results[i], context, err);
		}
	}
	if (!ok)
		db_rollback(db);
	return ok;
}

bool rotation_advance(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                      const struct rotation_look *look, bool dry, rotation_result_fn call,
                      void *context, struct err *err)
{
	struct rotation_result *results = NULL;
	struct dkim_key *keys = NULL;
	size_t count = 0;

	bool ok = db_begin(db, DB_READ, err) && dkim_key_list(db, arena, filter, &keys, &count, err)
	          && advise_all(db, arena, keys, &results, count, err);
	db_rollback(db);
	return ok && in_turns(db, arena, look, dry, results, count, call, context, err);
}

bool rotation_advance_due(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                          bool monitored, const struct rotation_look *look, bool dry,
                          rotation_result_fn call, void *context, struct err *err)
{
	struct rotation_result *results = NULL;
	struct dkim_key *keys = NULL;
	size_t count = 0;

	bool ok = db_begin(db, DB_READ, err)
	          && dkim_key_list_due(db, arena, filter, monitored, &keys, &count, err)
	          && advise_all(db, arena, keys, &results, count, err);
	db_rollback(db);
	return ok && in_turns(db, arena, look, dry, results, count, call, context, err);
}

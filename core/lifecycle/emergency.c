#include "core/lifecycle/emergency.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/lifecycle/key_note.h"
#include "core/lifecycle/key_step.h"
#include "core/lifecycle/rotation.h"

enum { SENTENCES = 8 };

/* ---- what there is ---- */

static bool nobody(const char *const *names)
{
	return names == NULL || names[0] == NULL;
}

/* May it sign at this very moment?  Neither an order nor the end of the last
 * rotation is waited for. */
static bool ready(struct db *db, struct arena *arena, const struct dkim_key *key, bool *is,
                  struct err *err)
{
	struct rotation_advice advice;

	*is = false;
	if (key->state != KEY_PUBLISHED)
		return true;
	if (!rotation_advise(db, arena, key, &advice, err))
		return false;
	*is = true;
	for (size_t i = 0; i < advice.reason_count; i++)
		if (strcmp(advice.reasons[i].word, "standby") != 0
		    && strcmp(advice.reasons[i].word, "rotation") != 0)
			*is = false;
	return true;
}

static bool find_heir(struct db *db, struct arena *arena, struct emergency *emergency,
                      struct err *err)
{
	const struct dkim_key *lost = &emergency->key;
	const struct dkim_key_filter filter = { .provider_id = lost->provider_id,
		                                .domain = lost->domain,
		                                .living = true };
	struct dkim_key *keys = NULL;
	size_t count = 0;
	bool is = false;

	if (!dkim_key_list(db, arena, &filter, &keys, &count, err))
		return false;
	struct succession found = succession_find(keys, count, lost->algorithm);
	const struct dkim_key *candidates[] = { found.coming, found.next };
	for (size_t i = 0; i < LENGTH(candidates); i++) {
		if (candidates[i] == NULL || candidates[i]->id == lost->id)
			continue;
		if (emergency->next == NULL)
			emergency->next = candidates[i];
		if (!ready(db, arena, candidates[i], &is, err))
			return false;
		if (is && emergency->heir == NULL)
			emergency->heir = candidates[i];
	}
	return true;
}

bool emergency_plan(struct db *db, struct arena *arena, const struct dkim_key *key,
                    struct emergency *emergency, struct err *err)
{
	struct dkim_key_relays relays;

	*emergency = (struct emergency){ 0 };
	if (!dkim_key_load(db, arena, key->provider_id, key->id, &emergency->key, err)
	    || !dkim_key_load_relays(db, arena, &emergency->key, &relays, err))
		return false;
	emergency->signs = emergency->key.state == KEY_ACTIVE;
	emergency->relays = relays.signing;
	return !emergency->signs || find_heir(db, arena, emergency, err);
}

/* ---- what it means ---- */

struct saying {
	struct arena *arena;
	const char **sentences;
	size_t count;
};

static void say(struct saying *saying, const char *sentence)
{
	if (saying->count < SENTENCES - 1)
		saying->sentences[saying->count++] = sentence;
}

static void say_successor(struct saying *saying, const struct emergency *emergency)
{
	const char *domain = emergency->key.domain;

	if (!emergency->signs)
		return;
	if (emergency->heir != NULL) {
		say(saying, arena_print(saying->arena, _("%s takes over from this moment on"),
		                        emergency->heir->selector));
		return;
	}
	say(saying, arena_print(saying->arena,
	                        _("no other key of %s may sign yet: its mail goes out without "
	                          "this signature, and DMARC relies on SPF alone"),
	                        domain));
	if (emergency->next != NULL)
		say(saying, arena_print(saying->arena, _("%s takes over as soon as it may"),
		                        emergency->next->selector));
}

static void say_relays(struct saying *saying, const struct emergency *emergency)
{
	struct text names = { 0 };

	for (size_t i = 0; !nobody(emergency->relays) && emergency->relays[i] != NULL; i++)
		text_addf(&names, "%s%s", i > 0 ? ", " : "", emergency->relays[i]);
	if (names.length > 0)
		say(saying, arena_print(saying->arena,
		                        _("these relays sign with it until they have taken and "
		                          "acknowledged the next export: %s"),
		                        text_string(&names)));
	text_free(&names);
}

const char **emergency_consequences(struct arena *arena, const struct emergency *emergency)
{
	const struct dkim_key *key = &emergency->key;
	struct saying saying = { arena, arena_take(arena, SENTENCES * sizeof(char *)), 0 };

	if (key->state == KEY_ACTIVE || key->state == KEY_RETIRING)
		say(&saying,
		    _("mail that was signed with it and has not arrived yet will fail DKIM: what "
		      "waits in queues, for up to some days"));
	say_successor(&saying, emergency);
	say_relays(&saying, emergency);
	if (key->publish_pending_at != NULL && strcmp(key->publish, "txt") == 0)
		say(&saying,
		    _("only the customer can withdraw its record: until then whoever has the key "
		      "can sign; the sheet of today says so"));
	else if (key->publish_pending_at != NULL)
		say(&saying, arena_print(arena,
		                         _("our zone withdraws its record with the next "
		                           "\"senderctl export zone %s --output DIR\""),
		                         key->provider));
	saying.sentences[saying.count] = NULL;
	return saying.sentences;
}

/* ---- doing it ---- */

/* An heir signs whatever else is on its way: nobody has to order it first. */
static bool inherit(struct db *db, const struct emergency *emergency, struct err *err)
{
	const char *why = N_("the key before it was compromised");

	if (emergency->heir != NULL)
		return dkim_key_activate(db, emergency->heir, err)
		       && key_note(db, emergency->heir, "key.activate", why, err);
	return emergency->next == NULL || !emergency->next->standby
	       || succession_promote(db, emergency->next, why, err);
}

struct revoking {
	struct arena *arena;
	const struct dkim_key *key;
	struct emergency *emergency;
};

static bool revoke(struct db *db, void *context, struct err *err)
{
	const struct revoking *revoking = context;
	const struct dkim_key *key = revoking->key;
	struct emergency *emergency = revoking->emergency;

	if (!emergency_plan(db, revoking->arena, key, emergency, err))
		return false;
	const struct key_step *step = key_step_find(emergency->key.state, KEY_REVOKE);
	if (step == NULL || emergency->key.state != key->state)
		return err_set(err, ERR_CONFLICT, _("the key %s of %s is no longer %s"),
		               key->selector, key->domain, key_state_word(key->state));
	return dkim_key_revoke(db, &emergency->key, err)
	       && key_note(db, &emergency->key, "key.revoke", step->why, err)
	       && inherit(db, emergency, err);
}

bool emergency_revoke(struct db *db, struct arena *arena, struct emergency *emergency,
                      struct err *err)
{
	const struct dkim_key key = emergency->key;
	struct revoking revoking = { arena, &key, emergency };

	return db_again(db, DB_WRITE, revoke, &revoking, err);
}

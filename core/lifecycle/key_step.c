#include "core/lifecycle/key_step.h"

#include "core/base/words.h"

/* Read a row aloud: "a PUBLISHED key that we ACTIVATE becomes ACTIVE, because ..." */
const struct key_step key_steps[] = {
	{ KEY_GENERATED, KEY_HAND_OVER, KEY_PUBLISH_PENDING,
	  N_("its record was given to those who publish it") },
	{ KEY_PUBLISH_PENDING, KEY_SEE, KEY_PUBLISHED,
	  N_("every authoritative server shows exactly this key") },
	{ KEY_PUBLISHED, KEY_MISS, KEY_PUBLISH_PENDING,
	  N_("a server does not show it any more; the wait begins anew") },
	{ KEY_PUBLISHED, KEY_ACTIVATE, KEY_ACTIVE,
	  N_("it was seen long enough, and every relay holds it") },
	{ KEY_ACTIVE, KEY_SUPERSEDE, KEY_RETIRING, N_("a younger key signs from now on") },
	{ KEY_RETIRING, KEY_RETIRE, KEY_RETIRED,
	  N_("the last mail signed with it has arrived or was given up") },
	{ KEY_RETIRED, KEY_DESTROY, KEY_DESTROYED, N_("nothing can need the private half again") },

	/* given up before it ever signed */
	{ KEY_GENERATED, KEY_CANCEL, KEY_CANCELLED, N_("nobody needs it") },
	{ KEY_PUBLISH_PENDING, KEY_CANCEL, KEY_CANCELLED, N_("nobody needs it") },
	{ KEY_PUBLISHED, KEY_CANCEL, KEY_CANCELLED, N_("nobody needs it") },
	{ KEY_CANCELLED, KEY_DESTROY, KEY_DESTROYED, N_("it never signed") },

	/* a key that leaked is withdrawn from wherever it is */
	{ KEY_GENERATED, KEY_REVOKE, KEY_REVOKED, N_("withdrawn before anybody knew it") },
	{ KEY_PUBLISH_PENDING, KEY_REVOKE, KEY_REVOKED, N_("withdrawn before it signed") },
	{ KEY_PUBLISHED, KEY_REVOKE, KEY_REVOKED, N_("withdrawn before it signed") },
	{ KEY_ACTIVE, KEY_REVOKE, KEY_REVOKED, N_("compromised: nobody may sign with it") },
	{ KEY_RETIRING, KEY_REVOKE, KEY_REVOKED, N_("compromised: nobody may trust it") },
	{ KEY_RETIRED, KEY_REVOKE, KEY_REVOKED, N_("compromised: nobody may trust it") },
	{ KEY_REVOKED, KEY_DESTROY, KEY_DESTROYED, N_("nothing may use the private half again") },
};
const size_t key_steps_count = LENGTH(key_steps);

static const char *const event_words[KEY_EVENTS] = {
	[KEY_HAND_OVER] = "hand-over", [KEY_SEE] = "see",
	[KEY_MISS] = "miss",           [KEY_ACTIVATE] = "activate",
	[KEY_SUPERSEDE] = "supersede", [KEY_RETIRE] = "retire",
	[KEY_DESTROY] = "destroy",     [KEY_REVOKE] = "revoke",
	[KEY_CANCEL] = "cancel",
};

const struct key_step *key_step_find(enum key_state from, enum key_event event)
{
	for (size_t i = 0; i < key_steps_count; i++)
		if (key_steps[i].from == from && key_steps[i].event == event)
			return &key_steps[i];
	return NULL;
}

enum key_event key_step_next(enum key_state from)
{
	static const enum key_event order[] = { KEY_HAND_OVER, KEY_SEE,    KEY_ACTIVATE,
		                                KEY_SUPERSEDE, KEY_RETIRE, KEY_DESTROY };

	for (size_t i = 0; i < LENGTH(order); i++)
		if (key_step_find(from, order[i]) != NULL)
			return order[i];
	return KEY_EVENTS;
}

const char *key_event_word(enum key_event event)
{
	return event_words[event];
}

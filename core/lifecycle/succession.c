#include "core/lifecycle/succession.h"

#include <string.h>

#include "core/base/uuid.h"
#include "core/base/words.h"
#include "core/lifecycle/key_note.h"
#include "core/lifecycle/key_step.h"

/* How near a key that was handed over ahead is to signing. */
static int nearness(const struct dkim_key *key)
{
	if (key->state == KEY_PUBLISHED)
		return key->too_early ? 2 : 3;
	return key->state == KEY_PUBLISH_PENDING;
}

struct succession succession_find(const struct dkim_key *keys, size_t count, const char *algorithm)
{
	struct succession found = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct dkim_key *key = &keys[i];
		if (strcmp(key->algorithm, algorithm) != 0 || key->state > KEY_ACTIVE)
			continue;
		if (key->state == KEY_ACTIVE) {
			found.active = key;
		} else if (!key->standby) {
			found.coming = key;
		} else {
			found.ahead++;
			if (found.next == NULL || nearness(key) > nearness(found.next))
				found.next = key;
		}
	}
	return found;
}

bool succession_promote(struct db *db, const struct dkim_key *key, const char *why, struct err *err)
{
	return dkim_key_promote(db, key, err) && key_note(db, key, "key.promote", why, err);
}

struct settling {
	struct arena *arena;
	const struct dkim_key *old;
	const char *why;
	struct succession found;
};

/* What is there, and the one ahead promoted when nobody is coming. */
static bool settle(struct db *db, void *context, struct err *err)
{
	struct settling *settling = context;
	const struct dkim_key *old = settling->old;
	const struct dkim_key_filter filter = { .provider_id = old->provider_id,
		                                .domain = old->domain,
		                                .living = true };
	struct dkim_key *keys = NULL;
	size_t count = 0;

	if (!dkim_key_list(db, settling->arena, &filter, &keys, &count, err))
		return false;
	const struct succession found = succession_find(keys, count, old->algorithm);
	settling->found = found;
	return found.coming != NULL || found.next == NULL
	       || succession_promote(db, found.next, settling->why, err);
}

static bool make(struct arena *arena, const struct succession_service *service,
                 const struct dkim_key *old, const char **selector, struct err *err)
{
	const struct keys_wish wish = { .request = uuid_make(),
		                        .provider_id = old->provider_id,
		                        .domain_id = old->domain_id,
		                        .algorithm = old->algorithm,
		                        .bits = old->bits < KEY_LEAST_BITS ? KEY_LEAST_BITS
		                                                           : old->bits };
	struct keys_client *keys = NULL;
	struct keys_made made;

	if (!service->open(service->context, &keys, err) || !keys_generate(keys, &wish, &made, err))
		return false;
	*selector = arena_copy(arena, made.selector);
	return true;
}

bool succession_order(struct db *db, struct arena *arena, const struct succession_service *service,
                      const struct dkim_key *old, const char *why, enum succession_how *how,
                      const char **selector, struct err *err)
{
	struct settling settling = { .arena = arena, .old = old, .why = why };
	const struct succession *found = &settling.found;

	/* Once more, when somebody else's key came while ours was made: then it is theirs. */
	for (int i = 0; i < 2; i++) {
		if (!db_again(db, DB_WRITE, settle, &settling, err))
			return false;
		*how = found->coming != NULL ? SUCCESSION_UNDER_WAY
		       : found->next != NULL ? SUCCESSION_PROMOTED
		                             : SUCCESSION_GENERATED;
		if (*how != SUCCESSION_GENERATED) {
			*selector = found->coming != NULL ? found->coming->selector
			                                  : found->next->selector;
			return true;
		}
		if (make(arena, service, old, selector, err))
			return true;
		if (err->code != ERR_CONFLICT)
			return false;
	}
	return false;
}

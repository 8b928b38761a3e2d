#include "core/ops/history_check.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"

/* An event waits a minute for its link; the key service may be restarted. */
enum { PATIENCE_SECONDS = 900, PORTION = 5000 };

struct walk {
	struct arena *arena;
	const struct history_asked *asked;
	struct history_check *check;
	uint8_t link[EVENT_LINK];
	long long at; /* position of the last row */
	size_t rows;  /* of this portion */
	/* the first event under a seal of another key that no seal of ours came after */
	const char *stranger;
};

static const char *event_of(const struct walk *walk, const struct row *row)
{
	return arena_print(walk->arena, "%s, %s, %s: %s %s", row_text(row, "id"),
	                   row_text(row, "at"), row_text(row, "actor"), row_text(row, "what"),
	                   row_text(row, "subject"));
}

static void found(struct walk *walk, const struct row *row, const char *fault)
{
	struct history_check *check = walk->check;

	check->fault = fault;
	check->event = !row_is_null(row, "id") ? event_of(walk, row)
	                                       : arena_copy(walk->arena, row_text(row, "event_id"));
}

/* A seal of another key is a stranger's, or of a signing key that was lost with
 * its master key.  Neither proves anything; a later one of ours covers all that
 * lies before it, as if the other were not there. */
static void check_seal(struct walk *walk, const struct row *row)
{
	struct arena scratch = { 0 };
	struct err ignored = { 0 };
	size_t key_size = 0;
	size_t size = 0;
	const unsigned char *public_key = row_bytes(row, "public_key", &scratch, &key_size);
	const unsigned char *signature = row_bytes(row, "signature", &scratch, &size);

	if (key_size != EVENT_SIGNER || size != EVENT_SEAL) {
		found(walk, row, _("its seal is damaged"));
	} else if (memcmp(walk->asked->signer, public_key, key_size) != 0) {
		if (walk->stranger == NULL)
			walk->stranger = event_of(walk, row);
	} else if (!event_seal_check(walk->asked->provider_uuid, row_number(row, "position"),
	                             walk->link, public_key, signature, &ignored)) {
		found(walk, row, _("its seal does not fit: it was rewritten"));
	} else {
		walk->check->sealed = row_number(row, "position");
		walk->stranger = NULL;
	}
	walk->check->seals++;
	arena_reset(&scratch);
}

static bool fits(const struct walk *walk, const struct row *row)
{
	struct arena scratch = { 0 };
	size_t size = 0;
	const unsigned char *digest = row_bytes(row, "digest", &scratch, &size);
	bool same = size == EVENT_LINK && memcmp(digest, walk->link, size) == 0;

	arena_reset(&scratch);
	return same;
}

/* After the first fault nothing that follows can be judged. */
static bool take_link(const struct row *row, void *context, struct err *err)
{
	struct walk *walk = context;
	struct history_check *check = walk->check;
	const char *fields[EVENT_LINK_FIELDS];

	UNUSED(err);
	walk->at = row_number(row, "position");
	walk->rows++;
	if (check->fault != NULL)
		return true;
	for (size_t i = 0; i < EVENT_LINK_FIELDS; i++)
		fields[i] = row_text(row, event_link_fields[i]);
	if (walk->at != check->links + 1) {
		found(walk, row, _("a link before it is missing"));
		return true;
	}
	if (row_is_null(row, "id")) {
		found(walk, row, _("this event was removed"));
		return true;
	}
	event_link_next(fields, walk->link);
	if (!fits(walk, row)) {
		found(walk, row, _("this event was changed, or put in afterwards"));
		return true;
	}
	check->links++;
	memcpy(check->end, walk->link, EVENT_LINK);
	if (check->links == walk->asked->position
	    && memcmp(walk->link, walk->asked->noted, EVENT_LINK) != 0)
		found(walk, row, _("this link is not the one that was noted down"));
	else if (!row_is_null(row, "signature"))
		check_seal(walk, row);
	return true;
}

static bool take_loose(const struct row *row, void *context, struct err *err)
{
	struct walk *walk = context;
	struct history_check *check = walk->check;
	const char *kind = row_text(row, "kind");

	UNUSED(err);
	if (strcmp(kind, "waiting") == 0) {
		check->waiting++;
		return true;
	}
	if (check->fault != NULL)
		return true;
	if (strcmp(kind, "seal") == 0) {
		check->fault = _("the end of the chain was removed: a seal has no link");
		check->event = arena_print(walk->arena, "%s", row_text(row, "id"));
		return true;
	}
	check->fault = _("this event was put in beside the chain");
	check->event = event_of(walk, row);
	return true;
}

static void look_for_stranger(const struct walk *walk)
{
	if (walk->check->fault != NULL || walk->stranger == NULL)
		return;
	walk->check->fault = _("its seal was made by a key that is not the service's");
	walk->check->event = walk->stranger;
}

static void look_for_noted(const struct history_asked *asked, struct arena *arena,
                           struct history_check *check)
{
	if (check->fault != NULL || check->links >= asked->position)
		return;
	check->fault = _("the end of the chain was removed: a link that was noted down is gone");
	check->event = arena_print(arena, "%lld", asked->position);
}

static bool walk_links(struct db *db, struct walk *walk, const char *provider, struct err *err)
{
	do {
		struct arena scratch = { 0 };
		walk->rows = 0;
		bool ok = db_each(db, STMT_CHAIN_WALK,
		                  DB_PARAMS(provider, db_number(&scratch, walk->at),
		                            db_number(&scratch, PORTION)),
		                  take_link, walk, err);
		arena_reset(&scratch);
		if (!ok)
			return false;
	} while (walk->rows > 0 && walk->check->fault == NULL);
	return true;
}

bool history_check(struct db *db, struct arena *arena, const struct history_asked *asked,
                   struct history_check *check, struct err *err)
{
	struct walk walk = { .arena = arena, .asked = asked, .check = check };
	const char *provider = db_number(arena, asked->provider_id);

	*check = (struct history_check){ 0 };
	event_link_first(asked->provider_uuid, walk.link);
	memcpy(check->end, walk.link, EVENT_LINK);
	if (!walk_links(db, &walk, provider, err))
		return false;
	look_for_stranger(&walk);
	if (!db_each(db, STMT_CHAIN_LOOSE, DB_PARAMS(provider, db_number(arena, PATIENCE_SECONDS)),
	             take_loose, &walk, err))
		return false;
	look_for_noted(asked, arena, check);
	return true;
}

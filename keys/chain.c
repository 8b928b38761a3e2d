#include "keys/chain.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/hex.h"
#include "keys/keyd.h"

enum { PORTION = 500 };

/* A portion of one provider's events. */
struct portion {
	struct keyd *keyd;
	long long after; /* the provider before */
	struct chain_end end;
	const char *uuid;
	struct arena *arena;
	const char **ids;
	const char **digests;
	size_t count;
};

static struct chain_end *remembered(struct chain *chain, long long provider_id)
{
	struct chain_end *free = NULL;

	for (size_t i = 0; i < CHAIN_PROVIDERS; i++) {
		if (chain->ends[i].provider_id == provider_id)
			return &chain->ends[i];
		if (free == NULL && chain->ends[i].provider_id == 0)
			free = &chain->ends[i];
	}
	return free;
}

/* What was linked once stays linked. */
static bool goes_on(struct chain *chain, const struct portion *portion, struct err *err)
{
	const struct chain_end *known = remembered(chain, portion->end.provider_id);

	if (known == NULL || known->provider_id == 0 || known->position < portion->end.position
	    || (known->position == portion->end.position
	        && memcmp(known->link, portion->end.link, EVENT_LINK) == 0))
		return true;
	(void)err_set(err, ERR_CONFLICT,
	              _("the history of provider %s was cut: it had %lld links, and has %lld"),
	              portion->uuid, known->position, portion->end.position);
	return err_hint(err, _("senderctl history verify"));
}

static bool link_event(const struct row *row, void *context, struct err *err)
{
	struct portion *portion = context;
	const char *fields[EVENT_LINK_FIELDS];
	char *hex = arena_take(portion->arena, 2 * EVENT_LINK + 1);

	UNUSED(err);
	for (size_t i = 0; i < EVENT_LINK_FIELDS; i++)
		fields[i] = row_text(row, event_link_fields[i]);
	event_link_next(fields, portion->end.link);
	hex_render(portion->end.link, EVENT_LINK, hex);
	portion->ids[portion->count] = arena_copy(portion->arena, fields[0]);
	portion->digests[portion->count++] = hex;
	return true;
}

static bool sign_end(struct db *db, struct portion *portion, struct err *err)
{
	const struct vault *vault = &portion->keyd->vault;
	struct arena *arena = portion->arena;
	uint8_t signature[EVENT_SEAL];
	struct vault_signer signer;
	struct secret key = { 0 };

	if (!key_store_signer(db, arena, vault, &signer, err)
	    || !vault_open_signer(vault, &signer, &key, err))
		return false;
	event_seal_sign(portion->uuid, portion->end.position, portion->end.link, key.bytes,
	                signature);
	secret_drop(&key);
	return db_run(db, STMT_KEYD_SEAL_ADD,
	              DB_PARAMS(db_number(arena, portion->end.provider_id),
	                        db_number(arena, portion->end.position),
	                        key_store_uuid_text(arena, &signer.id),
	                        db_bytes(arena, signer.public_key, sizeof signer.public_key),
	                        db_bytes(arena, signature, sizeof signature)),
	              NULL, err);
}

static bool find_end(struct portion *portion, const struct row *row, struct err *err)
{
	size_t size = 0;

	portion->uuid = arena_copy(portion->arena, row_text(row, "uuid"));
	portion->end.provider_id = row_number(row, "provider_id");
	portion->end.position = row_number(row, "position");
	if (portion->end.position == 0) {
		event_link_first(portion->uuid, portion->end.link);
		return true;
	}
	const unsigned char *digest = row_bytes(row, "digest", portion->arena, &size);
	if (size != EVENT_LINK)
		return err_set(err, ERR_CRYPTO, _("a link of the history is damaged"));
	memcpy(portion->end.link, digest, size);
	return true;
}

static bool seal_portion(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct portion *portion = context;
	const struct row *row;

	portion->arena = arena;
	portion->count = 0;
	portion->end = (struct chain_end){ 0 };
	portion->ids = arena_take(arena, (PORTION + 1) * sizeof *portion->ids);
	portion->digests = arena_take(arena, (PORTION + 1) * sizeof *portion->digests);
	if (!db_find(db, STMT_KEYD_CHAIN_HEAD, DB_PARAMS(db_number(arena, portion->after)), &row,
	             err))
		return false;
	if (row == NULL)
		return true;
	if (!find_end(portion, row, err) || !goes_on(&portion->keyd->chain, portion, err))
		return false;
	const char *provider = db_number(arena, portion->end.provider_id);
	const char *first = db_number(arena, portion->end.position + 1);
	if (!db_each(db, STMT_KEYD_CHAIN_TAKE, DB_PARAMS(provider, db_number(arena, PORTION)),
	             link_event, portion, err))
		return false;
	portion->end.position += (long long)portion->count;
	return portion->count == 0
	       || (db_run(db, STMT_KEYD_CHAIN_ADD,
	                  DB_PARAMS(provider, first, db_list(arena, portion->ids, portion->count),
	                            db_list(arena, portion->digests, portion->count)),
	                  NULL, err)
	           && sign_end(db, portion, err));
}

/* After the commit; the journal is a second witness of the end. */
static void remember(struct chain *chain, const struct portion *portion)
{
	struct chain_end *end = remembered(chain, portion->end.provider_id);
	char hex[2 * EVENT_LINK + 1];

	if (end != NULL)
		*end = portion->end;
	hex_render(portion->end.link, EVENT_LINK, hex);
	log_info("history", "provider %lld: link %lld is %s", portion->end.provider_id,
	         portion->end.position, hex);
}

bool chain_seal(struct keyd *keyd, long long *linked, struct err *err)
{
	struct portion portion = { .keyd = keyd };
	struct err first = { 0 };

	*linked = 0;
	for (;;) {
		struct err failed = { 0 };
		/* of the one before: a database that went away tells of none */
		portion.end = (struct chain_end){ 0 };
		bool ok = key_store_run(&keyd->store, DB_WRITE, seal_portion, &portion, &failed);
		if (!ok && first.code == 0)
			first = failed;
		/* one provider's broken chain does not keep the others waiting */
		if (portion.end.provider_id == 0)
			break;
		if (ok && portion.count > 0) {
			remember(&keyd->chain, &portion);
			*linked += (long long)portion.count;
		} else {
			portion.after = portion.end.provider_id;
		}
	}
	if (first.code != 0)
		*err = first;
	return first.code == 0;
}

void chain_turn(struct keyd *keyd)
{
	struct err err = { 0 };
	long long linked = 0;

	if (!keyd->signer_known || clock_ticks() < keyd->chain.next)
		return;
	if (!chain_seal(keyd, &linked, &err))
		log_error("history", "%s", err.text);
	keyd->chain.next = clock_ticks() + CHAIN_PAUSE_MS;
}

#include "core/model/generation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"

struct found {
	struct arena *arena;
	struct generation_relay *relay;
	size_t count;
};

static bool relay_row(const struct row *row, void *context, struct err *err)
{
	struct found *found = context;
	struct generation_relay *relay = found->relay;
	struct arena *arena = found->arena;
	size_t size;

	UNUSED(err);
	found->count++;
	*relay = (struct generation_relay){
		.provider_id = row_number(row, "provider_id"),
		.id = row_number(row, "id"),
		.uuid = arena_copy(arena, row_text(row, "uuid")),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.name = arena_copy(arena, row_text(row, "name")),
		.helo = arena_copy(arena, row_text(row, "helo")),
		.mta = arena_copy(arena, row_text(row, "mta")),
		.signer = arena_copy(arena, row_text(row, "signer")),
		.ed25519 = row_bool(row, "ed25519"),
		.retired = row_bool(row, "retired"),
		.fingerprint = arena_copy(arena, row_text(row, "fingerprint")),
		.last = row_number(row, "last_number"),
		.last_uuid = arena_copy(arena, row_text(row, "last_uuid")),
		.running = row_number(row, "running"),
		.snapshot_at = arena_copy(arena, row_text(row, "snapshot_at")),
	};
	relay->full_name = arena_print(arena, "%s/%s", relay->provider, relay->name);
	const unsigned char *digest = row_bytes(row, "last_digest", arena, &size);
	if (digest != NULL && size == sizeof relay->last_digest)
		memcpy(relay->last_digest, digest, size);
	return true;
}

bool generation_relay_load(struct db *db, struct arena *arena, const char *name,
                           struct generation_relay *relay, struct err *err)
{
	const char *slash = strchr(name, '/');
	const char *provider = slash != NULL ? arena_copy_part(arena, name, (size_t)(slash - name))
	                                     : NULL;
	struct found found = { .arena = arena, .relay = relay };

	if (!db_each(db, STMT_EXPORT_RELAY, DB_PARAMS(provider, slash != NULL ? slash + 1 : name),
	             relay_row, &found, err))
		return false;
	if (found.count == 1)
		return true;
	if (found.count == 0)
		(void)err_set(err, ERR_NOT_FOUND, _("there is no relay \"%s\""), name);
	else
		(void)err_set(err, ERR_INPUT, _("several providers have a relay \"%s\""), name);
	return err_hint(err,
	                _("write it as PROVIDER/RELAY; \"senderctl relay list\" shows them all"));
}

void generation_list_add(struct generation_list *list, long long item)
{
	if (list->count == list->room) {
		list->room = list->room > 0 ? list->room * 2 : 64;
		list->items = reallocarray(list->items, list->room, sizeof *list->items);
		if (list->items == NULL) {
			(void)fputs("senderctl: out of memory\n", stderr);
			exit(3);
		}
	}
	list->items[list->count++] = item;
}

bool generation_list_has(const struct generation_list *list, long long item)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == item)
			return true;
	return false;
}

void generation_list_drop(struct generation_list *list)
{
	free(list->items);
	*list = (struct generation_list){ 0 };
}

/* "{1,2,3}" */
static const char *list_literal(struct arena *arena, const struct generation_list *list)
{
	struct text text = { 0 };

	text_add(&text, "{");
	for (size_t i = 0; i < list->count; i++)
		text_addf(&text, "%s%lld", i > 0 ? "," : "", list->items[i]);
	text_add(&text, "}");
	const char *literal = arena_copy(arena, text_string(&text));
	text_free(&text);
	return literal;
}

bool generation_add(struct db *db, struct arena *arena, const struct generation_relay *relay,
                    const struct generation *generation, const char **uuid, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_GENERATION_ADD,
	            DB_PARAMS(db_number(arena, relay->provider_id), db_number(arena, relay->id),
	                      db_number(arena, generation->number),
	                      db_bytes(arena, generation->digest, sizeof generation->digest),
	                      relay->snapshot_at, db_number(arena, generation->senders),
	                      list_literal(arena, &generation->domains),
	                      list_literal(arena, &generation->staged),
	                      list_literal(arena, &generation->active)),
	            &row, err))
		return false;
	*uuid = arena_copy(arena, row_text(row, "uuid"));
	return true;
}

bool generation_ack(struct db *db, struct arena *arena, const struct generation_relay *relay,
                    long long number, struct err *err)
{
	const struct row *row;

	return db_one(db, STMT_GENERATION_ACK_ADD,
	              DB_PARAMS(db_number(arena, relay->provider_id), db_number(arena, relay->id),
	                        db_number(arena, number)),
	              &row, err);
}

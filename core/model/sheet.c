#include "core/model/sheet.h"

#include <string.h>

#include "core/base/words.h"

static void take(const struct row *row, struct arena *arena, struct sheet *sheet)
{
	*sheet = (struct sheet){
		.provider_id = row_number(row, "provider_id"),
		.id = row_number(row, "id"),
		.client_id = row_number(row, "client_id"),
		.uuid = arena_copy(arena, row_text(row, "uuid")),
		.provider = arena_copy(arena, row_text(row, "provider")),
		.client = arena_copy(arena, row_text(row, "client")),
		.number = (int)row_number(row, "number"),
		.replaces = (int)row_number(row, "replaces"),
		.language = arena_copy(arena, row_text(row, "language")),
		.digest = arena_copy(arena, row_text(row, "digest")),
		.issued_at = arena_copy(arena, row_text(row, "issued_at")),
		.issued_by = arena_copy(arena, row_text(row, "issued_by")),
		.model = arena_copy(arena, row_text(row, "model")),
	};
}

bool sheet_find_same(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                     const char *language, const char *model, struct sheet *sheet, bool *found,
                     struct err *err)
{
	const struct row *row;

	if (!db_find(db, STMT_SHEET_SAME,
	             DB_PARAMS(db_number(arena, provider_id), db_number(arena, client_id), language,
	                       model),
	             &row, err))
		return false;
	*found = row != NULL;
	if (row != NULL)
		take(row, arena, sheet);
	return true;
}

bool sheet_add(struct db *db, struct arena *arena, long long provider_id, long long client_id,
               const char *language, const char *model, struct sheet *sheet, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_SHEET_ADD,
	            DB_PARAMS(db_number(arena, provider_id), db_number(arena, client_id), language,
	                      model),
	            &row, err))
		return false;
	return sheet_load(db, arena, provider_id, client_id, (int)row_number(row, "number"), sheet,
	                  err);
}

bool sheet_add_domain(struct db *db, const struct sheet *sheet, long long domain_id,
                      struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_run(db, STMT_SHEET_ADD_DOMAIN,
	                 DB_PARAMS(db_number(&arena, sheet->provider_id),
	                           db_number(&arena, sheet->id), db_number(&arena, domain_id)),
	                 NULL, err);

	arena_reset(&arena);
	return ok;
}

bool sheet_add_key(struct db *db, const struct sheet *sheet, long long key_id, struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_run(db, STMT_SHEET_ADD_KEY,
	                 DB_PARAMS(db_number(&arena, sheet->provider_id),
	                           db_number(&arena, sheet->id), db_number(&arena, key_id)),
	                 NULL, err);

	arena_reset(&arena);
	return ok;
}

bool sheet_load(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                int number, struct sheet *sheet, struct err *err)
{
	const struct row *row;

	if (!db_find(db, STMT_SHEET_LOAD,
	             DB_PARAMS(db_number(arena, provider_id), db_number(arena, client_id),
	                       number > 0 ? db_number(arena, number) : NULL),
	             &row, err))
		return false;
	if (row == NULL) {
		if (number > 0)
			(void)err_set(err, ERR_NOT_FOUND,
			              _("there is no sheet no. %d of this client"), number);
		else
			(void)err_set(err, ERR_NOT_FOUND,
			              _("no sheet was issued for this client yet"));
		return err_hint(err, _("senderctl handover issue CLIENT makes one"));
	}
	take(row, arena, sheet);
	return true;
}

struct listing {
	struct arena *arena;
	struct sheet_list *list;
};

static bool take_listed(const struct row *row, void *context, struct err *err)
{
	struct listing *listing = context;
	struct sheet_list *list = listing->list;

	UNUSED(err);
	if (list->count == list->room) {
		size_t room = list->room > 0 ? 2 * list->room : 16;
		struct sheet *more = arena_take(listing->arena, room * sizeof *more);
		if (list->count > 0)
			memcpy(more, list->items, list->count * sizeof *more);
		list->items = more;
		list->room = room;
	}
	take(row, listing->arena, &list->items[list->count++]);
	return true;
}

bool sheet_list_load(struct db *db, struct arena *arena, long long provider_id, long long client_id,
                     struct sheet_list *list, struct err *err)
{
	struct listing listing = { arena, list };

	*list = (struct sheet_list){ 0 };
	return db_each(db, STMT_SHEET_LIST,
	               DB_PARAMS(provider_id != 0 ? db_number(arena, provider_id) : NULL,
	                         client_id != 0 ? db_number(arena, client_id) : NULL),
	               take_listed, &listing, err);
}

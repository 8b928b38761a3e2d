#include "core/model/key_zone.h"

bool key_zone_serial(struct db *db, long long provider_id, const char *name, const char *digest,
                     long long *serial, bool *changed, struct err *err)
{
	struct arena arena = { 0 };
	const struct row *row;
	bool ok = db_one(db, STMT_KEY_ZONE_SERIAL,
	                 DB_PARAMS(db_number(&arena, provider_id), name, digest), &row, err);

	arena_reset(&arena);
	if (!ok)
		return false;
	*serial = row_number(row, "serial");
	*changed = row_bool(row, "changed");
	return true;
}

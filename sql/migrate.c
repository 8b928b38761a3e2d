#include "sql/migrate.h"

#include <string.h>

#include "core/base/words.h"

struct applied {
	struct arena *arena;
	const char *names[256];
	const char *checksums[256];
	size_t count;
};

static bool note_applied(const struct row *row, void *context, struct err *err)
{
	struct applied *applied = context;

	if (applied->count == LENGTH(applied->names))
		return err_set(err, ERR_DATABASE, _("more migrations than this program can hold"));
	applied->names[applied->count] = arena_copy(applied->arena, row_text(row, "name"));
	applied->checksums[applied->count++] = arena_copy(applied->arena,
	                                                  row_text(row, "checksum"));
	return true;
}

static bool load_applied(struct db *db, struct applied *applied, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_MIGRATION_KNOWN, DB_NO_PARAMS, &row, err))
		return false;
	if (!row_bool(row, "known"))
		return true;
	return db_each(db, STMT_MIGRATION_APPLIED, DB_NO_PARAMS, note_applied, applied, err);
}

/* A database that is newer than the program is not touched. */
static bool refuse_unknown(const struct applied *applied, struct err *err)
{
	for (size_t i = 0; i < applied->count; i++) {
		bool known = false;
		for (const struct migration *m = migrations; m->name != NULL; m++)
			known = known || strcmp(m->name, applied->names[i]) == 0;
		if (!known) {
			(void)err_set(err, ERR_REFUSED,
			              _("the database has migration %s, which this "
			                "program does not know"),
			              applied->names[i]);
			return err_hint(err, _("a newer senderctl made it; use that one"));
		}
	}
	return true;
}

static bool same_checksum(struct db *db, const struct migration *migration, const char *recorded,
                          struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_MIGRATION_CHECKSUM, DB_PARAMS(migration->text), &row, err))
		return false;
	if (strcmp(row_text(row, "checksum"), recorded) == 0)
		return true;
	(void)err_set(err, ERR_REFUSED, _("migration %s was changed after it had been applied"),
	              migration->name);
	return err_hint(err, _("undo the edit and put the change into a new file"));
}

static bool apply(struct db *db, const struct migration *migration, struct err *err)
{
	struct arena arena = { 0 };
	const struct row *row;
	bool ok = false;

	/* The first one makes the roles and runs as whoever connected; all
	 * others run as the owner of the schema, whose objects they make. */
	if (strncmp(migration->name, "0000_", 5) != 0) {
		if (!db_one(db, STMT_HOUSE_ROLE, DB_PARAMS("owner"), &row, err))
			goto out;
		if (!db_become(db, arena_copy(&arena, row_text(row, "role")), err))
			goto out;
	}
	ok = db_script(db, migration->text, err)
	     && db_run(db, STMT_MIGRATION_RECORD, DB_PARAMS(migration->name, migration->text), NULL,
	               err)
	     && db_become(db, NULL, err);
out:
	arena_reset(&arena);
	return ok || err_within(err, _("migration %s"), migration->name);
}

static const char *checksum_of(const struct applied *applied, const char *name)
{
	for (size_t i = 0; i < applied->count; i++)
		if (strcmp(applied->names[i], name) == 0)
			return applied->checksums[i];
	return NULL;
}

bool migrate_run(struct db *db, int *applied_count, struct err *err)
{
	struct arena arena = { 0 };
	struct applied applied = { .arena = &arena };
	bool ok = false;

	*applied_count = 0;
	/* DDL wants to see what others committed while we waited for the lock:
	 * READ COMMITTED, not our usual snapshot. */
	if (!db_script(db, "BEGIN", err))
		goto out;
	if (!db_run(db, STMT_MIGRATION_LOCK, DB_NO_PARAMS, NULL, err)
	    || !load_applied(db, &applied, err) || !refuse_unknown(&applied, err))
		goto out;
	for (const struct migration *m = migrations; m->name != NULL; m++) {
		const char *recorded = checksum_of(&applied, m->name);
		if (recorded != NULL ? !same_checksum(db, m, recorded, err) : !apply(db, m, err))
			goto out;
		*applied_count += recorded == NULL;
	}
	ok = db_commit(db, err);
out:
	if (!ok)
		db_rollback(db);
	arena_reset(&arena);
	return ok;
}

bool migrate_look(struct db *db, struct arena *arena, struct migrate_status *status,
                  struct err *err)
{
	struct applied applied = { .arena = arena };

	*status = (struct migrate_status){ 0 };
	if (!load_applied(db, &applied, err))
		return false;
	status->initialised = applied.count > 0;
	status->applied = (int)applied.count;
	status->last = applied.count > 0 ? applied.names[applied.count - 1] : NULL;
	for (const struct migration *m = migrations; m->name != NULL; m++)
		status->missing += checksum_of(&applied, m->name) == NULL;
	return true;
}

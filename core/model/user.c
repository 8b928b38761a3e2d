#include "core/model/user.h"

#include "core/base/words.h"
#include "core/model/event.h"
#include "core/model/scope.h"

static struct tree *list_of(const char **items)
{
	struct tree *list = tree_list();

	for (; *items != NULL; items++)
		tree_push_text(list, *items);
	return list;
}

static bool add_user(const struct row *row, void *context, struct err *err)
{
	struct arena arena = { 0 };
	struct tree *user = tree_map();

	UNUSED(err);
	tree_put_text(user, "user", row_text(row, "person"));
	tree_put(user, "roles", list_of(row_list(row, "roles", &arena)));
	tree_put(user, "providers", list_of(row_list(row, "providers", &arena)));
	tree_push(context, user);
	arena_reset(&arena);
	return true;
}

bool user_list(struct db *db, struct tree **users, struct err *err)
{
	*users = tree_list();
	if (db_each(db, STMT_USER_LIST, DB_NO_PARAMS, add_user, *users, err))
		return true;
	tree_drop(*users);
	*users = NULL;
	return false;
}

/* What changed for whom, in the log of each provider it was changed for. */
static bool write_events(struct db *db, const char *what, const char *person, const char *role,
                         const long long ids[], size_t count, struct err *err)
{
	struct tree *detail = tree_map();
	bool ok = true;

	tree_put_text(detail, "role", role);
	for (size_t i = 0; ok && i < count; i++)
		ok = event_add(db,
		               &(struct event){ .provider_id = ids[i],
		                                .subject = person,
		                                .what = what,
		                                .detail = detail },
		               err);
	tree_drop(detail);
	return ok;
}

static bool change(struct db *db, struct arena *arena, enum statement_id statement,
                   const char *what, const char *person, const char *role,
                   const char *const providers[], size_t count, struct err *err)
{
	long long *ids = arena_take(arena, (count + 1) * sizeof *ids);
	const char **numbers = arena_take(arena, (count + 1) * sizeof *numbers);

	for (size_t i = 0; i < count; i++) {
		struct scope scope;
		if (!scope_find_provider(db, arena, providers[i], &scope, err))
			return false;
		ids[i] = scope.provider_id;
		numbers[i] = db_number(arena, scope.provider_id);
	}
	return db_run(db, statement, DB_PARAMS(person, role, db_list(arena, numbers, count)), NULL,
	              err)
	       && write_events(db, what, person, role, ids, count, err);
}

bool user_grant(struct db *db, struct arena *arena, const char *person, const char *role,
                const char *const providers[], size_t count, struct err *err)
{
	return change(db, arena, STMT_USER_GRANT, "user.grant", person, role, providers, count,
	              err);
}

bool user_revoke(struct db *db, struct arena *arena, const char *person, const char *role,
                 const char *const providers[], size_t count, struct err *err)
{
	return change(db, arena, STMT_USER_REVOKE, "user.revoke", person, role, providers, count,
	              err);
}

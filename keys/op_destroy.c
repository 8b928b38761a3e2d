#include "core/base/words.h"
#include "keys/operation.h"

struct ending {
	const struct asked *asked;
	long long key_id;
};

static bool destroy_key(struct db *db, struct arena *arena, void *context, struct err *err)
{
	const struct ending *ending = context;
	const struct key_request *request = &ending->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *key = db_number(arena, ending->key_id);
	const struct row *row;
	long long subject = 0;
	int version = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_KEY_DESTROY, DB_PARAMS(provider, key), &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_REFUSED,
		               _("only a key that is retired, revoked or cancelled is destroyed"));
	const char *domain = arena_copy(arena, row_text(row, "domain"));
	const char *detail = arena_print(arena, "{\"selector\": \"%s\"}",
	                                 row_text(row, "selector"));
	long long client_id = row_number(row, "client_id");
	return db_run(db, STMT_KEYD_SECRET_DELETE, DB_PARAMS(provider, key), NULL, err)
	       && key_store_request_add(db, arena, request, ending->key_id, 1, err)
	       && key_store_event(db, arena, request, client_id, domain, "key.destroy",
	                          "nothing can need the private half again", detail, err);
}

bool op_destroy(struct call *call, struct err *err)
{
	struct asked asked;
	char detail[64];
	struct ending ending = { .asked = &asked };

	if (!keyd_number(call, "key", &ending.key_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld", ending.key_id);
	if (!keyd_asked(call, detail, &asked, err)
	    || !key_store_run(&call->keyd->store, DB_WRITE, destroy_key, &ending, err))
		return false;
	tree_put_number(call->answer, "key_id", ending.key_id);
	return true;
}

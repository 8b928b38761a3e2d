#include "core/base/words.h"
#include "keys/operation.h"
#include "keys/secret_line.h"

enum { PASSWORD_LIMIT = 1024 };

/* What no mail server can carry (relays.md 1): control characters, blanks at
 * the ends, nothing at all. */
static bool password_ok(const struct secret *password, struct err *err)
{
	bool ok = password->size > 0 && password->bytes[0] != ' '
	          && password->bytes[password->size - 1] != ' ';

	for (size_t i = 0; ok && i < password->size; i++)
		ok = password->bytes[i] >= 0x20 && password->bytes[i] != 0x7f;
	return ok
	       || err_set(err, ERR_INPUT,
	                  _("a password must not be empty, hold control characters, or begin or "
	                    "end with a blank"));
}

struct new_password {
	struct keyd *keyd;
	const struct asked *asked;
	long long smarthost_id;
	const struct secret *password;
	int version;
};

static bool store_password(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct new_password *new = context;
	const struct key_request *request = &new->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *smarthost = db_number(arena, new->smarthost_id);
	struct vault_password name = { .version = 0 };
	struct vault_kek kek;
	struct sealed sealed;
	const struct row *row;
	long long subject = 0;
	long long kek_id = 0;
	bool known = false;

	if (!key_store_request_find(db, arena, request, &known, &subject, &new->version, err))
		return false;
	if (known)
		return true;
	if (!db_find(db, STMT_KEYD_SMARTHOST, DB_PARAMS(provider, smarthost), &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such smarthost"));
	if (!key_store_uuid(row, "provider_uuid", &name.provider, err)
	    || !key_store_uuid(row, "client_uuid", &name.client, err)
	    || !key_store_uuid(row, "uuid", &name.smarthost, err))
		return false;
	new->version = (int)row_number(row, "next_version");
	name.version = (uint32_t) new->version;
	long long client_id = row_number(row, "client_id");
	const char *subject_name = arena_print(arena, "%s:%lld", row_text(row, "host"),
	                                       row_number(row, "port"));
	return key_store_kek(db, arena, &new->keyd->vault, request->provider_id, &name.provider,
	                     "provider", &kek_id, &kek, err)
	       && vault_seal_password(&new->keyd->vault, &kek, &name, new->password, arena, &sealed,
	                              err)
	       && db_run(db, STMT_KEYD_PASSWORD_RETIRE, DB_PARAMS(provider, smarthost), NULL, err)
	       && db_run(db, STMT_KEYD_PASSWORD_ADD,
	                 DB_PARAMS(provider, smarthost, db_number(arena, new->version),
	                           db_number(arena, kek_id),
	                           db_bytes(arena, sealed.bytes, sealed.size)),
	                 NULL, err)
	       && key_store_request_add(db, arena, request, new->smarthost_id, new->version, err)
	       && key_store_event(db, arena, request, client_id, subject_name, "smarthost.password",
	                          "a new password was given", NULL, err);
}

bool op_password(struct call *call, struct err *err)
{
	struct secret password = { 0 };
	struct asked asked;
	char detail[64];
	bool ok = false;

	struct new_password new = { .keyd = call->keyd, .asked = &asked, .password = &password };
	if (!keyd_number(call, "smarthost", &new.smarthost_id, err))
		return false;
	(void)snprintf(detail, sizeof detail, "%lld", new.smarthost_id);
	if (!keyd_asked(call, detail, &asked, err))
		return false;
	if (call->fds->count != 1)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	ok = secret_line_read(call->fds->fd[0], _("the password"), PASSWORD_LIMIT, &password, err)
	     && password_ok(&password, err)
	     && key_store_run(&call->keyd->store, DB_WRITE, store_password, &new, err);
	if (ok)
		tree_put_number(call->answer, "version", new.version);
	secret_drop(&password);
	return ok;
}

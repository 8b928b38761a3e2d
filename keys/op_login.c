#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/words.h"
#include "keys/operation.h"

/* A login with a stored password.  The caller brings a connection and names
 * a smarthost; where the password goes is decided by the registry's row and
 * the service's own authorities: host, port, user and senders are read from the
 * database here, and the certificate must be for that host. */

enum { ADDRESS_MOST = 254 };

struct login {
	struct keyd *keyd;
	const struct asked *asked;
	long long smarthost_id;
	long long domain_id;
	const char *test_to;
	int server;
	struct tree *task;
	struct secret password;
};

/* The address of a test mail becomes a line of SMTP. */
static bool check_address(const char *address, struct err *err)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;
	bool ok = address == NULL
	          || (at != NULL && at != address && at[1] != '\0'
	              && strlen(address) <= ADDRESS_MOST);

	for (const char *p = address; ok && p != NULL && *p != '\0'; p++)
		ok = *p > ' ' && *p < 0x7f && *p != '<' && *p != '>' && *p != '"' && *p != '\\';
	return ok || err_set(err, ERR_INPUT, _("this is not an address for a test mail"));
}

/* A TCP connection to the port that is registered, and nothing else. */
static bool check_server(int server, long long port, struct err *err)
{
	struct sockaddr_storage peer = { 0 };
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	socklen_t size = sizeof peer;
	int type = 0;
	socklen_t type_size = sizeof type;

	bool ok = getsockopt(server, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0
	          && type == SOCK_STREAM
	          && getpeername(server, (struct sockaddr *)&peer, &size) == 0;
	memcpy(&four, &peer, sizeof four);
	memcpy(&six, &peer, sizeof six);
	ok = ok
	     && ((peer.ss_family == AF_INET && ntohs(four.sin_port) == port)
	         || (peer.ss_family == AF_INET6 && ntohs(six.sin6_port) == port));
	return ok
	       || err_set(err, ERR_INPUT, _("this is not a connection to the registered server"));
}

static bool add_sender(const struct row *row, void *context, struct err *err)
{
	UNUSED(err);
	tree_push_text(context, row_text(row, "address"));
	return true;
}

static bool make_task(struct db *db, struct arena *arena, struct login *login,
                      const struct row *row, struct err *err)
{
	const struct key_request *request = &login->asked->request;
	struct tree *senders = tree_list();

	login->task = tree_map();
	tree_put_text(login->task, "host", row_text(row, "host"));
	tree_put_bool(login->task, "implicit", strcmp(row_text(row, "tls"), "implicit") == 0);
	tree_put_text(login->task, "helo", row_text(row, "helo"));
	tree_put_text(login->task, "user", row_text(row, "auth_user"));
	tree_put_text(login->task, "test_to", login->test_to);
	tree_put(login->task, "senders", senders);
	return db_each(db, STMT_KEYD_LOGIN_SENDERS,
	               DB_PARAMS(db_number(arena, request->provider_id),
	                         db_number(arena, login->domain_id),
	                         db_number(arena, login->smarthost_id)),
	               add_sender, senders, err);
}

static bool open_password(struct db *db, struct arena *arena, struct login *login,
                          const struct uuid *smarthost, uint32_t *version, struct err *err)
{
	const struct key_request *request = &login->asked->request;
	struct stored_password stored;
	struct vault_kek kek;

	if (!key_store_password(db, arena, request->provider_id, smarthost, &stored, err)
	    || !key_store_kek_by_id(db, arena, request->provider_id, stored.kek_id, &kek, err))
		return false;
	stored.name.provider = kek.provider;
	*version = stored.name.version;
	secret_drop(&login->password);
	return vault_open_password(&login->keyd->vault, &kek, &stored.name, &stored.sealed,
	                           &login->password, err);
}

/* The use of a password is an event, and is written before the use. */
static bool prepare(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct login *login = context;
	const struct key_request *request = &login->asked->request;
	struct uuid smarthost;
	uint32_t version = 0;
	const struct row *row;

	tree_drop(login->task); /* of an attempt that is repeated */
	login->task = NULL;
	if (!db_find(db, STMT_KEYD_LOGIN,
	             DB_PARAMS(db_number(arena, request->provider_id),
	                       db_number(arena, login->smarthost_id)),
	             &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such smarthost"));
	const char *subject = arena_print(arena, "%s:%lld", row_text(row, "host"),
	                                  row_number(row, "port"));
	long long client_id = row_number(row, "client_id");
	if (!check_server(login->server, row_number(row, "port"), err)
	    || !key_store_uuid(row, "uuid", &smarthost, err)
	    || !make_task(db, arena, login, row, err)
	    || !open_password(db, arena, login, &smarthost, &version, err))
		return false;
	struct tree *detail = tree_map();
	struct text text = { 0 };
	tree_put_number(detail, "version", version);
	if (login->test_to != NULL)
		tree_put_text(detail, "test_mail", login->test_to);
	tree_render(detail, false, &text);
	bool ok = key_store_event(db, arena, request, client_id, subject, "smarthost.login",
	                          "the password was used to try the login", text_string(&text),
	                          err);
	text_free(&text);
	tree_drop(detail);
	return ok;
}

bool op_login(struct call *call, struct err *err)
{
	struct asked asked;
	struct login login = { .keyd = call->keyd,
		               .asked = &asked,
		               .test_to = tree_find_text(call->question, "test_to"),
		               .server = call->fds->count == 1 ? call->fds->fd[0] : -1 };
	char detail[64];

	login.smarthost_id = tree_as_number(tree_get(call->question, "smarthost"), 0);
	login.domain_id = tree_as_number(tree_get(call->question, "domain"), 0);
	(void)snprintf(detail, sizeof detail, "%lld|%lld", login.smarthost_id, login.domain_id);
	if (!keyd_asked(call, detail, &asked, err) || !check_address(login.test_to, err))
		return false;
	if (login.server < 0)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	bool ok = key_store_run(&call->keyd->store, DB_WRITE, prepare, &login, err)
	          && envoy_send(&call->keyd->envoy, login.task, &login.password, login.server,
	                        &call->visit, err);
	secret_drop(&login.password);
	tree_drop(login.task);
	call->later = ok ? CALL_VISIT : CALL_AT_ONCE;
	return ok;
}

#include "cli/commands.h"

#include <fcntl.h>
#include <unistd.h>

#include "cli/print.h"
#include "cli/typing.h"
#include "core/base/words.h"
#include "core/model/scope.h"
#include "core/model/smarthost_secret.h"
#include "keys/client.h"

struct secret_args {
	const char *client;
	const char *host;
	const char *file;
};

static const struct option_row secret_options[] = {
	PLACE(struct secret_args, client, "CLIENT", N_("whose server: lms/acme")),
	PLACE(struct secret_args, host, "HOST[:PORT]", N_("the submission server")),
	ALLOWED(struct secret_args, file, "--file", "FILE",
	        N_("where the password stands; without it, standard input")),
	OPTIONS_END,
};

static bool give(struct session *session, const struct scope *client,
                 const struct smarthost_secret *found, int fd, int *version, struct err *err)
{
	const struct keys_secret_wish wish = { .request = uuid_make(),
		                               .provider_id = client->provider_id,
		                               .smarthost_id = found->smarthost_id,
		                               .fd = fd };
	struct keys_client *keys = NULL;
	struct typing typing;

	if (!session_keys(session, &keys, err))
		return false;
	bool ok = typing_begin(&typing, fd, _("Password:"), err)
	          && keys_set_secret(keys, &wish, version, err);
	typing_end(&typing);
	return ok;
}

static bool secret_run(struct session *session, const void *given, struct err *err)
{
	const struct secret_args *args = given;
	struct smarthost_secret found;
	struct scope client;
	int version = 0;

	bool ok = db_begin(session->db, DB_READ, err)
	          && scope_find_client(session->db, &session->arena, args->client, &client, err)
	          && smarthost_secret_find(session->db, &session->arena, &client, args->host,
	                                   &found, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	if (!session->options->dry_run) {
		int fd = args->file != NULL ? open(args->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
		if (fd < 0)
			return err_errno(err, _("cannot open %s"), args->file);
		ok = give(session, &client, &found, fd, &version, err);
		if (fd != STDIN_FILENO)
			(void)close(fd);
		if (!ok)
			return false;
	}
	struct tree *answer = tree_map();
	tree_put_text(answer, "client", client.words);
	tree_put_text(answer, "host", found.host);
	tree_put_number(answer, "port", found.port);
	tree_put_number(answer, "version", version);
	print_line(session,
	           found.known ? _("%s:%d: the password was exchanged")
	                       : _("%s:%d: the password was stored"),
	           found.host, found.port);
	print_json(session, answer);
	return true;
}

const struct command cmd_secret[] = {
	{ "smarthost secret", N_("hand the password of a customer's server to the key service"),
	  ACCESS_OPEN, secret_options, sizeof(struct secret_args), secret_run,
	  "senderctl smarthost secret lms/acme smtp.acme.example --file /root/acme.password\n" },
	COMMANDS_END,
};

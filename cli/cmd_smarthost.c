#include "cli/commands.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/noun_verbs.h"
#include "core/base/uuid.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/smarthost.h"
#include "keys/client.h"

/* What only smarthost add has. */
enum extra { EXTRA_PASSWORD_FILE };

static const struct option_row add_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("HOST", N_("the customer's submission server")),
	SAID(SMARTHOST_PORT, "--port", "N", N_("587")),
	SAID(SMARTHOST_TLS, "--tls", "starttls|implicit", N_("starttls; on port 465 implicit")),
	SAID_NEEDED(SMARTHOST_USER, "--user", "NAME", N_("the account we log in with")),
	ALLOWED(struct noun_args, extra[EXTRA_PASSWORD_FILE], "--password-file", "FILE",
	        N_("where its password stands (- is standard input); the key service alone reads it")),
	SAID(SMARTHOST_CA, "--ca", "ID", N_("a CA file on the relays, if it is not a public one")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("HOST[:PORT]", N_("the submission server")),
	SAID(SMARTHOST_PORT, "--port", "N", N_("another port")),
	SAID(SMARTHOST_TLS, "--tls", "starttls|implicit", N_("how TLS begins")),
	SAID(SMARTHOST_USER, "--user", "NAME", N_("the account we log in with")),
	SAID(SMARTHOST_CA, "--ca", "ID", N_("a CA file on the relays; empty: the public ones")),
	NOUN_WHY,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("HOST[:PORT]", N_("the submission server")),
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("HOST[:PORT]", N_("the submission server")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "smarthost", N_("smarthost"), PRINT_LEFT },
	{ "tls", N_("TLS"), PRINT_LEFT },
	{ "auth_user", N_("user"), PRINT_LEFT },
	{ "password", N_("password known"), PRINT_LEFT },
	{ "domains", N_("domains"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "smarthost", N_("smarthost"), PRINT_LEFT },
	{ "tls", N_("TLS"), PRINT_LEFT },
	{ "auth_user", N_("user"), PRINT_LEFT },
	{ "password", N_("password known"), PRINT_LEFT },
	{ "ca", N_("CA"), PRINT_LEFT },
	{ "domains", N_("domains"), PRINT_LEFT },
	{ "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

/* ---- add: the registry first, then the password, which needs the committed row ----------- */

struct adding {
	struct session *session;
	const struct noun_args *args;
	struct noun_one *one;
};

static bool add(struct db *db, void *context, struct err *err)
{
	const struct adding *adding = context;
	const struct noun_args *args = adding->args;
	struct session *session = adding->session;
	struct noun_one client;

	return noun_above(session, &client_noun, args->client, &client, err)
	       && noun_add(db, &session->arena, &smarthost_noun, &client, args->name, args->said,
	                   args->why, adding->one, err)
	       && (!session->options->dry_run || noun_added(session, adding->one, err));
}

static bool hand_over(struct session *session, const struct noun_one *one, int fd, struct err *err)
{
	const struct keys_secret_wish wish = { .request = uuid_make(),
		                               .provider_id = one->provider_id,
		                               .smarthost_id = one->id,
		                               .fd = fd };
	struct keys_client *keys;
	int version;

	if (session_keys(session, &keys, err) && keys_set_secret(keys, &wish, &version, err))
		return true;
	(void)err_within(err, _("%s was added, but its password was not stored"), one->subject);
	return err_hint(err, _("senderctl smarthost secret %s/%s %s hands it over once more"),
	                one->provider, one->client, one->name);
}

static bool add_answer(struct session *session, const struct noun_one *one, bool password,
                       struct err *err)
{
	bool ok = db_begin(session->db, DB_READ, err) && noun_added(session, one, err);

	db_rollback(session->db);
	if (ok && !password)
		print_line(session,
		           _("senderctl smarthost secret %s/%s %s hands its password to the "
		             "key service"),
		           one->provider, one->client, one->name);
	return ok;
}

static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	const char *file = args->extra[EXTRA_PASSWORD_FILE];
	struct keys_client *keys;
	struct noun_one one;
	struct adding adding = { session, args, &one };
	int fd = -1;
	bool ok = false;

	if (file != NULL) {
		fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_errno(err, _("cannot open %s"), file);
		if (!session_keys(session, &keys, err)) /* before anything is stored */
			goto out;
	}
	if (!db_again(session->db, session_write(session), add, &adding, err))
		goto out;
	if (session->options->dry_run)
		print_line(session, "%s", _("dry run: nothing was changed"));
	ok = session->options->dry_run
	     || ((fd < 0 || hand_over(session, &one, fd, err))
	         && add_answer(session, &one, fd >= 0, err));
out:
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static bool set_run(struct session *session, const void *args, struct err *err)
{
	return noun_set_run(session, &smarthost_noun, args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &smarthost_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &smarthost_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &smarthost_noun, args, err);
}

const struct command cmd_smarthost[] = {
	{ "smarthost add", N_("register a customer's submission server"), ACCESS_OPEN, add_options,
	  sizeof(struct noun_args), add_run,
	  "senderctl smarthost add lms/acme smtp.acme.example --user vendor \\\n"
	  "    --password-file /root/acme.password\n" },
	{ "smarthost set", N_("change a smarthost"), ACCESS_WRITE, set_options,
	  sizeof(struct noun_args), set_run,
	  "senderctl smarthost set lms/acme smtp.acme.example --port 465 --tls implicit\n" },
	{ "smarthost show", N_("show one smarthost"), ACCESS_READ, one_options,
	  sizeof(struct noun_args), show_run,
	  "senderctl smarthost show lms/acme smtp.acme.example\n" },
	{ "smarthost list", N_("list smarthosts"), ACCESS_READ, list_options,
	  sizeof(struct noun_args), list_run, "senderctl smarthost list --provider lms\n" },
	{ "smarthost retire", N_("take a smarthost out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run,
	  "senderctl smarthost retire lms/acme smtp.acme.example\n" },
	COMMANDS_END,
};

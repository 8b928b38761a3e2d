#include "cli/commands.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/scope.h"
#include "core/record/name.h"
#include "keys/client.h"

struct import_args {
	const char *domain;
	const char *selector;
	const char *file;
};

static const struct option_row import_options[] = {
	PLACE(struct import_args, domain, "DOMAIN", N_("who signs with it")),
	PLACE(struct import_args, selector, "SELECTOR", N_("under which its record stands in DNS")),
	NEEDED(struct import_args, file, "--file", "FILE",
	       N_("the private key: PEM, or one line of base64 for Ed25519; - is standard input")),
	OPTIONS_END,
};

/* The file is opened here with the rights of whoever calls, and read there. */
static bool open_key(struct session *session, const char *file, int *fd, struct err *err)
{
	struct stat is;

	*fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return err_errno(err, _("cannot open %s"), file);
	if (fstat(*fd, &is) == 0 && S_ISREG(is.st_mode) && (is.st_mode & 077) != 0)
		print_line(session, _("%s: others than its owner may read it"), file);
	return true;
}

static bool take_in(struct session *session, const struct import_args *args,
                    const struct scope *scope, struct keys_made *made, struct err *err)
{
	struct keys_client *keys = NULL;
	struct keys_import_wish wish = { .request = uuid_make(),
		                         .provider_id = scope->provider_id,
		                         .domain_id = scope->domain_id,
		                         .selector = args->selector };

	if (!session_keys(session, &keys, err) || !open_key(session, args->file, &wish.fd, err))
		return false;
	bool ok = keys_import(keys, &wish, made, err);
	if (wish.fd != STDIN_FILENO)
		(void)close(wish.fd);
	return ok;
}

static bool import_run(struct session *session, const void *given, struct err *err)
{
	const struct import_args *args = given;
	struct keys_made made = { 0 };
	struct scope scope;

	bool ok = db_begin(session->db, DB_READ, err)
	          && scope_find(session->db, &session->arena, args->domain, &scope, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	if (scope.domain_id == 0)
		return err_set(err, ERR_USAGE, _("a key belongs to one domain: name it"));
	if (!session->options->dry_run && !take_in(session, args, &scope, &made, err))
		return false;
	struct tree *row = tree_map();
	tree_put_text(row, "domain", scope.domain);
	tree_put_text(row, "selector", args->selector);
	const char *domain = name_show(&session->arena, scope.domain);
	if (session->options->dry_run) {
		print_line(session, _("%s: would take in %s"), domain, args->selector);
	} else {
		print_line(session, _("%s: key %s was taken in"), domain, made.selector);
		print_line(
			session,
			_("it signs when its record was seen, like any other; then destroy %s and "
		          "every other copy"),
			args->file);
	}
	print_json(session, row);
	return true;
}

const struct command cmd_key_import[] = {
	{ "key import", N_("take in a private key that another program made"), ACCESS_OPEN,
	  import_options, sizeof(struct import_args), import_run,
	  "senderctl key import acme.example s2024 --file /etc/dkimkeys/s2024.private\n" },
	COMMANDS_END,
};

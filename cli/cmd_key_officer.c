/* `key escrow officer`: who can give a provider's key back. */

#include "cli/commands.h"

#include "cli/escrow_talk.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/model/escrow_age.h"
#include "keys/client.h"

struct officer_args {
	const char *provider;
	const char *name;
	const char *key;
	const char *fingerprint;
	bool retired;
};

static const struct option_row add_options[] = {
	PLACE(struct officer_args, provider, "PROVIDER", N_("whose key")),
	PLACE(struct officer_args, name, "NAME", N_("a short name for the officer")),
	NEEDED(struct officer_args, key, "--key", "KEY",
	       N_("what \"senderctl-officer keygen\" printed: sko1:...")),
	ALLOWED(struct officer_args, fingerprint, "--fingerprint", "TEXT",
	        N_("as the officer read it out; another one is refused")),
	OPTIONS_END,
};

static const struct option_row confirm_options[] = {
	PLACE(struct officer_args, provider, "PROVIDER", N_("whose key")),
	PLACE(struct officer_args, name, "NAME", N_("the officer")),
	NEEDED(struct officer_args, fingerprint, "--fingerprint", "TEXT",
	       N_("as the officer read it out to you")),
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	PLACE(struct officer_args, provider, "PROVIDER", N_("whose key")),
	PLACE(struct officer_args, name, "NAME", N_("the officer")),
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	PLACE_MAYBE(struct officer_args, provider, "PROVIDER", N_("whose; without it all")),
	FLAG(struct officer_args, retired, "--retired", N_("retired ones too")),
	OPTIONS_END,
};

/* The question, asked unless it is a dry run: then *answer stays NULL. */
static bool ask(struct session *session, const char *operation, const struct officer_args *args,
                struct tree **answer, struct err *err)
{
	struct keys_client *keys = NULL;
	long long provider_id = 0;

	if (!escrow_talk_provider(session, args->provider, &provider_id, err))
		return false;
	if (session->options->dry_run)
		return true;
	if (!session_keys(session, &keys, err))
		return false;
	struct tree *question = keys_question(operation, provider_id);
	tree_put_text(question, "name", args->name);
	tree_put_text(question, "key", args->key);
	tree_put_text(question, "fingerprint", args->fingerprint);
	return keys_ask(keys, question, -1, answer, err);
}

static void would(struct session *session)
{
	print_line(session, _("nothing was changed: a dry run"));
	print_json(session, tree_map());
}

static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct officer_args *args = given;
	struct tree *answer = NULL;

	if (!ask(session, "officer-add", args, &answer, err))
		return false;
	if (answer == NULL) {
		would(session);
		return true;
	}
	const char *fingerprint = tree_find_text(answer, "fingerprint");
	if (tree_as_bool(tree_get(answer, "confirmed"), false)) {
		print_line(session, _("officer %s is registered; the fingerprint is %s"),
		           args->name, fingerprint);
		if (tree_as_bool(tree_get(answer, "alone"), false))
			print_line(session,
			           _("note: nobody else may ask this key service, so no second "
			             "operator confirms; its peers file names others"));
	} else {
		print_line(session,
		           _("officer %s waits to be confirmed within an hour, by another "
		             "operator:"),
		           args->name);
		print_line(session, "  senderctl key escrow officer confirm %s %s --fingerprint %s",
		           args->provider, args->name, fingerprint);
	}
	print_json(session, answer);
	return true;
}

static bool confirm_run(struct session *session, const void *given, struct err *err)
{
	const struct officer_args *args = given;
	struct tree *answer = NULL;

	if (!ask(session, "officer-confirm", args, &answer, err))
		return false;
	if (answer == NULL) {
		would(session);
		return true;
	}
	print_line(session,
	           _("officer %s is confirmed; \"senderctl key escrow make %s\" gives the "
	             "officers their shares"),
	           args->name, args->provider);
	print_json(session, answer);
	return true;
}

static bool retire_run(struct session *session, const void *given, struct err *err)
{
	const struct officer_args *args = given;
	struct tree *answer = NULL;

	if (!ask(session, "officer-retire", args, &answer, err))
		return false;
	if (answer == NULL) {
		would(session);
		return true;
	}
	print_line(session,
	           _("officer %s has left; what his shares are part of, he may know for "
	             "ever"),
	           args->name);
	print_line(session, _("\"senderctl key escrow reissue %s\" makes a new key without him"),
	           args->provider);
	print_json(session, answer);
	return true;
}

static bool list_run(struct session *session, const void *given, struct err *err)
{
	static const struct print_column columns[] = {
		{ "provider", N_("provider"), PRINT_LEFT },
		{ "officer", N_("officer"), PRINT_LEFT },
		{ "fingerprint", N_("fingerprint"), PRINT_LEFT },
		{ "state", N_("state"), PRINT_LEFT },
		{ "proved_at", N_("proved"), PRINT_LEFT },
		{ "silent_days", N_("days ago"), PRINT_RIGHT },
		{ "concern", N_("concern"), PRINT_WRAP },
		PRINT_COLUMNS_END,
	};
	const struct officer_args *args = given;
	struct tree *list = NULL;
	long long provider_id = 0;
	bool ok = args->provider == NULL
	          || escrow_talk_provider(session, args->provider, &provider_id, err);

	ok = ok && db_begin(session->db, DB_READ, err)
	     && escrow_age_officers(session->db, &session->arena, provider_id, args->retired, &list,
	                            err);
	db_rollback(session->db);
	if (ok)
		print_list(session, list, columns);
	return ok;
}

const struct command cmd_key_officer[] = {
	{ "key escrow officer add", N_("register who holds shares of a provider's key"),
	  ACCESS_OPEN, add_options, sizeof(struct officer_args), add_run,
	  "senderctl key escrow officer add lms anna --key sko1:...\n" },
	{ "key escrow officer confirm", N_("vouch, as a second operator, for an officer"),
	  ACCESS_OPEN, confirm_options, sizeof(struct officer_args), confirm_run,
	  "senderctl key escrow officer confirm lms anna --fingerprint "
	  "abcd-efgh-ijkl-mnop-qrst-uvwx-yz\n" },
	{ "key escrow officer list", N_("officers, and when each last proved his key"), ACCESS_OPEN,
	  list_options, sizeof(struct officer_args), list_run,
	  "senderctl key escrow officer list lms\n" },
	{ "key escrow officer retire", N_("an officer leaves"), ACCESS_OPEN, retire_options,
	  sizeof(struct officer_args), retire_run,
	  "senderctl key escrow officer retire lms carl\n" },
	COMMANDS_END,
};

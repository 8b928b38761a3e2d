/* `key escrow`: a provider's key among its officers, and back. */

#include "cli/commands.h"

#include <string.h>

#include "cli/escrow_talk.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/base/words.h"
#include "core/model/escrow_age.h"
#include "keys/client.h"

struct escrow_args {
	const char *provider;
	const char *quorum;
	long number;
	const char *out;
	struct option_list answers;
};

/* ---- status ---- */

static const struct option_row status_options[] = {
	PLACE_MAYBE(struct escrow_args, provider, "PROVIDER", N_("whose key; without it all")),
	OPTIONS_END,
};

static bool status_run(struct session *session, const void *given, struct err *err)
{
	static const struct print_column columns[] = {
		{ "provider", N_("provider"), PRINT_LEFT },
		{ "policy", N_("escrow"), PRINT_LEFT },
		{ "quorum", N_("quorum"), PRINT_RIGHT },
		{ "officers", N_("officers"), PRINT_RIGHT },
		{ "complete_at", N_("split"), PRINT_LEFT },
		{ "drilled_at", N_("last drill"), PRINT_LEFT },
		{ "undrilled_days", N_("days ago"), PRINT_RIGHT },
		{ "concern", N_("concern"), PRINT_WRAP },
		PRINT_COLUMNS_END,
	};
	const struct escrow_args *args = given;
	struct tree *list = NULL;
	long long provider_id = 0;
	bool ok = args->provider == NULL
	          || escrow_talk_provider(session, args->provider, &provider_id, err);

	ok = ok && db_begin(session->db, DB_READ, err)
	     && escrow_age_keys(session->db, &session->arena, provider_id, &list, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	for (size_t i = 0; i < tree_count(list); i++)
		if (tree_find_text(tree_at(list, i), "concern") != NULL)
			session->status = 1;
	print_list(session, list, columns);
	return true;
}

/* ---- make ---- */

static const struct option_row make_options[] = {
	PLACE(struct escrow_args, provider, "PROVIDER", N_("whose key")),
	NUMBER(struct escrow_args, number, "--quorum", "K",
	       N_("how many officers bring it back together; 2 if nothing is said")),
	OPTIONS_END,
};

static void say_made(struct session *session, const struct tree *answer)
{
	long long quorum = tree_as_number(tree_get(answer, "quorum"), 0);
	long long officers = tree_as_number(tree_get(answer, "officers"), 0);

	print_line(session,
	           tree_as_bool(tree_get(answer, "changed"), true)
	                   ? _("any %lld of %lld officers can bring the key back: %lld shares")
	                   : _("any %lld of %lld officers can bring the key back already (%lld "
	                       "shares); nothing was changed"),
	           quorum, officers, tree_as_number(tree_get(answer, "shares"), 0));
	if (quorum == 1)
		print_line(session,
		           _("%swarning:%s each of them alone, with a dump of the database, "
		             "holds every key of this provider"),
		           print_yellow(session), print_plain(session));
	else if (quorum == officers)
		print_line(session,
		           _("%swarning:%s if one of them loses his file, nobody brings the key "
		             "back"),
		           print_yellow(session), print_plain(session));
}

/* A question that needs nothing but the provider and a number. */
static bool ask_number(struct session *session, const char *operation,
                       const struct escrow_args *args, struct tree **answer, struct err *err)
{
	struct keys_client *keys = NULL;
	long long provider_id = 0;

	if (!escrow_talk_provider(session, args->provider, &provider_id, err)
	    || !session_keys(session, &keys, err))
		return false;
	struct tree *question = keys_question(operation, provider_id);
	if (args->number != 0)
		tree_put_number(question, "quorum", args->number);
	return keys_ask(keys, question, -1, answer, err);
}

static bool make_run(struct session *session, const void *given, struct err *err)
{
	struct tree *answer = NULL;

	if (session->options->dry_run) {
		print_line(session, _("nothing was changed: a dry run"));
		print_json(session, tree_map());
		return true;
	}
	if (!ask_number(session, "escrow-make", given, &answer, err))
		return false;
	say_made(session, answer);
	print_json(session, answer);
	return true;
}

/* ---- verify ---- */

static const struct option_row verify_options[] = {
	PLACE(struct escrow_args, provider, "PROVIDER", N_("whose key")),
	OPTIONS_END,
};

static const char *problem_sentence(const char *word)
{
	static const struct {
		const char *word;
		const char *sentence;
	} rows[] = {
		{ "none", N_("it was never split") },
		{ "left", N_("an officer who left has shares of it") },
		{ "incomplete", N_("its shares are not those of today's officers") },
		{ "commitment", N_("its commitment was not made by the key service") },
		{ "unfinished", N_("a reissue was interrupted: say it again") },
	};

	for (size_t i = 0; word != NULL && i < LENGTH(rows); i++)
		if (strcmp(rows[i].word, word) == 0)
			return _(rows[i].sentence);
	return word;
}

static bool verify_run(struct session *session, const void *given, struct err *err)
{
	struct tree *answer = NULL;

	if (!ask_number(session, "escrow-verify", given, &answer, err))
		return false;
	const struct tree *keys = tree_get(answer, "keys");
	for (size_t i = 0; i < tree_count(keys); i++) {
		const struct tree *key = tree_at(keys, i);
		const char *problem = tree_find_text(key, "problem");
		print_line(session,
		           problem == NULL
		                   ? _("key %s: %lld shares for %lld of %lld officers, all as they "
		                       "should be")
		                   : _("key %s: %lld shares for %lld of %lld officers"),
		           tree_find_text(key, "kek"), tree_as_number(tree_get(key, "shares"), 0),
		           tree_as_number(tree_get(key, "quorum"), 0),
		           tree_as_number(tree_get(key, "officers"), 0));
		if (problem != NULL)
			print_line(session, "%s%s%s", print_red(session), problem_sentence(problem),
			           print_plain(session));
	}
	if (tree_count(keys) == 0)
		print_line(session, _("this provider has no key yet"));
	session->status = tree_as_bool(tree_get(answer, "fine"), false) ? 0 : 1;
	print_json(session, answer);
	return true;
}

/* ---- drill, prove, recover ---- */

#define TALK_OPTIONS \
	ALLOWED(struct escrow_args, out, "--out", "FILE", \
	        N_("ask: where the request to the officers goes")), \
		LIST(struct escrow_args, answers, "--answer", "FILE", \
	             N_("finish: what an officer answered; repeatable"))

static const struct option_row drill_options[] = {
	PLACE(struct escrow_args, provider, "PROVIDER", N_("whose key")),
	ALLOWED(struct escrow_args, quorum, "--quorum", "NAMES",
	        N_("whom to ask: anna,carl; without it all")),
	TALK_OPTIONS,
	OPTIONS_END,
};

static const struct option_row talk_options[] = {
	PLACE(struct escrow_args, provider, "PROVIDER", N_("whose key")),
	TALK_OPTIONS,
	OPTIONS_END,
};

/* Ask, or hand over: *answer stays NULL when we only asked. */
static bool talk(struct session *session, const struct escrow_args *args, const char *purpose,
                 struct tree **answer, struct err *err)
{
	long long provider_id = 0;

	if ((args->out == NULL) == (args->answers.count == 0)) {
		(void)err_set(err, ERR_USAGE,
		              _("say --out to ask the officers, or --answer for what "
		                "they answered"));
		return err_hint(err, _("first --out, then, days later perhaps, --answer"));
	}
	if (!escrow_talk_provider(session, args->provider, &provider_id, err))
		return false;
	if (args->out != NULL)
		return escrow_talk_request(session, provider_id, purpose, args->quorum, args->out,
		                           err);
	if (session->options->dry_run) {
		print_line(session, _("nothing was changed: a dry run"));
		print_json(session, tree_map());
		return true;
	}
	return escrow_talk_answers(session, provider_id, &args->answers, answer, err);
}

static void say_officers(struct session *session, const struct tree *answer)
{
	const struct tree *suspects = tree_get(answer, "suspects");

	print_line(session, _("officers: %s"),
	           escrow_talk_names(session, tree_get(answer, "proved")));
	if (tree_count(suspects) > 0) {
		print_line(session, _("%swarning:%s wrong answers came from: %s"),
		           print_red(session), print_plain(session),
		           escrow_talk_names(session, suspects));
		session->status = 1;
	}
}

static void say_witness(struct session *session, const struct tree *answer)
{
	if (tree_find_text(answer, "domain") != NULL)
		print_line(session,
		           _("key %s of %s was opened with it and signed; the signature fits"),
		           tree_find_text(answer, "selector"), tree_find_text(answer, "domain"));
	else
		print_line(session, _("it seals no signing key yet: none was tried"));
}

static bool drill_run(struct session *session, const void *given, struct err *err)
{
	const struct escrow_args *args = given;
	struct tree *answer = NULL;

	if (!talk(session, args, "drill", &answer, err))
		return false;
	if (answer == NULL)
		return true;
	print_line(session, _("the officers brought the key of %s back, into an empty vault"),
	           args->provider);
	say_witness(session, answer);
	say_officers(session, answer);
	print_json(session, answer);
	return true;
}

static bool prove_run(struct session *session, const void *given, struct err *err)
{
	struct tree *answer = NULL;

	if (!talk(session, given, "prove", &answer, err))
		return false;
	if (answer == NULL)
		return true;
	print_line(session, _("proved that they have their keys: %s"),
	           escrow_talk_names(session, tree_get(answer, "proved")));
	print_json(session, answer);
	return true;
}

static bool recover_run(struct session *session, const void *given, struct err *err)
{
	const struct escrow_args *args = given;
	struct tree *answer = NULL;

	if (!talk(session, args, "recover", &answer, err))
		return false;
	if (answer == NULL)
		return true;
	print_line(session,
	           _("the key of %s is back, under the master key of this machine: %lld signing "
	             "keys and %lld passwords opened"),
	           args->provider, tree_as_number(tree_get(answer, "keys"), 0),
	           tree_as_number(tree_get(answer, "passwords"), 0));
	say_witness(session, answer);
	say_officers(session, answer);
	long long others = tree_as_number(tree_get(answer, "others"), 0);
	if (others > 0)
		print_line(session,
		           _("%lld officers did not answer and are retired: register them again, "
		             "then \"senderctl key escrow reissue %s\""),
		           others, args->provider);
	if (tree_as_bool(tree_get(answer, "ready"), false))
		print_line(session,
		           _("the key service works again; relays learn its new signing "
		             "key, and \"senderctl relay enrol\" enrols each of them anew"));
	else
		print_line(session, _("other providers are still to be recovered"));
	print_json(session, answer);
	return true;
}

/* ---- reissue ---- */

static const struct option_row reissue_options[] = {
	PLACE(struct escrow_args, provider, "PROVIDER", N_("whose key")),
	NUMBER(struct escrow_args, number, "--quorum", "K",
	       N_("how many officers bring it back together; as before if nothing is said")),
	OPTIONS_END,
};

/* One piece; *answer is the service's last word. */
static bool reissue_piece(struct keys_client *keys, long long provider_id,
                          const struct escrow_args *args, bool begin, struct tree **answer,
                          struct err *err)
{
	struct tree *question = keys_question("escrow-reissue", provider_id);

	tree_put_bool(question, "begin", begin);
	if (args->number != 0)
		tree_put_number(question, "quorum", args->number);
	tree_drop(*answer);
	*answer = NULL;
	return keys_ask(keys, question, -1, answer, err);
}

static bool reissue_all(struct session *session, struct keys_client *keys, long long provider_id,
                        const struct escrow_args *args, struct tree **answer, long long *moved,
                        struct err *err)
{
	struct progress progress = progress_begin(session, _("sealing again"));
	long long left = 0;
	bool begin = true;
	bool ok;

	do {
		ok = reissue_piece(keys, provider_id, args, begin, answer, err);
		begin = false;
		*moved += ok ? tree_as_number(tree_get(*answer, "moved"), 0) : 0;
		left = ok ? tree_as_number(tree_get(*answer, "left"), 0) : 0;
		progress_step(&progress, (size_t)*moved, (size_t)(*moved + left));
	} while (ok && left > 0);
	progress_end(&progress);
	return ok;
}

static bool reissue_run(struct session *session, const void *given, struct err *err)
{
	const struct escrow_args *args = given;
	struct keys_client *keys = NULL;
	struct tree *answer = NULL;
	long long provider_id = 0;
	long long moved = 0;

	if (!escrow_talk_provider(session, args->provider, &provider_id, err))
		return false;
	if (session->options->dry_run) {
		print_line(session, _("nothing was changed: a dry run"));
		print_json(session, tree_map());
		return true;
	}
	if (!session_keys(session, &keys, err)
	    || !reissue_all(session, keys, provider_id, args, &answer, &moved, err)) {
		tree_drop(answer);
		return false;
	}
	long long quorum = tree_as_number(tree_get(answer, "quorum"), 0);
	tree_drop(answer);
	answer = tree_map();
	tree_put_number(answer, "moved", moved);
	tree_put_number(answer, "quorum", quorum);
	print_line(session,
	           _("%s has a new key; %lld keys and passwords are sealed by it; the "
	             "former shares are gone"),
	           args->provider, moved);
	print_line(session,
	           _("what this does not undo: a dump made before now, with the files of "
	             "%lld former officers, still opens what it holds"),
	           quorum);
	print_line(session, _("rotate signing keys and change passwords that must not be known: "
	                      "senderctl key rotate"));
	print_json(session, answer);
	return true;
}

const struct command cmd_key_escrow[] = {
	{ "key escrow status", N_("can each provider's key be brought back, and was it tried"),
	  ACCESS_OPEN, status_options, sizeof(struct escrow_args), status_run,
	  "senderctl key escrow status\n" },
	{ "key escrow make", N_("split a provider's key among its officers"), ACCESS_OPEN,
	  make_options, sizeof(struct escrow_args), make_run,
	  "senderctl key escrow make lms --quorum 2\n" },
	{ "key escrow verify", N_("are all shares there, and no others; opens nothing"),
	  ACCESS_OPEN, verify_options, sizeof(struct escrow_args), verify_run,
	  "senderctl key escrow verify lms\n" },
	{ "key escrow drill", N_("let officers bring the key back, into an empty vault"),
	  ACCESS_OPEN, drill_options, sizeof(struct escrow_args), drill_run,
	  "senderctl key escrow drill lms --quorum anna,carl --out drill.skq\n"
	  "senderctl key escrow drill lms --answer anna.ska --answer carl.ska\n" },
	{ "key escrow prove", N_("let officers show that they still have their keys"), ACCESS_OPEN,
	  talk_options, sizeof(struct escrow_args), prove_run,
	  "senderctl key escrow prove lms --out proof.skq\n" },
	{ "key escrow recover", N_("the master key is lost: bring a provider's key back"),
	  ACCESS_OPEN, talk_options, sizeof(struct escrow_args), recover_run,
	  "senderctl key escrow recover lms --out recover.skq\n"
	  "senderctl key escrow recover lms --answer anna.ska --answer carl.ska\n" },
	{ "key escrow reissue", N_("a new key for a provider, without those who left"), ACCESS_OPEN,
	  reissue_options, sizeof(struct escrow_args), reissue_run,
	  "senderctl key escrow reissue lms\n" },
	COMMANDS_END,
};

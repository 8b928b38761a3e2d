/* The verbs of `key` that move a key on in its life. */

#include "cli/commands.h"

#include "cli/asking.h"
#include "cli/key_named.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/lifecycle/key_note.h"
#include "core/lifecycle/key_sight.h"
#include "core/lifecycle/rotation.h"
#include "core/record/name.h"
#include "keys/client.h"

enum { COULD_NOT_TELL = 3 };

/* ---- advance ---- */

struct advance_args {
	const char *scope;
	bool explain;
};

static const struct option_row advance_options[] = {
	PLACE_MAYBE(struct advance_args, scope, "DOMAIN|CLIENT", N_("whose keys; without it all")),
	FLAG(struct advance_args, explain, "--explain",
	     N_("say for every key what it waits for, and until when")),
	OPTIONS_END,
};

struct advancing {
	struct session *session;
	struct asking *asking;
	struct tree *list;
	bool explain;
	size_t done;
	size_t unsure;
	size_t blocked;
};

static bool look(void *context, const struct dkim_key *key, struct rotation_sight *sight,
                 struct err *err)
{
	struct advancing *advancing = context;

	UNUSED(err);
	key_sight_look(advancing->asking->resolver, &advancing->session->arena, key, sight);
	return true;
}

static bool open_service(void *context, struct keys_client **keys, struct err *err)
{
	return session_keys(context, keys, err);
}

static void say_result(struct advancing *advancing, const struct rotation_result *result)
{
	struct session *session = advancing->session;
	const struct rotation_advice *advice = &result->advice;
	const char *domain = name_show(&session->arena, result->key.domain);

	if (result->done && result->successor != NULL) {
		print_line(session, _("%s %s: %s; %s will relieve it"), domain,
		           result->key.selector, _(advice->why), result->successor);
		return;
	}
	if (result->done) {
		print_line(session, "%s%s %s%s: %s", print_green(session), domain,
		           result->key.selector, print_plain(session), _(advice->why));
		return;
	}
	if (session->options->dry_run && advice->ready && advice->ours) {
		print_line(session,
		           advice->event == KEY_SUPERSEDE ? _("%s %s: a successor would be ordered")
		                                          : _("%s %s: would become %s"),
		           domain, result->key.selector, key_state_word(advice->next));
		return;
	}
	if (!advancing->explain && !result->unsure && advice->ready)
		return;
	if (!advancing->explain && !advice->ours)
		return;
	print_line(session, _("%s %s stays %s:"), domain, result->key.selector,
	           key_state_word(result->key.state));
	for (size_t i = 0; i < advice->reason_count; i++)
		print_line(session, "  %s", advice->reasons[i].sentence);
}

static bool take_result(const struct rotation_result *result, void *context, struct err *err)
{
	struct advancing *advancing = context;
	const struct rotation_advice *advice = &result->advice;
	struct tree *row = tree_map();
	struct tree *words = tree_list();
	struct tree *sentences = tree_list();

	UNUSED(err);
	tree_put_text(row, "domain", result->key.domain);
	tree_put_text(row, "selector", result->key.selector);
	tree_put_text(row, "algorithm", result->key.algorithm);
	tree_put_text(row, "from", key_state_word(result->key.state));
	tree_put_text(row, "to", advice->event != KEY_EVENTS ? key_state_word(advice->next) : NULL);
	tree_put_bool(row, "done", result->done);
	tree_put_text(row, "not_before", advice->not_before);
	tree_put_text(row, "successor", result->successor);
	for (size_t i = 0; i < advice->reason_count; i++) {
		tree_push_text(words, advice->reasons[i].word);
		tree_push_text(sentences, advice->reasons[i].sentence);
	}
	tree_put(row, "waits_for", words);
	tree_put(row, "reasons", sentences);
	tree_push(advancing->list, row);
	advancing->done += result->done;
	advancing->unsure += result->unsure;
	advancing->blocked += advice->ours && !result->done && !advice->ready;
	say_result(advancing, result);
	return true;
}

static bool scope_filter(struct session *session, const char *word, struct dkim_key_filter *filter,
                         struct err *err)
{
	bool ok = db_begin(session->db, DB_READ, err)
	          && key_named_filter(session, word, filter, err);
	db_rollback(session->db);
	return ok;
}

/* What is on its way and not due is counted: --explain has each. */
static bool say_waiting(struct session *session, const struct dkim_key_filter *filter,
                        struct err *err)
{
	struct dkim_key_waiting waiting;

	bool ok = db_begin(session->db, DB_READ, err)
	          && dkim_key_count_waiting(session->db, &session->arena, filter, &waiting, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	if (waiting.count > 0)
		print_line(session,
		           ngettext("%lld key is on its way and has to wait; --explain says for "
		                    "what",
		                    "%lld keys are on their way and have to wait; --explain says "
		                    "for what",
		                    (unsigned long)waiting.count),
		           waiting.count);
	if (waiting.next_at != NULL)
		print_line(session, _("the next moment at which a key can be moved on is %s"),
		           waiting.next_at);
	return true;
}

/* Everything with its reasons, or what is due alone. */
static bool advance(struct advancing *advancing, const struct dkim_key_filter *filter,
                    struct err *err)
{
	struct session *session = advancing->session;
	const struct rotation_look eyes = { look, advancing, { open_service, session } };
	const bool dry = session->options->dry_run;

	if (advancing->explain)
		return rotation_advance(session->db, &session->arena, filter, &eyes, dry,
		                        take_result, advancing, err);
	return rotation_advance_due(session->db, &session->arena, filter, false, &eyes, dry,
	                            take_result, advancing, err);
}

static bool advance_run(struct session *session, const void *given, struct err *err)
{
	const struct advance_args *args = given;
	struct dkim_key_filter filter = { .living = true };
	struct asking asking = { 0 };
	struct advancing advancing = {
		.session = session,
		.asking = &asking,
		.list = tree_list(),
		.explain = args->explain,
	};

	bool ok = scope_filter(session, args->scope, &filter, err)
	          && asking_open(session, &asking, err) && advance(&advancing, &filter, err);
	asking_close(&asking);
	if (!ok) {
		tree_drop(advancing.list);
		return false;
	}
	if (advancing.done == 0 && advancing.blocked == 0)
		print_line(session, _("no key can be moved on; nothing was changed"));
	if (!args->explain && !say_waiting(session, &filter, err)) {
		tree_drop(advancing.list);
		return false;
	}
	session->status = advancing.unsure > 0 ? COULD_NOT_TELL : advancing.blocked > 0;
	print_json(session, advancing.list);
	return true;
}

/* ---- rotate ---- */

struct rotate_args {
	const char *domain;
};

static const struct option_row rotate_options[] = {
	PLACE(struct rotate_args, domain, "DOMAIN", N_("whose key shall be relieved")),
	OPTIONS_END,
};

static const char *const how_words[] = {
	[SUCCESSION_NONE] = NULL,
	[SUCCESSION_UNDER_WAY] = "under-way",
	[SUCCESSION_PROMOTED] = "promoted",
	[SUCCESSION_GENERATED] = "generated",
};

static bool order_successor(struct session *session, const struct dkim_key *old, struct tree *row,
                            struct err *err)
{
	const struct succession_service service = { open_service, session };
	enum succession_how how = SUCCESSION_NONE;
	const char *selector = NULL;

	if (!succession_order(session->db, &session->arena, &service, old,
	                      N_("its successor was ordered"), &how, &selector, err))
		return false;
	print_line(session,
	           how == SUCCESSION_UNDER_WAY  ? _("%s: %s is on its way to relieve %s already")
	           : how == SUCCESSION_PROMOTED ? _("%s: the standby key %s will relieve %s")
	                                        : _("%s: the new key %s will relieve %s"),
	           name_show(&session->arena, old->domain), selector, old->selector);
	tree_put_text(row, "new", selector);
	tree_put_text(row, "how", how_words[how]);
	return true;
}

static void would_order(struct session *session, const struct succession *keys, struct tree *row)
{
	const char *domain = name_show(&session->arena, keys->active->domain);

	if (keys->coming != NULL)
		print_line(session, _("%s: %s is on its way to relieve %s already"), domain,
		           keys->coming->selector, keys->active->selector);
	else
		print_line(session,
		           keys->next != NULL ? _("%s: the standby key would relieve %s")
		                              : _("%s: a new key would be made to relieve %s"),
		           domain, keys->active->selector);
	tree_put_text(row, "new", keys->coming != NULL ? keys->coming->selector : NULL);
	tree_put_text(row, "how",
	              keys->coming != NULL ? "under-way"
	              : keys->next != NULL ? "would-promote"
	                                   : "would-generate");
}

static bool rotate_one(struct session *session, const struct succession *keys, struct tree *list,
                       struct err *err)
{
	struct tree *row = tree_map();

	tree_put_text(row, "domain", keys->active->domain);
	tree_put_text(row, "algorithm", keys->active->algorithm);
	tree_put_text(row, "old", keys->active->selector);
	tree_push(list, row);
	if (!session->options->dry_run)
		return order_successor(session, keys->active, row, err);
	would_order(session, keys, row);
	return true;
}

static bool rotate_run(struct session *session, const void *given, struct err *err)
{
	static const char *const algorithms[] = { "rsa-sha256", "ed25519-sha256" };
	const struct rotate_args *args = given;
	struct dkim_key_filter filter = { .living = true };
	struct dkim_key *keys = NULL;
	struct tree *list = tree_list();
	size_t count = 0;

	bool ok = scope_filter(session, args->domain, &filter, err);
	if (ok && filter.domain == NULL)
		ok = err_set(err, ERR_USAGE, _("\"%s\" is not a domain"), args->domain);
	ok = ok && db_begin(session->db, DB_READ, err)
	     && dkim_key_list(session->db, &session->arena, &filter, &keys, &count, err);
	db_rollback(session->db);
	for (size_t i = 0; ok && i < LENGTH(algorithms); i++) {
		struct succession found = succession_find(keys, count, algorithms[i]);
		ok = found.active == NULL || rotate_one(session, &found, list, err);
	}
	if (ok && tree_count(list) == 0) {
		(void)err_set(err, ERR_REFUSED, _("%s has no key that signs"), args->domain);
		ok = err_hint(err,
		              _("\"senderctl key list %s\" shows what its keys wait for; "
		                "\"key generate\" makes the first"),
		              args->domain);
	}
	if (!ok) {
		tree_drop(list);
		return false;
	}
	print_line(session,
	           _("next: senderctl handover issue, then check, export, and key advance"));
	print_json(session, list);
	return true;
}

/* ---- the end of a life ---- */

struct end_args {
	const char *domain;
	const char *selector;
};

static const struct option_row end_options[] = {
	PLACE(struct end_args, domain, "DOMAIN", N_("whose key")),
	PLACE(struct end_args, selector, "SELECTOR", N_("which one: \"key list\" shows them")),
	OPTIONS_END,
};

typedef bool (*end_fn)(struct session *session, const struct dkim_key *key, struct err *err);

static bool end_cancel(struct session *session, const struct dkim_key *key, struct err *err)
{
	return db_begin(session->db, DB_WRITE, err) && dkim_key_cancel(session->db, key, err)
	       && key_note(session->db, key, "key.cancel",
	                   key_step_find(key->state, KEY_CANCEL)->why, err)
	       && db_commit(session->db, err);
}

static bool end_destroy(struct session *session, const struct dkim_key *key, struct err *err)
{
	const struct keys_destroy_wish wish = { .request = uuid_make(),
		                                .provider_id = key->provider_id,
		                                .key_id = key->id };
	struct keys_client *keys = NULL;

	return session_keys(session, &keys, err) && keys_destroy(keys, &wish, err);
}

static bool end_key(struct session *session, const struct end_args *args, enum key_event event,
                    end_fn end, struct err *err)
{
	struct dkim_key key;

	bool ok = db_begin(session->db, DB_READ, err)
	          && key_named_find(session, args->domain, args->selector, &key, err);
	db_rollback(session->db);
	if (!ok)
		return false;
	const struct key_step *step = key_step_find(key.state, event);
	if (step == NULL)
		return err_set(err, ERR_REFUSED,
		               _("the key %s of %s is %s; \"%s\" is no step from there"),
		               key.selector, key.domain, key_state_word(key.state),
		               key_event_word(event));
	if (!session_confirm(session, err, _("%s of %s, which is %s: %s?"), key.selector,
	                     key.domain, key_state_word(key.state), key_event_word(event)))
		return false;
	if (!session->options->dry_run && !end(session, &key, err)) {
		db_rollback(session->db);
		return false;
	}
	struct tree *answer = tree_map();
	tree_put_text(answer, "domain", key.domain);
	tree_put_text(answer, "selector", key.selector);
	tree_put_text(answer, "from", key_state_word(key.state));
	tree_put_text(answer, "to", key_state_word(step->to));
	print_line(session, "%s %s: %s", name_show(&session->arena, key.domain), key.selector,
	           _(step->why));
	print_json(session, answer);
	return true;
}

static bool cancel_run(struct session *session, const void *given, struct err *err)
{
	return end_key(session, given, KEY_CANCEL, end_cancel, err);
}

static bool destroy_run(struct session *session, const void *given, struct err *err)
{
	return end_key(session, given, KEY_DESTROY, end_destroy, err);
}

const struct command cmd_key_life[] = {
	{ "key rotate", N_("order a successor for the keys of a domain"), ACCESS_OPEN,
	  rotate_options, sizeof(struct rotate_args), rotate_run,
	  "senderctl key rotate acme.example\n" },
	{ "key advance", N_("move on every key for which everything holds"), ACCESS_OPEN,
	  advance_options, sizeof(struct advance_args), advance_run,
	  "senderctl key advance\n"
	  "senderctl key advance acme.example --explain\n" },
	{ "key cancel", N_("give up a key that never signed"), ACCESS_OPEN, end_options,
	  sizeof(struct end_args), cancel_run, "senderctl key cancel acme.example s202611b\n" },
	{ "key destroy", N_("destroy the private half of a key whose life is over"), ACCESS_OPEN,
	  end_options, sizeof(struct end_args), destroy_run,
	  "senderctl key destroy acme.example s202605a\n" },
	COMMANDS_END,
};

/* `key revoke`: what breaks is said first, and confirmed twice. */

#include "cli/commands.h"

#include <string.h>

#include "cli/dns_ask.h"
#include "cli/key_named.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/handover/handover.h"
#include "core/lifecycle/emergency.h"
#include "core/lifecycle/key_step.h"
#include "core/model/scope.h"
#include "core/record/name.h"

struct revoke_args {
	const char *domain;
	const char *selector;
	bool compromised;
	bool stop_signing;
	const char *confirm;
	bool dns;
};

static const struct option_row revoke_options[] = {
	PLACE(struct revoke_args, domain, "DOMAIN", N_("whose key")),
	PLACE(struct revoke_args, selector, "SELECTOR", N_("which one: \"key list\" shows them")),
	FLAG(struct revoke_args, compromised, "--compromised",
	     N_("yes, somebody else may have it; nothing else is a reason")),
	FLAG(struct revoke_args, stop_signing, "--stop-signing",
	     N_("also when no other key may sign yet: mail then goes out unsigned")),
	ALLOWED(struct revoke_args, confirm, "--confirm", "DOMAIN",
	        N_("the second confirmation, for scripts: the domain once more")),
	FLAG(struct revoke_args, dns, "--dns",
	     N_("ask DNS for the sheet of today, and merge SPF into it (--resolver does so too)")),
	OPTIONS_END,
};

static bool plan(struct session *session, const struct revoke_args *args,
                 struct emergency *emergency, struct err *err)
{
	struct dkim_key key;

	return key_named_find(session, args->domain, args->selector, &key, err)
	       && emergency_plan(session->db, &session->arena, &key, emergency, err);
}

static bool allowed(const struct revoke_args *args, const struct emergency *emergency,
                    struct err *err)
{
	const struct dkim_key *key = &emergency->key;

	if (key_step_find(key->state, KEY_REVOKE) == NULL) {
		(void)err_set(err, ERR_REFUSED,
		              _("the key %s of %s is %s; \"%s\" is no step from there"),
		              key->selector, key->domain, key_state_word(key->state),
		              key_event_word(KEY_REVOKE));
		/* who was killed between the revocation and the sheet says it again */
		if (key->state == KEY_REVOKED)
			(void)err_hint(
				err, _("a sheet for its customer: senderctl handover issue %s/%s"),
				key->provider, key->client);
		return false;
	}
	if (!emergency->signs || emergency->heir != NULL || args->stop_signing)
		return true;
	(void)err_set(err, ERR_REFUSED,
	              _("no other key of %s may sign yet; to revoke the one that does stops "
	                "signing"),
	              key->domain);
	return err_hint(err,
	                _("sign on until another one may: senderctl key rotate %s; or stop "
	                  "now: --stop-signing"),
	                key->domain);
}

static void say_consequences(struct session *session, const char *const *sentences,
                             struct tree *list)
{
	for (size_t i = 0; sentences[i] != NULL; i++) {
		print_line(session, "%s- %s%s", print_yellow(session), sentences[i],
		           print_plain(session));
		tree_push_text(list, sentences[i]);
	}
}

static bool confirmed(struct session *session, const struct revoke_args *args,
                      const struct emergency *emergency, struct err *err)
{
	const struct dkim_key *key = &emergency->key;

	if (session->options->dry_run)
		return true;
	print_flush(session);
	return session_confirm(session, err, _("%s of %s, which is %s: %s?"), key->selector,
	                       key->domain, key_state_word(key->state), key_event_word(KEY_REVOKE))
	       && session_confirm_word(session, args->confirm, key->domain, err);
}

/* ---- the customer's sheet for today ---- */

struct issuing {
	struct session *session;
	const struct dkim_key *key;
	const struct ask *ask;
	struct handover handover;
};

static bool issue(struct db *db, void *context, struct err *err)
{
	struct issuing *issuing = context;
	struct arena *arena = &issuing->session->arena;
	const struct dkim_key *key = issuing->key;
	const char *words = arena_print(arena, "%s/%s", key->provider, key->client);
	struct scope client;

	return scope_find_client(db, arena, words, &client, err)
	       && handover_issue(db, arena, &client, NULL, issuing->ask, &issuing->handover, err);
}

/* The key is revoked already: a sheet that fails is told, and changes nothing about that. */
static void issue_sheet(struct session *session, const struct revoke_args *args,
                        const struct dkim_key *key, struct tree *answer)
{
	struct issuing issuing = { .session = session, .key = key };
	struct dns_ask *dns = NULL;
	struct err err = { 0 };
	bool ok = dns_ask_open(session, args->dns, &dns, &err);

	if (ok) {
		issuing.ask = dns_ask_function(dns);
		ok = db_again(session->db, DB_WRITE, issue, &issuing, &err);
	}
	dns_ask_close(dns);
	if (!ok) {
		session->status = 1;
		print_line(session, _("the sheet could not be issued: %s"), err.text);
		return;
	}
	tree_put_number(answer, "sheet", issuing.handover.sheet.number);
	print_line(session,
	           _("sheet no. %d for %s/%s asks the customer to withdraw the record today: "
	             "senderctl handover show %s/%s"),
	           issuing.handover.sheet.number, key->provider, key->client, key->provider,
	           key->client);
}

static void after(struct session *session, const struct revoke_args *args,
                  const struct emergency *emergency, struct tree *answer)
{
	const struct dkim_key *key = &emergency->key;

	print_line(session, "%s%s %s%s: %s", print_red(session),
	           name_show(&session->arena, key->domain), key->selector, print_plain(session),
	           _(key_step_find(key->state, KEY_REVOKE)->why));
	if (emergency->heir != NULL)
		print_line(session, _("%s signs; relays learn it from: senderctl export"),
		           emergency->heir->selector);
	else if (emergency->signs)
		print_line(session, _("relays stop signing with: senderctl export"));
	if (key->publish_pending_at != NULL && strcmp(key->publish, "txt") == 0)
		issue_sheet(session, args, key, answer);
}

static bool revoke_run(struct session *session, const void *given, struct err *err)
{
	const struct revoke_args *args = given;
	struct emergency emergency;

	if (!args->compromised) {
		(void)err_set(err, ERR_USAGE,
		              _("only a key that somebody else may have is revoked"));
		return err_hint(
			err,
			_("say --compromised; to relieve a healthy key: senderctl key rotate"));
	}
	bool ok = db_begin(session->db, DB_READ, err) && plan(session, args, &emergency, err);
	db_rollback(session->db);
	if (!ok || !allowed(args, &emergency, err))
		return false;
	struct tree *answer = tree_map(), *breaks = tree_list();
	tree_put_text(answer, "domain", emergency.key.domain);
	tree_put_text(answer, "selector", emergency.key.selector);
	tree_put_text(answer, "from", key_state_word(emergency.key.state));
	tree_put_text(answer, "to", key_state_word(KEY_REVOKED));
	say_consequences(session, emergency_consequences(&session->arena, &emergency), breaks);
	tree_put(answer, "consequences", breaks);
	if (!confirmed(session, args, &emergency, err)
	    || (!session->options->dry_run
	        && !emergency_revoke(session->db, &session->arena, &emergency, err))) {
		tree_drop(answer);
		return false;
	}
	tree_put_text(answer, "successor",
	              emergency.heir != NULL ? emergency.heir->selector : NULL);
	if (!session->options->dry_run)
		after(session, args, &emergency, answer);
	print_json(session, answer);
	return true;
}

const struct command cmd_key_revoke[] = {
	{ "key revoke", N_("withdraw a key that somebody else may have"), ACCESS_OPEN,
	  revoke_options, sizeof(struct revoke_args), revoke_run,
	  "senderctl key revoke acme.example s202611a --compromised --dry-run\n"
	  "senderctl key revoke acme.example s202611a --compromised\n" },
	COMMANDS_END,
};

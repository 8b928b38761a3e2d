#include "cli/commands.h"

#include <string.h>

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/domain.h"
#include "core/model/sender.h"

/* What only sender add has. */
enum extra { EXTRA_MODE, EXTRA_SMARTHOST };

#define FACTS \
	SAID(SENDER_SITE, "--site", "URL", N_("the client's site it belongs to")), \
		LIST(struct noun_args, items, "--login", "NAME", \
	             N_("a login that may use it; repeatable; without: all of the client's")), \
		SAID(SENDER_REPLY_TO, "--reply-to", "ADDRESS", N_("where answers go")), \
		SAID(SENDER_DISPLAY_NAME, "--name", "TEXT", \
	             N_("the name shown beside the address")), \
		NOUN_WHY

static const struct option_row add_options[] = {
	PLACE(struct noun_args, client, "CLIENT", N_("whose: lms/acme")),
	NOUN_NAME("ADDRESS", N_("what it sends as: claim@acme.example")),
	ALLOWED(struct noun_args, extra[EXTRA_MODE], "--mode", "hosted|relayed|direct|on-premises",
	        N_("who sends, under whose domain; needed for the first sender of a domain")),
	ALLOWED(struct noun_args, extra[EXTRA_SMARTHOST], "--smarthost", "HOST",
	        N_("in mode direct: through which server; the client's only one")),
	FACTS,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("ADDRESS", N_("the sender")),
	FACTS,
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("ADDRESS", N_("the sender")),
	NOUN_PROVIDER,
	NOUN_CLIENT,
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("ADDRESS", N_("the sender")), NOUN_PROVIDER, NOUN_CLIENT, NOUN_WHY, OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },  { "client", N_("client"), PRINT_LEFT },
	{ "sender", N_("sender"), PRINT_LEFT },      { "mode", N_("mode"), PRINT_LEFT },
	{ "site", N_("site"), PRINT_LEFT },          { "logins", N_("logins"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT }, PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "sender", N_("sender"), PRINT_LEFT },
	{ "mode", N_("mode"), PRINT_LEFT },
	{ "display_name", N_("name"), PRINT_LEFT },
	{ "reply_to", N_("replies to"), PRINT_LEFT },
	{ "site", N_("site"), PRINT_LEFT },
	{ "logins", N_("logins"), PRINT_LEFT },
	{ "domain", N_("domain"), PRINT_LEFT },
	{ "waived", N_("waived"), PRINT_LEFT },
	{ "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

/* Site and logins are named by people and said as ids. */
static bool resolve(struct session *session, const struct noun_one *client, struct noun_args *args,
                    struct err *err)
{
	return sender_site(session->db, &session->arena, client, args->said[SENDER_SITE],
	                   &args->said[SENDER_SITE], err)
	       && sender_logins(session->db, &session->arena, client, args->items.items,
	                        args->items.count, &args->said[SENDER_LOGINS], err);
}

static bool add_run(struct session *session, const void *given, struct err *err)
{
	struct noun_args args = *(const struct noun_args *)given;
	struct noun_one client, one;

	if (!noun_above(session, &client_noun, args.client, &client, err)
	    || !resolve(session, &client, &args, err))
		return false;
	const struct sender_wish wish = { .address = args.name,
		                          .mode = args.extra[EXTRA_MODE],
		                          .smarthost = args.extra[EXTRA_SMARTHOST],
		                          .said = args.said,
		                          .why = args.why };
	return sender_add(session->db, &session->arena, &client, &wish, &one, err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *given, struct err *err)
{
	struct noun_args args = *(const struct noun_args *)given;
	struct noun_query query;
	struct noun_one one;

	/* found once more by noun_set_run(), in the same snapshot */
	return noun_asked(session, &sender_noun, &args, &query, err)
	       && noun_find(session->db, &session->arena, &sender_noun, &query, &one, NULL, err)
	       && resolve(session, &one, &args, err)
	       && noun_set_run(session, &sender_noun, &args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &sender_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &sender_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &sender_noun, args, err);
}

/* ---- waive ------------------------------------------------------------------------- */

struct waive_args {
	const char *name;
	const char *provider;
	const char *purpose;
	const char *reason;
};

#define PURPOSE "spf|dkim|dmarc|mailfrom|smarthost|site|return"

static const struct option_row waive_options[] = {
	PLACE(struct waive_args, name, "ADDRESS|DOMAIN", N_("a sender, or its domain")),
	ALLOWED(struct waive_args, provider, "--provider", "NAME", N_("of which provider")),
	NEEDED(struct waive_args, purpose, "--purpose", PURPOSE,
	       N_("which requirement the domain can do without")),
	NEEDED(struct waive_args, reason, "--reason", "TEXT", N_("why; it is kept and shown")),
	OPTIONS_END,
};

static const struct option_row unwaive_options[] = {
	PLACE(struct waive_args, name, "ADDRESS|DOMAIN", N_("a sender, or its domain")),
	ALLOWED(struct waive_args, provider, "--provider", "NAME", N_("of which provider")),
	NEEDED(struct waive_args, purpose, "--purpose", PURPOSE,
	       N_("which requirement counts again")),
	ALLOWED(struct waive_args, reason, "--reason", "TEXT", N_("why, for the history")),
	OPTIONS_END,
};

/* Requirements belong to the domain: all its senders do without. */
static bool waive_domain(struct session *session, const struct waive_args *args,
                         struct noun_one *domain, struct err *err)
{
	struct noun_query query = { .provider = args->provider, .name = args->name };
	struct noun_one sender;

	if (strchr(args->name, '@') != NULL) {
		if (!noun_find(session->db, &session->arena, &sender_noun, &query, &sender, NULL,
		               err))
			return false;
		query.provider = sender.provider;
		query.name = strrchr(sender.name, '@') + 1;
	}
	return noun_find(session->db, &session->arena, &domain_noun, &query, domain, NULL, err);
}

static bool waive_answer(struct session *session, const struct noun_one *domain,
                         const struct waive_args *args, bool waived, struct err *err)
{
	struct tree *facts;

	if (!noun_facts(session->db, &session->arena, domain, !session->options->json, &facts, err))
		return false;
	print_line(session, waived ? _("%s of %s is waived") : _("%s of %s counts again"),
	           args->purpose, tree_find_text(facts, "domain"));
	print_json(session, facts);
	return true;
}

static bool waive_run(struct session *session, const void *given, struct err *err)
{
	const struct waive_args *args = given;
	struct noun_one domain;

	return waive_domain(session, args, &domain, err)
	       && domain_waive(session->db, &session->arena, &domain, args->purpose, args->reason,
	                       err)
	       && waive_answer(session, &domain, args, true, err);
}

static bool unwaive_run(struct session *session, const void *given, struct err *err)
{
	const struct waive_args *args = given;
	struct noun_one domain;

	return waive_domain(session, args, &domain, err)
	       && domain_unwaive(session->db, &session->arena, &domain, args->purpose, args->reason,
	                         err)
	       && waive_answer(session, &domain, args, false, err);
}

const struct command cmd_sender[] = {
	{ "sender add", N_("register an address that a client sends as"), ACCESS_WRITE, add_options,
	  sizeof(struct noun_args), add_run,
	  "senderctl sender add lms/acme claim@acme.example --mode relayed\n"
	  "senderctl sender add lms/acme news@acme.example --login acme-app --name \"Acme News\"\n" },
	{ "sender set", N_("change a sender"), ACCESS_WRITE, set_options, sizeof(struct noun_args),
	  set_run,
	  "senderctl sender set claim@acme.example --reply-to desk@acme.example\n"
	  "senderctl sender set claim@acme.example --login \"\"\n" },
	{ "sender show", N_("show one sender"), ACCESS_READ, one_options, sizeof(struct noun_args),
	  show_run, "senderctl sender show claim@acme.example\n" },
	{ "sender list", N_("list senders"), ACCESS_READ, list_options, sizeof(struct noun_args),
	  list_run, "senderctl sender list --client lms/acme\n" },
	{ "sender retire", N_("take a sender out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl sender retire claim@acme.example\n" },
	{ "sender waive", N_("do without a requirement of a sender's domain"), ACCESS_WRITE,
	  waive_options, sizeof(struct waive_args), waive_run,
	  "senderctl sender waive acme.example --purpose spf \\\n"
	  "    --reason \"their server mails only its own users and lets us in\"\n" },
	{ "sender unwaive", N_("a waived requirement counts again"), ACCESS_WRITE, unwaive_options,
	  sizeof(struct waive_args), unwaive_run,
	  "senderctl sender unwaive acme.example --purpose spf\n" },
	COMMANDS_END,
};

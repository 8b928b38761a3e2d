#include "cli/commands.h"

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/client.h"
#include "core/model/domain.h"

struct domain_args {
	struct noun_args noun;
	bool no_dkim;
};

static const struct option_row set_options[] = {
	NOUN_NAME("DOMAIN", N_("the sender domain")),
	SAID(DOMAIN_MODE, "--mode", "hosted|relayed|direct|on-premises",
	     N_("who sends, for all senders of the domain")),
	SAID(DOMAIN_SMARTHOST, "--smarthost", "HOST[:PORT]",
	     N_("in mode direct: through which server of the client; empty: none")),
	SAID(DOMAIN_ENVELOPE_DOMAIN, "--envelope-domain", "NAME",
	     N_("a MAIL FROM subdomain for bounces; empty: the domain itself")),
	SAID(DOMAIN_DKIM, "--dkim", "yes|no", N_("is it signed")),
	FLAG(struct domain_args, no_dkim, "--no-dkim", N_("the same as --dkim no")),
	SAID(DOMAIN_DKIM_PUBLISH, "--dkim-publish", "HOW",
	     N_("txt, cname or ns; empty: as the provider has it")),
	SAID(DOMAIN_ROTATE_EVERY, "--rotate-every", "TIME",
	     N_("age that no key shall exceed; empty: as the provider has it")),
	NOUN_PROVIDER,
	NOUN_WHY,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("DOMAIN", N_("the sender domain")),
	NOUN_PROVIDER,
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_CLIENT,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("DOMAIN", N_("the sender domain")),
	NOUN_PROVIDER,
	NOUN_WHY,
	OPTIONS_END,
};

static const struct option_row share_options[] = {
	NOUN_NAME("DOMAIN", N_("the sender domain")),
	PLACE(struct noun_args, client, "CLIENT", N_("the second client: lms/birke")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "domain", N_("domain"), PRINT_LEFT },
	{ "mode", N_("mode"), PRINT_LEFT },
	{ "smarthost", N_("smarthost"), PRINT_LEFT },
	{ "senders", N_("senders"), PRINT_RIGHT },
	{ "shared", N_("shared with"), PRINT_WRAP },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "client", N_("client"), PRINT_LEFT },
	{ "domain", N_("domain"), PRINT_LEFT },
	{ "mode", N_("mode"), PRINT_LEFT },
	{ "smarthost", N_("smarthost"), PRINT_LEFT },
	{ "envelope_domain", N_("envelope domain"), PRINT_LEFT },
	{ "dkim", N_("signed"), PRINT_LEFT },
	{ "dkim_publish", N_("keys published as"), PRINT_LEFT },
	{ "rotate_every", N_("rotate every"), PRINT_LEFT },
	{ "shared", N_("shared with"), PRINT_LEFT },
	{ "waived", N_("waived"), PRINT_LEFT },
	{ "senders", N_("senders"), PRINT_LEFT },
	{ "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static bool set_run(struct session *session, const void *given, struct err *err)
{
	struct domain_args args = *(const struct domain_args *)given;
	struct noun_query query;
	struct noun_one one;

	if (args.no_dkim)
		args.noun.said[DOMAIN_DKIM] = "no";
	return noun_asked(session, &domain_noun, &args.noun, &query, err)
	       && noun_find(session->db, &session->arena, &domain_noun, &query, &one, NULL, err)
	       && domain_smarthost(session->db, &session->arena, one.provider, one.client,
	                           args.noun.said[DOMAIN_SMARTHOST],
	                           &args.noun.said[DOMAIN_SMARTHOST], err)
	       && noun_set_run(session, &domain_noun, &args.noun, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &domain_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &domain_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &domain_noun, args, err);
}

/* The client says which provider; another provider's domain of that name is another domain. */
static bool share_parts(struct session *session, const struct noun_args *args,
                        struct noun_one *domain, struct noun_one *client, struct err *err)
{
	if (!noun_above(session, &client_noun, args->client, client, err))
		return false;
	const struct noun_query query = { .provider = client->provider, .name = args->name };
	return noun_find(session->db, &session->arena, &domain_noun, &query, domain, NULL, err);
}

static bool share_answer(struct session *session, const struct noun_one *domain, struct err *err)
{
	struct tree *facts;

	if (!noun_facts(session->db, &session->arena, domain, !session->options->json, &facts, err))
		return false;
	print_map(session, facts, show_columns);
	return true;
}

static bool share_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	struct noun_one domain, client;

	return share_parts(session, args, &domain, &client, err)
	       && domain_share(session->db, &session->arena, &domain, &client, args->why, err)
	       && share_answer(session, &domain, err);
}

static bool unshare_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	struct noun_one domain, client;

	return share_parts(session, args, &domain, &client, err)
	       && domain_unshare(session->db, &session->arena, &domain, &client, args->why, err)
	       && share_answer(session, &domain, err);
}

const struct command cmd_domain[] = {
	{ "domain list", N_("list sender domains"), ACCESS_READ, list_options,
	  sizeof(struct noun_args), list_run, "senderctl domain list --provider lms\n" },
	{ "domain show", N_("show one sender domain"), ACCESS_READ, one_options,
	  sizeof(struct noun_args), show_run, "senderctl domain show acme.example\n" },
	{ "domain set", N_("change a sender domain"), ACCESS_WRITE, set_options,
	  sizeof(struct domain_args), set_run,
	  "senderctl domain set acme.example --envelope-domain bounce.acme.example\n"
	  "senderctl domain set acme.example --dkim-publish cname\n" },
	{ "domain share", N_("let a second client of the provider use a domain"), ACCESS_WRITE,
	  share_options, sizeof(struct noun_args), share_run,
	  "senderctl domain share acme.example lms/birke\n" },
	{ "domain unshare", N_("take a share back"), ACCESS_WRITE, share_options,
	  sizeof(struct noun_args), unshare_run,
	  "senderctl domain unshare acme.example lms/birke\n" },
	{ "domain retire", N_("take a sender domain out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl domain retire acme.example\n" },
	COMMANDS_END,
};

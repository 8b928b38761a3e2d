#include "cli/commands.h"

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/provider.h"

#define POLICIES \
	SAID(PROVIDER_LANGUAGE, "--language", "de|en", N_("language of its sheets; de")), \
		SAID(PROVIDER_CONTACT, "--contact", "TEXT", N_("whom a customer's IT may ask")), \
		SAID(PROVIDER_DKIM_PUBLISH, "--dkim-publish", "txt|cname|ns", \
	             N_("how customers publish keys; txt")), \
		SAID(PROVIDER_ED25519, "--ed25519", "yes|no", \
	             N_("an Ed25519 key beside RSA; no")), \
		SAID(PROVIDER_PUBLISH_MARGIN, "--publish-margin", "TIME", \
	             N_("how long a key was seen everywhere before it signs; 1 hour")), \
		SAID(PROVIDER_PUBLISH_PROBES, "--publish-probes", "N", \
	             N_("and how often it was looked at; 3")), \
		SAID(PROVIDER_LINGER, "--linger", "TIME", \
	             N_("how long an old key stays published; 8 days")), \
		SAID(PROVIDER_ROTATE_EVERY, "--rotate-every", "TIME", \
	             N_("age that no key shall exceed; 180 days")), \
		SAID(PROVIDER_WARN_AFTER, "--warn-after", "TIME", \
	             N_("age at which a key is called too old; 365 days")), \
		SAID(PROVIDER_ADVANCE, "--advance", "command|monitor", \
	             N_("who takes steps of keys that are due: \"key advance\" alone, or " \
	                "\"monitor\" too; command")), \
		SAID(PROVIDER_ESCROW_POLICY, "--escrow-policy", "none|optional|required", \
	             N_("may a key be used before its escrow is complete")), \
		SAID(PROVIDER_DEGRADE_GRACE, "--degrade-grace", "TIME", \
	             N_("how long after a loss a sender is withheld; 4 hours")), \
		SAID(PROVIDER_KEEP_OBSERVATIONS, "--keep-observations", "TIME", \
	             N_("how long answers of DNS are kept; 90 days")), \
		SAID(PROVIDER_NAME_SERVERS, "--name-servers", "NAMES", \
	             N_("of the zones that we write: ns1.vendor.example,ns2.vendor.example; " \
	                "empty: fragments are written")), \
		SAID(PROVIDER_DMARC_REPORT, "--dmarc-report", "ADDRESS", \
	             N_("where customers' DMARC reports shall go; empty: nowhere")), \
		NOUN_WHY

static const struct option_row add_options[] = {
	NOUN_NAME("NAME", N_("short name: letters, digits, dashes")),
	SAID_NEEDED(PROVIDER_TITLE, "--title", "TEXT", N_("what it is called in sheets")),
	SAID_NEEDED(PROVIDER_HOSTING_DOMAIN, "--hosting-domain", "DOMAIN",
	            N_("hosted senders live below it: learning.vendor.example")),
	SAID_NEEDED(PROVIDER_DEFAULT_SENDER, "--default-sender", "ADDRESS",
	            N_("the sender of those who have none of their own")),
	SAID_NEEDED(PROVIDER_SPF_HOST, "--spf-host", "NAME",
	            N_("what customers include: _spf.learning.vendor.example")),
	POLICIES,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("PROVIDER", N_("its short name")),
	SAID(PROVIDER_TITLE, "--title", "TEXT", N_("what it is called in sheets")),
	SAID(PROVIDER_HOSTING_DOMAIN, "--hosting-domain", "DOMAIN",
	     N_("hosted senders live below it: learning.vendor.example")),
	SAID(PROVIDER_DEFAULT_SENDER, "--default-sender", "ADDRESS",
	     N_("the sender of those who have none of their own")),
	SAID(PROVIDER_SPF_HOST, "--spf-host", "NAME",
	     N_("what customers include: _spf.learning.vendor.example")),
	POLICIES,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("PROVIDER", N_("its short name")),
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("PROVIDER", N_("its short name")),
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "title", N_("title"), PRINT_LEFT },
	{ "hosting_domain", N_("hosting domain"), PRINT_LEFT },
	{ "clients", N_("clients"), PRINT_RIGHT },
	{ "senders", N_("senders"), PRINT_RIGHT },
	{ "relays", N_("relays"), PRINT_RIGHT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "title", N_("title"), PRINT_LEFT },
	{ "hosting_domain", N_("hosting domain"), PRINT_LEFT },
	{ "default_sender", N_("default sender"), PRINT_LEFT },
	{ "spf_host", N_("SPF host"), PRINT_LEFT },
	{ "language", N_("language"), PRINT_LEFT },
	{ "contact", N_("contact"), PRINT_LEFT },
	{ "dkim_publish", N_("keys published as"), PRINT_LEFT },
	{ "ed25519", N_("Ed25519 too"), PRINT_LEFT },
	{ "publish_margin", N_("publish margin"), PRINT_LEFT },
	{ "publish_probes", N_("publish probes"), PRINT_LEFT },
	{ "linger", N_("linger"), PRINT_LEFT },
	{ "rotate_every", N_("rotate every"), PRINT_LEFT },
	{ "warn_after", N_("warn after"), PRINT_LEFT },
	{ "advance", N_("keys advanced by"), PRINT_LEFT },
	{ "name_servers", N_("name servers"), PRINT_LEFT },
	{ "escrow_policy", N_("escrow"), PRINT_LEFT },
	{ "dmarc_report", N_("DMARC reports"), PRINT_LEFT },
	{ "degrade_grace", N_("grace after a loss"), PRINT_LEFT },
	{ "keep_observations", N_("observations kept"), PRINT_LEFT },
	{ "clients", N_("clients"), PRINT_LEFT },
	{ "senders", N_("senders"), PRINT_LEFT },
	{ "relays", N_("relays"), PRINT_LEFT },
	{ "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static bool add_run(struct session *session, const void *given, struct err *err)
{
	const struct noun_args *args = given;
	struct noun_one one;

	return provider_add(session->db, &session->arena, args->name, args->said, args->why, &one,
	                    err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *args, struct err *err)
{
	return noun_set_run(session, &provider_noun, args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &provider_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &provider_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &provider_noun, args, err);
}

const struct command cmd_provider[] = {
	{ "provider add", N_("register a provider: a vendor or one of its products"), ACCESS_WRITE,
	  add_options, sizeof(struct noun_args), add_run,
	  "senderctl provider add lms --title \"Vendor Learning\" \\\n"
	  "    --hosting-domain learning.vendor.example \\\n"
	  "    --default-sender noreply@learning.vendor.example \\\n"
	  "    --spf-host _spf.learning.vendor.example\n" },
	{ "provider set", N_("change a provider or its policies"), ACCESS_WRITE, set_options,
	  sizeof(struct noun_args), set_run,
	  "senderctl provider set lms --dkim-publish cname --ed25519 yes\n"
	  "senderctl provider set lms --publish-margin \"2 hours\" --linger \"10 days\"\n" },
	{ "provider show", N_("show one provider"), ACCESS_READ, one_options,
	  sizeof(struct noun_args), show_run, "senderctl provider show lms\n" },
	{ "provider list", N_("list providers"), ACCESS_READ, list_options,
	  sizeof(struct noun_args), list_run, "senderctl provider list\n" },
	{ "provider retire", N_("take a provider out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl provider retire lms\n" },
	COMMANDS_END,
};

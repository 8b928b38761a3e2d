#include "cli/commands.h"

#include <string.h>

#include "cli/noun_verbs.h"
#include "core/base/words.h"
#include "core/model/provider.h"
#include "core/model/relay.h"

#define FACTS \
	LIST(struct noun_args, items, "--address", "IP", \
	     N_("an address it sends from; repeatable; all of them")), \
		SAID(RELAY_MTA, "--mta", "postfix|exim", N_("its mail software; postfix")), \
		SAID(RELAY_SIGNER, "--signer", "opendkim|rspamd|exim|none", \
	             N_("what signs; opendkim")), \
		NOUN_WHY

static const struct option_row add_options[] = {
	NOUN_NAME("RELAY", N_("short name, or provider and short name: lms/mx1")),
	NOUN_PROVIDER,
	SAID_NEEDED(RELAY_HELO, "--helo", "HOST", N_("the name it greets with")),
	FACTS,
	OPTIONS_END,
};

static const struct option_row set_options[] = {
	NOUN_NAME("RELAY", N_("lms/mx1, or mx1 if only one provider has it")),
	NOUN_PROVIDER,
	SAID(RELAY_HELO, "--helo", "HOST", N_("the name it greets with")),
	FACTS,
	NOUN_REACTIVATE,
	OPTIONS_END,
};

static const struct option_row one_options[] = {
	NOUN_NAME("RELAY", N_("lms/mx1, or mx1 if only one provider has it")),
	NOUN_PROVIDER,
	OPTIONS_END,
};

static const struct option_row list_options[] = {
	NOUN_PROVIDER,
	NOUN_RETIRED,
	OPTIONS_END,
};

static const struct option_row retire_options[] = {
	NOUN_NAME("RELAY", N_("lms/mx1, or mx1 if only one provider has it")),
	NOUN_PROVIDER,
	NOUN_WHY,
	OPTIONS_END,
};

static const struct print_column list_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "relay", N_("relay"), PRINT_LEFT },
	{ "helo", N_("HELO name"), PRINT_LEFT },
	{ "addresses", N_("addresses"), PRINT_LEFT },
	{ "mta", N_("mail software"), PRINT_LEFT },
	{ "signer", N_("signer"), PRINT_LEFT },
	{ "running", N_("generation"), PRINT_RIGHT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static const struct print_column show_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT },
	{ "relay", N_("relay"), PRINT_LEFT },
	{ "helo", N_("HELO name"), PRINT_LEFT },
	{ "addresses", N_("addresses"), PRINT_LEFT },
	{ "mta", N_("mail software"), PRINT_LEFT },
	{ "signer", N_("signer"), PRINT_LEFT },
	{ "fingerprint", N_("fingerprint"), PRINT_LEFT },
	{ "generation", N_("last generation"), PRINT_LEFT },
	{ "running", N_("it runs generation"), PRINT_LEFT },
	{ "created_at", N_("since"), PRINT_LEFT },
	{ "retired_at", N_("retired"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

/* "lms/mx1", or "mx1 --provider lms". */
static bool parts(struct session *session, const struct noun_args *args, const char **provider,
                  const char **name, struct err *err)
{
	const char *slash = strchr(args->name, '/');

	*provider = args->provider;
	*name = slash != NULL ? slash + 1 : args->name;
	if (slash != NULL)
		*provider = arena_copy_part(&session->arena, args->name,
		                            (size_t)(slash - args->name));
	if (*provider == NULL) {
		(void)err_set(err, ERR_USAGE, _("\"%s\" does not say of which provider"),
		              args->name);
		return err_hint(err, _("add --provider, or write provider/relay: lms/%s"),
		                args->name);
	}
	if (args->provider != NULL && strcmp(*provider, args->provider) != 0)
		return err_set(err, ERR_USAGE, _("\"%s\" is not of provider \"%s\""), args->name,
		               args->provider);
	return true;
}

/* The list of addresses becomes one of the things said. */
static bool with_addresses(struct session *session, const void *given, struct noun_args *args,
                           struct err *err)
{
	*args = *(const struct noun_args *)given;
	return args->items.count == 0
	       || relay_addresses(&session->arena, args->items.items, args->items.count,
	                          &args->said[RELAY_ADDRESSES], err);
}

static bool add_run(struct session *session, const void *given, struct err *err)
{
	struct noun_args args;
	struct noun_one provider, one;
	const char *of, *name;

	if (!with_addresses(session, given, &args, err) || !parts(session, &args, &of, &name, err))
		return false;
	if (args.items.count == 0) {
		(void)err_set(err, ERR_USAGE, _("%s is missing"), "--address");
		return err_hint(err,
		                _("SPF is about the addresses a relay sends from; name them all"));
	}
	return noun_above(session, &provider_noun, of, &provider, err)
	       && noun_add(session->db, &session->arena, &relay_noun, &provider, name, args.said,
	                   args.why, &one, err)
	       && noun_added(session, &one, err);
}

static bool set_run(struct session *session, const void *given, struct err *err)
{
	struct noun_args args;

	return with_addresses(session, given, &args, err)
	       && noun_set_run(session, &relay_noun, &args, err);
}

static bool show_run(struct session *session, const void *args, struct err *err)
{
	return noun_show_run(session, &relay_noun, args, show_columns, err);
}

static bool list_run(struct session *session, const void *args, struct err *err)
{
	return noun_list_run(session, &relay_noun, args, list_columns, err);
}

static bool retire_run(struct session *session, const void *args, struct err *err)
{
	return noun_retire_run(session, &relay_noun, args, err);
}

const struct command cmd_relay[] = {
	{ "relay add", N_("register a mail server of a provider"), ACCESS_WRITE, add_options,
	  sizeof(struct noun_args), add_run,
	  "senderctl relay add mx1 --provider lms --helo mx1.learning.vendor.example \\\n"
	  "    --address 192.0.2.25 --address 2001:db8:25::1\n" },
	{ "relay set", N_("change a relay"), ACCESS_WRITE, set_options, sizeof(struct noun_args),
	  set_run, "senderctl relay set lms/mx1 --address 192.0.2.26\n" },
	{ "relay show", N_("show one relay"), ACCESS_READ, one_options, sizeof(struct noun_args),
	  show_run, "senderctl relay show lms/mx1\n" },
	{ "relay list", N_("list relays"), ACCESS_READ, list_options, sizeof(struct noun_args),
	  list_run, "senderctl relay list --provider lms\n" },
	{ "relay retire", N_("take a relay out of use"), ACCESS_WRITE, retire_options,
	  sizeof(struct noun_args), retire_run, "senderctl relay retire lms/mx1\n" },
	COMMANDS_END,
};

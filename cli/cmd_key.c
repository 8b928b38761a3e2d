#include "cli/commands.h"

#include <string.h>

#include "cli/key_named.h"
#include "cli/print.h"
#include "core/base/words.h"
#include "core/lifecycle/rotation.h"
#include "core/lifecycle/succession.h"
#include "core/model/dkim_key.h"
#include "core/model/key_wanted.h"
#include "core/model/scope.h"
#include "core/record/name.h"
#include "keys/client.h"

/* ---- generate ---- */

struct generate_args {
	const char *scope;
	bool all;
	const char *algorithm;
	long bits;
	bool standby;
	long ahead;
};

static const struct option_row generate_options[] = {
	PLACE_MAYBE(struct generate_args, scope, "DOMAIN|CLIENT",
	            N_("who lacks a key: acme.example, or lms/acme")),
	FLAG(struct generate_args, all, "--all", N_("every domain that lacks one")),
	ALLOWED(struct generate_args, algorithm, "--algorithm", "rsa|ed25519",
	        N_("only this one; without it RSA, and Ed25519 beside it where the provider orders "
	           "it")),
	NUMBER(struct generate_args, bits, "--bits", "N", N_("of an RSA key: 2048, 3072 or 4096")),
	FLAG(struct generate_args, standby, "--standby",
	     N_("a second key for one domain, published now, for the day of need")),
	NUMBER(struct generate_args, ahead, "--ahead", "N",
	       N_("so many of them, for the next rotations: its customer touches DNS once")),
	OPTIONS_END,
};

enum { MOST_AHEAD = 24 };

struct wish_list {
	struct key_wanted *items;
	size_t count;
};

static bool add_wanted(struct session *session, const struct scope *scope, const char *algorithm,
                       bool ordered, struct wish_list *wishes, struct err *err)
{
	struct key_wanted *more = NULL;
	size_t count = 0;

	if (!key_wanted_list(session->db, &session->arena, scope, algorithm, ordered, &more, &count,
	                     err))
		return false;
	struct key_wanted *items = arena_take(&session->arena,
	                                      (wishes->count + count + 1) * sizeof *items);
	if (wishes->count > 0)
		memcpy(items, wishes->items, wishes->count * sizeof *items);
	if (count > 0)
		memcpy(items + wishes->count, more, count * sizeof *items);
	wishes->items = items;
	wishes->count += count;
	return true;
}

/* As many as lie ahead already count: said twice, it is done once. */
static bool keys_ahead(struct session *session, const struct generate_args *args,
                       const struct scope *scope, struct wish_list *wishes, struct err *err)
{
	bool ed25519 = args->algorithm != NULL && strcmp(args->algorithm, "ed25519") == 0;
	const char *algorithm = ed25519 ? "ed25519-sha256" : "rsa-sha256";
	size_t wanted = args->ahead > 0 ? (size_t)args->ahead : 1, count = 0;
	struct dkim_key *keys = NULL;

	if (scope == NULL || scope->domain_id == 0)
		return err_set(err, ERR_USAGE, _("--standby and --ahead are for one domain"));
	if (wanted > MOST_AHEAD)
		return err_set(err, ERR_USAGE, _("at most %d keys may be ahead"), MOST_AHEAD);
	const struct dkim_key_filter filter = { .provider_id = scope->provider_id,
		                                .domain = scope->domain,
		                                .living = true };
	if (!dkim_key_list(session->db, &session->arena, &filter, &keys, &count, err))
		return false;
	size_t ahead = succession_find(keys, count, algorithm).ahead;
	wishes->items = arena_take(&session->arena, wanted * sizeof *wishes->items);
	for (; ahead + wishes->count < wanted; wishes->count++)
		wishes->items[wishes->count] = (struct key_wanted){
			.provider_id = scope->provider_id,
			.domain_id = scope->domain_id,
			.domain = scope->domain,
			.client = arena_print(&session->arena, "%s/%s", scope->provider,
			                      scope->client),
			.algorithm = algorithm,
		};
	return true;
}

static bool find_wishes(struct session *session, const struct generate_args *args,
                        struct wish_list *wishes, struct err *err)
{
	struct scope found;
	const struct scope *scope = NULL;
	const char *only = args->algorithm;

	if ((args->scope == NULL) == !args->all) {
		(void)err_set(err, ERR_USAGE, _("name a domain or a client, or say --all"));
		return err_hint(err, _("for instance: senderctl key generate lms/acme"));
	}
	if (args->scope != NULL) {
		if (!scope_find(session->db, &session->arena, args->scope, &found, err))
			return false;
		scope = &found;
	}
	if (args->standby || args->ahead > 0)
		return keys_ahead(session, args, scope, wishes, err);
	if (only == NULL || strcmp(only, "rsa") == 0) {
		if (!add_wanted(session, scope, "rsa-sha256", false, wishes, err))
			return false;
	}
	if (only == NULL || strcmp(only, "ed25519") == 0)
		return add_wanted(session, scope, "ed25519-sha256", only == NULL, wishes, err);
	return true;
}

struct generating {
	struct session *session;
	const struct wish_list *wishes;
	struct tree *list;
	size_t failed;
};

static bool hear_key(size_t index, const struct keys_made *made, const struct err *failed,
                     void *context, struct err *err)
{
	struct generating *generating = context;
	struct session *session = generating->session;
	const struct key_wanted *wanted = &generating->wishes->items[index];
	struct tree *row = tree_map();

	UNUSED(err);
	tree_put_text(row, "domain", wanted->domain);
	tree_put_text(row, "client", wanted->client);
	tree_put_text(row, "algorithm", wanted->algorithm);
	tree_put_text(row, "selector", made != NULL ? made->selector : NULL);
	if (made == NULL) {
		generating->failed++;
		tree_put_text(row, "error", failed->text);
		print_line(session, "%s%s%s: %s", print_red(session),
		           name_show(&session->arena, wanted->domain), print_plain(session),
		           failed->text);
	} else {
		print_line(session, _("%s: key %s (%s)"),
		           name_show(&session->arena, wanted->domain), made->selector,
		           wanted->algorithm);
	}
	tree_push(generating->list, row);
	print_flush(session);
	return true;
}

static bool order_keys(struct session *session, const struct generate_args *args,
                       const struct wish_list *wishes, struct generating *generating,
                       struct err *err)
{
	struct keys_client *keys = NULL;
	struct keys_wish *orders = arena_take(&session->arena,
	                                      (wishes->count + 1) * sizeof *orders);

	for (size_t i = 0; i < wishes->count; i++)
		orders[i] = (struct keys_wish){
			.request = uuid_make(),
			.provider_id = wishes->items[i].provider_id,
			.domain_id = wishes->items[i].domain_id,
			.algorithm = wishes->items[i].algorithm,
			.bits = (int)args->bits,
			.standby = args->standby || args->ahead > 0,
		};
	return session_keys(session, &keys, err)
	       && keys_generate_all(keys, orders, wishes->count, hear_key, generating, err);
}

static void would_generate(struct session *session, const struct wish_list *wishes,
                           struct tree *list)
{
	for (size_t i = 0; i < wishes->count; i++) {
		struct tree *row = tree_map();
		tree_put_text(row, "domain", wishes->items[i].domain);
		tree_put_text(row, "client", wishes->items[i].client);
		tree_put_text(row, "algorithm", wishes->items[i].algorithm);
		tree_put_text(row, "selector", NULL);
		tree_push(list, row);
		print_line(session, _("%s: would get a key (%s)"),
		           name_show(&session->arena, wishes->items[i].domain),
		           wishes->items[i].algorithm);
	}
}

static bool generate_run(struct session *session, const void *given, struct err *err)
{
	const struct generate_args *args = given;
	struct wish_list wishes = { 0 };
	struct generating generating = { session, &wishes, tree_list(), 0 };

	bool ok = db_begin(session->db, DB_READ, err) && find_wishes(session, args, &wishes, err);
	db_rollback(session->db);
	if (ok && wishes.count == 0)
		print_line(session, _("nobody lacks a key; nothing was changed"));
	else if (ok && session->options->dry_run)
		would_generate(session, &wishes, generating.list);
	else if (ok)
		ok = order_keys(session, args, &wishes, &generating, err);
	session->status = generating.failed > 0;
	if (ok)
		print_json(session, generating.list);
	else
		tree_drop(generating.list);
	return ok;
}

/* ---- list and show ---- */

struct list_args {
	const char *scope;
	bool living;
};

static const struct option_row list_options[] = {
	PLACE_MAYBE(struct list_args, scope, "DOMAIN|CLIENT", N_("whose keys; without it all")),
	FLAG(struct list_args, living, "--living", N_("without those whose life is over")),
	OPTIONS_END,
};

/* {"state", "not_before", "waits_for": [words], "reasons": [sentences]}; null at the end of a life. */
static struct tree *next_tree(const struct rotation_advice *advice)
{
	if (advice->event == KEY_EVENTS)
		return tree_text(NULL);
	struct tree *next = tree_map();
	struct tree *words = tree_list();
	struct tree *sentences = tree_list();
	tree_put_text(next, "state", key_state_word(advice->next));
	tree_put_text(next, "not_before", advice->not_before);
	for (size_t i = 0; i < advice->reason_count; i++) {
		tree_push_text(words, advice->reasons[i].word);
		tree_push_text(sentences, advice->reasons[i].sentence);
	}
	tree_put(next, "waits_for", words);
	tree_put(next, "reasons", sentences);
	return next;
}

static struct tree *key_tree(struct session *session, const struct dkim_key *key,
                             const struct rotation_advice *advice)
{
	struct tree *row = tree_map();

	tree_put_text(row, "domain", key->domain);
	tree_put_text(row, "selector", key->selector);
	tree_put_text(row, "algorithm", key->algorithm);
	tree_put_text(row, "state", key_state_word(key->state));
	tree_put_text(row, "since", key->since);
	tree_put(row, "next", next_tree(advice));
	tree_put_text(row, "client",
	              arena_print(&session->arena, "%s/%s", key->provider, key->client));
	tree_put_number(row, "bits", key->bits);
	tree_put_bool(row, "standby", key->standby);
	tree_put_text(row, "waits",
	              advice->reason_count > 0      ? advice->reasons[0].sentence
	              : advice->event == KEY_EVENTS ? ""
	                                            : _("senderctl key advance"));
	return row;
}

struct listing {
	struct session *session;
	struct tree *list;
};

static bool list_key(const struct dkim_key *key, void *context, struct err *err)
{
	struct listing *listing = context;
	struct rotation_advice advice;

	if (!rotation_advise(listing->session->db, &listing->session->arena, key, &advice, err))
		return false;
	tree_push(listing->list, key_tree(listing->session, key, &advice));
	return true;
}

static bool list_run(struct session *session, const void *given, struct err *err)
{
	static const struct print_column columns[] = { { "domain", N_("domain"), PRINT_NAME },
		                                       { "selector", N_("selector"), PRINT_LEFT },
		                                       { "algorithm", N_("algorithm"), PRINT_LEFT },
		                                       { "state", N_("state"), PRINT_LEFT },
		                                       { "since", N_("since"), PRINT_LEFT },
		                                       { "next.state", N_("next"), PRINT_LEFT },
		                                       { "waits", N_("waits for"), PRINT_WRAP },
		                                       PRINT_COLUMNS_END };
	const struct list_args *args = given;
	struct dkim_key_filter filter = { .living = args->living };
	struct listing listing = { session, tree_list() };

	if (!key_named_filter(session, args->scope, &filter, err)
	    || !dkim_key_each(session->db, &session->arena, &filter, list_key, &listing, err)) {
		tree_drop(listing.list);
		return false;
	}
	print_list(session, listing.list, columns);
	return true;
}

struct show_args {
	const char *domain;
	const char *selector;
};

static const struct option_row show_options[] = {
	PLACE(struct show_args, domain, "DOMAIN", N_("whose key")),
	PLACE(struct show_args, selector, "SELECTOR", N_("which one: \"key list\" shows them")),
	OPTIONS_END,
};

static bool show_run(struct session *session, const void *given, struct err *err)
{
	static const struct print_column columns[] = {
		{ "client", N_("client"), PRINT_LEFT },
		{ "domain", N_("domain"), PRINT_NAME },
		{ "selector", N_("selector"), PRINT_LEFT },
		{ "algorithm", N_("algorithm"), PRINT_LEFT },
		{ "bits", N_("bits"), PRINT_LEFT },
		{ "publish", N_("published as"), PRINT_LEFT },
		{ "state", N_("state"), PRINT_LEFT },
		{ "generated_at", N_("made"), PRINT_LEFT },
		{ "publish_pending_at", N_("handed over"), PRINT_LEFT },
		{ "seen_since", N_("seen since"), PRINT_LEFT },
		{ "probes", N_("times seen"), PRINT_LEFT },
		{ "usable_at", N_("may sign from"), PRINT_LEFT },
		{ "active_at", N_("signs since"), PRINT_LEFT },
		{ "retiring_at", N_("relieved"), PRINT_LEFT },
		{ "last_signed_at", N_("signed last"), PRINT_LEFT },
		{ "retired_at", N_("retired"), PRINT_LEFT },
		{ "waits", N_("waits for"), PRINT_LEFT },
		PRINT_COLUMNS_END,
	};
	const struct show_args *args = given;
	struct dkim_key key;
	struct rotation_advice advice;

	if (!key_named_find(session, args->domain, args->selector, &key, err)
	    || !rotation_advise(session->db, &session->arena, &key, &advice, err))
		return false;
	struct tree *row = key_tree(session, &key, &advice);
	tree_put_text(row, "uuid", key.uuid);
	tree_put_text(row, "publish", key.publish);
	tree_put_text(row, "generated_at", key.generated_at);
	tree_put_text(row, "publish_pending_at", key.publish_pending_at);
	tree_put_text(row, "seen_since", key.seen_since);
	tree_put_number(row, "probes", key.probes);
	tree_put_text(row, "usable_at", key.usable_at);
	tree_put_text(row, "active_at", key.active_at);
	tree_put_text(row, "retiring_at", key.retiring_at);
	tree_put_text(row, "last_signed_at", key.last_signed_at);
	tree_put_text(row, "retired_at", key.retired_at);
	print_map(session, row, columns);
	return true;
}

const struct command cmd_key[] = {
	{ "key generate", N_("make signing keys for domains that lack one"), ACCESS_OPEN,
	  generate_options, sizeof(struct generate_args), generate_run,
	  "senderctl key generate acme.example\n"
	  "senderctl key generate acme.example --ahead 4\n"
	  "senderctl key generate --all\n" },
	{ "key list", N_("signing keys, their states, and what each waits for"), ACCESS_READ,
	  list_options, sizeof(struct list_args), list_run, "senderctl key list lms/acme\n" },
	{ "key show", N_("one key and the moments of its life"), ACCESS_READ, show_options,
	  sizeof(struct show_args), show_run, "senderctl key show acme.example s202611a\n" },
	COMMANDS_END,
};

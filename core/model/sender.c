#include "core/model/sender.h"

#include <string.h>

#include "core/base/words.h"
#include "core/model/domain.h"
#include "core/model/login.h"
#include "core/model/site.h"
#include "core/model/smarthost.h"
#include "core/record/address.h"

static const struct field fields[] = {
	{ "display_name", FIELD_TEXT, field_label, true, NULL },
	{ "reply_to", FIELD_ADDRESS, field_address, true, NULL },
	{ "site", FIELD_TEXT, field_ready, true, NULL },
	{ "logins", FIELD_LIST, field_ready, false, NULL },
	{ "mode", FIELD_TEXT, NULL, false, NULL },
	{ "domain", FIELD_NAME, NULL, false, NULL },
	{ "waived", FIELD_LIST, NULL, false, NULL },
	FIELDS_END,
};

const struct noun sender_noun = {
	.word = "sender",
	.unknown = N_("there is no such sender"),
	.fields = fields,
	.name = { "name", FIELD_ADDRESS, field_address, false, NULL },
	.free = true,
	.list = STMT_SENDER_LIST,
	.add = STMT_SENDER_ADD,
	.change = STMT_SENDER_CHANGE,
	.retire = STMT_SENDER_RETIRE,
};

/* ---- what belongs to it --------------------------------------------------------------- */

bool sender_site(struct db *db, struct arena *arena, const struct noun_one *client,
                 const char *site, const char **said, struct err *err)
{
	const struct noun_query query = { .provider = client->provider,
		                          .client = client->client,
		                          .name = site };
	struct noun_one one;

	*said = site;
	if (site == NULL || site[0] == '\0')
		return true;
	if (!noun_find(db, arena, &site_noun, &query, &one, NULL, err) || !noun_in_use(&one, err))
		return false;
	*said = db_number(arena, one.id);
	return true;
}

bool sender_logins(struct db *db, struct arena *arena, const struct noun_one *client,
                   const char *const names[], size_t count, const char **said, struct err *err)
{
	const char **ids = arena_take(arena, (count + 1) * sizeof *ids);

	*said = NULL;
	if (count == 0)
		return true;
	if (count == 1 && names[0][0] == '\0')
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct noun_query query = { .provider = client->provider, .name = names[i] };
		struct noun_one login;
		if (!noun_find(db, arena, &login_noun, &query, &login, NULL, err)
		    || !noun_in_use(&login, err))
			return false;
		if (login.client_id != client->client_id) {
			(void)err_set(err, ERR_CONFLICT, _("login %s belongs to %s/%s"), login.name,
			              login.provider, login.client);
			return err_hint(err,
			                _("a sender is used by logins of its own client alone"));
		}
		ids[i] = db_number(arena, login.id);
	}
	*said = db_list(arena, ids, count);
	return true;
}

/* ---- its domain --------------------------------------------------------------------------- */

struct place {
	const char *default_sender;
	bool is_public;
	const char *sender_client; /* whose sender it is already; NULL: nobody's */
	long long domain_id;       /* 0: not known yet */
	const char *mode;
	const char *owner;
	bool domain_retired;
	bool allowed;      /* the client may have senders in it */
	long long site_id; /* the client's site of that host; 0: none */
};

static bool place_load(struct db *db, struct arena *arena, const struct noun_one *client,
                       const struct address *address, struct place *place, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_SENDER_PLACE,
	            DB_PARAMS(db_number(arena, client->provider_id), db_number(arena, client->id),
	                      address->text, address->domain),
	            &row, err))
		return false;
	*place = (struct place){
		.default_sender = arena_copy(arena, row_text(row, "default_sender")),
		.is_public = row_bool(row, "is_public"),
		.sender_client = arena_copy(arena, row_text(row, "sender_client")),
		.domain_id = row_number(row, "domain_id"),
		.mode = arena_copy(arena, row_text(row, "mode")),
		.owner = arena_copy(arena, row_text(row, "owner")),
		.domain_retired = row_bool(row, "domain_retired"),
		.allowed = row_bool(row, "allowed"),
		.site_id = row_number(row, "site_id"),
	};
	return true;
}

/* A domain that is there already: is it ours, and does the mode agree? */
static bool domain_agrees(const struct noun_one *client, const struct address *address,
                          const struct place *place, const char *mode, struct err *err)
{
	if (!place->allowed) {
		(void)err_set(err, ERR_CONFLICT, _("%s belongs to %s"), address->domain,
		              place->owner);
		return err_hint(err,
		                _("\"senderctl domain share %s %s\" lets a second client use it"),
		                address->domain, client->subject);
	}
	if (place->domain_retired) {
		(void)err_set(err, ERR_REFUSED, _("%s is retired"), address->domain);
		return err_hint(err, _("\"senderctl domain set %s --reactivate\" brings it back"),
		                address->domain);
	}
	if (mode != NULL && strcmp(mode, place->mode) != 0) {
		(void)err_set(err, ERR_CONFLICT,
		              _("%s is %s, and all senders of a domain share one "
		                "mode"),
		              address->domain, place->mode);
		return err_hint(err,
		                _("leave --mode out, or change them all: senderctl domain set %s "
		                  "--mode %s"),
		                address->domain, mode);
	}
	return true;
}

/* A domain that is new: can this mode work there? */
static bool domain_possible(const struct noun_one *client, const struct address *address,
                            const struct place *place, const char *mode, struct err *err)
{
	if (mode == NULL) {
		(void)err_set(err, ERR_USAGE, _("%s is new: its mode must be said"),
		              address->domain);
		return err_hint(err, _("--mode hosted|relayed|direct|on-premises"));
	}
	if (place->is_public && strcmp(mode, "relayed") == 0) {
		(void)err_set(err, ERR_REFUSED,
		              _("%s is a public mailbox service: nobody can publish "
		                "our relays in its SPF"),
		              address->domain);
		return err_hint(err,
		                _("let %s send with the provider's default sender %s and "
		                  "Reply-To: %s: senderctl client set %s --reply-to %s"),
		                client->subject, place->default_sender, address->text,
		                client->subject, address->text);
	}
	return true;
}

static bool hosted_possible(const struct noun_one *client, const struct address *address,
                            const struct place *place, struct err *err)
{
	if (place->site_id != 0)
		return true;
	(void)err_set(err, ERR_REFUSED,
	              _("%s is not the host of one of %s's URLs, as a hosted "
	                "sender's domain must be"),
	              address->domain, client->subject);
	return err_hint(err, _("senderctl site add %s https://%s/"), client->subject,
	                address->domain);
}

/* In mode direct: the server that was named, else the client's only one. */
static bool smarthost_choose(struct db *db, struct arena *arena, const struct noun_one *client,
                             const char *host, const char **said, struct err *err)
{
	const struct noun_query query = { .provider = client->provider, .client = client->client };
	struct tree *list;

	*said = NULL;
	if (host == NULL) {
		if (!noun_list(db, arena, &smarthost_noun, &query, &list, err))
			return false;
		if (tree_count(list) == 1)
			host = arena_copy(arena, tree_find_text(tree_at(list, 0), "smarthost"));
		tree_drop(list);
	}
	return domain_smarthost(db, arena, client->provider, client->client, host, said, err);
}

static bool domain_make(struct db *db, struct arena *arena, const struct noun_one *client,
                        const struct address *address, const struct sender_wish *wish,
                        struct err *err)
{
	const char *said[DOMAIN_FIELDS] = { [DOMAIN_MODE] = wish->mode };
	struct noun_one domain;

	if (strcmp(wish->mode, "direct") == 0 || wish->smarthost != NULL)
		if (!smarthost_choose(db, arena, client, wish->smarthost, &said[DOMAIN_SMARTHOST],
		                      err))
			return false;
	return noun_add(db, arena, &domain_noun, client, address->domain, said, wish->why, &domain,
	                err);
}

/* One smarthost per domain: a second one would make "@domain" rows wrong. */
static bool smarthost_agrees(struct db *db, struct arena *arena, const struct noun_one *client,
                             const struct address *address, const struct sender_wish *wish,
                             struct err *err)
{
	const struct noun_query by_host = { .provider = client->provider,
		                            .client = client->client,
		                            .name = wish->smarthost };
	const struct noun_query by_name = { .provider = client->provider, .name = address->domain };
	struct noun_one smarthost, domain;
	struct tree *facts;

	if (wish->smarthost == NULL)
		return true;
	if (!noun_find(db, arena, &smarthost_noun, &by_host, &smarthost, NULL, err)
	    || !noun_find(db, arena, &domain_noun, &by_name, &domain, &facts, err))
		return false;
	const char *has = tree_find_text(facts, "smarthost");
	bool ok = has != NULL && strcmp(has, smarthost.name) == 0;
	if (!ok) {
		(void)err_set(err, ERR_CONFLICT,
		              _("%s leaves through %s, and all senders of a domain "
		                "share one smarthost"),
		              address->domain, has != NULL ? has : _("no smarthost"));
		(void)err_hint(err, _("senderctl domain set %s --smarthost %s"), address->domain,
		               smarthost.name);
	}
	tree_drop(facts);
	return ok;
}

bool sender_add(struct db *db, struct arena *arena, const struct noun_one *client,
                const struct sender_wish *wish, struct noun_one *one, struct err *err)
{
	const char *said[SENDER_FIELDS];
	struct address address;
	struct place place;

	if (!noun_in_use(client, err))
		return false;
	if (!address_parse(arena, wish->address, &address, err))
		return err_within(err, "\"%.80s\"", wish->address);
	if (!place_load(db, arena, client, &address, &place, err))
		return false;
	if (place.sender_client != NULL) {
		(void)err_set(err, ERR_CONFLICT, _("%s is a sender of %s already"), address.text,
		              place.sender_client);
		return err_hint(err, _("\"senderctl sender set\" changes it"));
	}
	bool is_new = place.domain_id == 0;
	const char *mode = is_new ? wish->mode : place.mode;
	if (!(is_new ? domain_possible : domain_agrees)(client, &address, &place, wish->mode, err))
		return false;
	bool hosted = strcmp(mode, "hosted") == 0;
	if (hosted && !hosted_possible(client, &address, &place, err))
		return false;
	if (!(is_new ? domain_make : smarthost_agrees)(db, arena, client, &address, wish, err))
		return false;
	memcpy(said, wish->said, sizeof said);
	if (hosted && said[SENDER_SITE] == NULL)
		said[SENDER_SITE] = db_number(arena, place.site_id);
	if (hosted && strcmp(said[SENDER_SITE], db_number(arena, place.site_id)) != 0)
		return err_set(err, ERR_REFUSED,
		               _("a hosted sender's site has the host of its "
		                 "address, %s"),
		               address.domain);
	return noun_add(db, arena, &sender_noun, client, address.text, said, wish->why, one, err);
}

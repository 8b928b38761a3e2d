#include "core/model/facts.h"

#include <string.h>

/* Rows of keys, senders and waivers arrive in the order of the domains' ids:
 * one walk along the domains finds each one's place. */
struct loading {
	struct arena *arena;
	struct facts *facts;
	struct facts_list *list;
	size_t room; /* of what is growing just now */
	size_t at;   /* the domain the last row belonged to */
};

static void *grown(struct loading *loading, void *items, size_t count, size_t size)
{
	if (count < loading->room)
		return items;
	size_t room = count > 0 ? 2 * count : 4;
	void *more = arena_take(loading->arena, room * size);
	if (count > 0)
		memcpy(more, items, count * size);
	loading->room = room;
	return more;
}

static const char *copied(struct loading *loading, const struct row *row, const char *column)
{
	return arena_copy(loading->arena, row_text(row, column));
}

/* The domain a row belongs to; NULL when it vanished from the list. */
static struct facts_domain *domain_of(struct loading *loading, const struct row *row)
{
	struct facts *facts = loading->facts;
	long long id = row_number(row, "domain_id");
	size_t before = loading->at;

	while (loading->at < facts->domain_count && facts->domains[loading->at].id < id)
		loading->at++;
	if (loading->at != before)
		loading->room = 0;
	if (loading->at == facts->domain_count || facts->domains[loading->at].id != id)
		return NULL;
	return &facts->domains[loading->at];
}

static bool take_relay(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts *facts = loading->facts;

	UNUSED(err);
	facts->relays = grown(loading, facts->relays, facts->relay_count, sizeof *facts->relays);
	facts->relays[facts->relay_count++] = (struct facts_relay){
		.name = copied(loading, row, "name"),
		.helo = copied(loading, row, "helo"),
		.addresses = row_list(row, "addresses", loading->arena),
	};
	return true;
}

static bool take_domain(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts *facts = loading->facts;

	UNUSED(err);
	facts->domains = grown(loading, facts->domains, facts->domain_count,
	                       sizeof *facts->domains);
	facts->domains[facts->domain_count++] = (struct facts_domain){
		.id = row_number(row, "id"),
		.name = copied(loading, row, "name"),
		.client_id = row_number(row, "client_id"),
		.client = copied(loading, row, "client"),
		.mode = copied(loading, row, "mode"),
		.envelope_domain = copied(loading, row, "envelope_domain"),
		.dkim = row_bool(row, "dkim"),
		.publish = copied(loading, row, "publish"),
		.slots = row_list(row, "slots", loading->arena),
		.pointed = row_list(row, "pointed", loading->arena),
		.smarthost_id = row_number(row, "smarthost_id"),
		.smarthost = copied(loading, row, "host"),
		.smarthost_port = (int)row_number(row, "port"),
		.smarthost_tls = copied(loading, row, "tls"),
		.smarthost_user = copied(loading, row, "auth_user"),
	};
	return true;
}

static bool take_key(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts_domain *domain = domain_of(loading, row);

	UNUSED(err);
	if (domain == NULL)
		return true;
	domain->keys = grown(loading, domain->keys, domain->key_count, sizeof *domain->keys);
	struct facts_key *key = &domain->keys[domain->key_count++];
	*key = (struct facts_key){
		.id = row_number(row, "id"),
		.selector = copied(loading, row, "selector"),
		.algorithm = copied(loading, row, "algorithm"),
		.bits = (int)row_number(row, "bits"),
		.publish = copied(loading, row, "publish"),
		.state = copied(loading, row, "state"),
		.standby = row_bool(row, "standby"),
	};
	key->public_key = row_bytes(row, "public_key", loading->arena, &key->public_key_size);
	return true;
}

static bool take_sender(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts_domain *domain = domain_of(loading, row);

	UNUSED(err);
	if (domain == NULL)
		return true;
	domain->senders = grown(loading, domain->senders, domain->sender_count,
	                        sizeof *domain->senders);
	domain->senders[domain->sender_count++] = (struct facts_sender){
		.address = copied(loading, row, "address"),
		.display_name = copied(loading, row, "display_name"),
		.reply_to = copied(loading, row, "reply_to"),
		.url = copied(loading, row, "url"),
		.audience = copied(loading, row, "audience"),
	};
	return true;
}

static bool take_waiver(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts_domain *domain = domain_of(loading, row);
	enum purpose purpose = requirement_purpose_find(row_text(row, "purpose"));

	UNUSED(err);
	if (domain != NULL && purpose < PURPOSES)
		domain->waived[purpose] = copied(loading, row, "reason");
	return true;
}

static bool provider_load(struct db *db, struct loading *loading, const char *provider_id,
                          struct err *err)
{
	struct facts *facts = loading->facts;
	const struct row *row;

	if (!db_one(db, STMT_FACTS_PROVIDER, DB_PARAMS(provider_id), &row, err))
		return false;
	facts->provider = copied(loading, row, "name");
	facts->title = copied(loading, row, "title");
	facts->hosting_domain = copied(loading, row, "hosting_domain");
	facts->default_sender = copied(loading, row, "default_sender");
	facts->spf_host = copied(loading, row, "spf_host");
	facts->language = copied(loading, row, "language");
	facts->contact = copied(loading, row, "contact");
	facts->dmarc_report = copied(loading, row, "dmarc_report");
	facts->name_servers = row_list(row, "name_servers", loading->arena);
	facts->key_label = copied(loading, row, "key_label");
	return db_each(db, STMT_FACTS_RELAYS, DB_PARAMS(provider_id), take_relay, loading, err);
}

static int by_name(const void *a, const void *b)
{
	const struct facts_domain *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static bool take_id(const struct row *row, void *context, struct err *err)
{
	struct loading *loading = context;
	struct facts_list *list = loading->list;

	UNUSED(err);
	list->ids = grown(loading, list->ids, list->count, sizeof *list->ids);
	list->ids[list->count++] = row_number(row, "id");
	return true;
}

bool facts_scope(struct db *db, struct arena *arena, const struct scope *scope,
                 struct facts_list *list, struct err *err)
{
	struct loading loading = { .arena = arena, .list = list };

	*list = (struct facts_list){ 0 };
	return db_each(db, STMT_FACTS_SCOPE,
	               DB_PARAMS(db_number(arena, scope->provider_id),
	                         scope->client_id != 0 ? db_number(arena, scope->client_id) : NULL,
	                         scope->domain_id != 0 ? db_number(arena, scope->domain_id) : NULL),
	               take_id, &loading, err);
}

static const char *id_list(struct arena *arena, const long long ids[], size_t count)
{
	const char **items = arena_take(arena, (count + 1) * sizeof *items);

	for (size_t i = 0; i < count; i++)
		items[i] = db_number(arena, ids[i]);
	return db_list(arena, items, count);
}

bool facts_load_some(struct db *db, struct arena *arena, long long provider, const long long ids[],
                     size_t count, struct facts *facts, struct err *err)
{
	static const struct {
		enum statement_id statement;
		row_fn take;
	} steps[] = {
		{ STMT_FACTS_DOMAINS, take_domain },
		{ STMT_FACTS_KEYS, take_key },
		{ STMT_FACTS_SENDERS, take_sender },
		{ STMT_FACTS_WAIVERS, take_waiver },
	};
	const char *provider_id = db_number(arena, provider);
	const char *domain_ids = id_list(arena, ids, count);

	*facts = (struct facts){ .provider_id = provider };
	struct loading loading = { .arena = arena, .facts = facts };
	if (!provider_load(db, &loading, provider_id, err))
		return false;
	for (size_t i = 0; i < LENGTH(steps); i++) {
		loading.at = 0;
		loading.room = 0;
		if (!db_each(db, steps[i].statement, DB_PARAMS(provider_id, domain_ids),
		             steps[i].take, &loading, err))
			return false;
	}
	if (facts->domain_count > 0)
		qsort(facts->domains, facts->domain_count, sizeof *facts->domains, by_name);
	return true;
}

bool facts_load(struct db *db, struct arena *arena, const struct scope *scope, struct facts *facts,
                struct err *err)
{
	struct facts_list list;

	return facts_scope(db, arena, scope, &list, err)
	       && facts_load_some(db, arena, scope->provider_id, list.ids, list.count, facts, err);
}

bool facts_client_load(struct db *db, struct arena *arena, const struct scope *scope,
                       struct facts_client *client, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_FACTS_CLIENT,
	            DB_PARAMS(db_number(arena, scope->provider_id),
	                      db_number(arena, scope->client_id)),
	            &row, err))
		return false;
	*client = (struct facts_client){
		.name = arena_copy(arena, row_text(row, "name")),
		.title = arena_copy(arena, row_text(row, "title")),
		.language = arena_copy(arena, row_text(row, "language")),
		.contact = arena_copy(arena, row_text(row, "contact")),
		.reply_to = arena_copy(arena, row_text(row, "reply_to")),
	};
	return true;
}

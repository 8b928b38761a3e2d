#include "core/model/dkim_key.h"

#include "core/base/words.h"

static const char *const state_words[KEY_STATES] = {
	[KEY_GENERATED] = "generated", [KEY_PUBLISH_PENDING] = "publish-pending",
	[KEY_PUBLISHED] = "published", [KEY_ACTIVE] = "active",
	[KEY_RETIRING] = "retiring",   [KEY_RETIRED] = "retired",
	[KEY_DESTROYED] = "destroyed", [KEY_REVOKED] = "revoked",
	[KEY_CANCELLED] = "cancelled",
};

const char *key_state_word(enum key_state state)
{
	return state_words[state];
}

enum key_state key_state_find(const char *word)
{
	for (int i = 0; i < KEY_STATES; i++)
		if (strcmp(state_words[i], word) == 0)
			return (enum key_state)i;
	return KEY_STATES;
}

static const char *copy(struct arena *arena, const struct row *row, const char *column)
{
	return arena_copy(arena, row_text(row, column));
}

static void read_row(struct arena *arena, const struct row *row, struct dkim_key *key)
{
	*key = (struct dkim_key){
		.provider_id = row_number(row, "provider_id"),
		.id = row_number(row, "id"),
		.domain_id = row_number(row, "domain_id"),
		.client_id = row_number(row, "client_id"),
		.uuid = copy(arena, row, "uuid"),
		.provider = copy(arena, row, "provider"),
		.client = copy(arena, row, "client"),
		.domain = copy(arena, row, "domain"),
		.hosting_domain = copy(arena, row, "hosting_domain"),
		.selector = copy(arena, row, "selector"),
		.algorithm = copy(arena, row, "algorithm"),
		.bits = (int)row_number(row, "bits"),
		.publish = copy(arena, row, "publish"),
		.standby = row_bool(row, "standby"),
		.state = key_state_find(row_text(row, "state")),
		.since = copy(arena, row, "since"),
		.generated_at = copy(arena, row, "generated_at"),
		.publish_pending_at = copy(arena, row, "publish_pending_at"),
		.seen_since = copy(arena, row, "seen_since"),
		.published_at = copy(arena, row, "published_at"),
		.usable_at = copy(arena, row, "usable_at"),
		.active_at = copy(arena, row, "active_at"),
		.retiring_at = copy(arena, row, "retiring_at"),
		.last_signed_at = copy(arena, row, "last_signed_at"),
		.retired_at = copy(arena, row, "retired_at"),
		.linger_until = copy(arena, row, "linger_until"),
		.rotate_at = copy(arena, row, "rotate_at"),
		.probes = (int)row_number(row, "probes"),
		.ttl_seen = (int)row_number(row, "ttl_seen"),
		.publish_probes = (int)row_number(row, "publish_probes"),
		.too_early = row_bool(row, "too_early"),
		.lingering = row_bool(row, "lingering"),
		.other_retiring = row_bool(row, "other_retiring"),
		.escrowed = row_bool(row, "escrowed"),
		.rotate_due = row_bool(row, "rotate_due"),
		.successor = row_bool(row, "successor"),
	};
	key->public_key = row_bytes(row, "public_key", arena, &key->public_size);
}

struct each {
	struct arena *arena;
	dkim_key_fn call;
	void *context;
};

static bool each_row(const struct row *row, void *context, struct err *err)
{
	const struct each *each = context;
	struct dkim_key key;

	read_row(each->arena, row, &key);
	return each->call(&key, each->context, err);
}

static bool select_keys(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                        long long id, row_fn call, void *context, struct err *err)
{
	const char *provider = filter->provider_id != 0 ? db_number(arena, filter->provider_id)
	                                                : NULL;
	const char *key = id != 0 ? db_number(arena, id) : NULL;

	return db_each(db, STMT_DKIM_KEY_LIST,
	               DB_PARAMS(provider, filter->client, filter->domain, filter->selector,
	                         db_bool(filter->living), key),
	               call, context, err);
}

bool dkim_key_each(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                   dkim_key_fn call, void *context, struct err *err)
{
	struct each each = { .arena = arena, .call = call, .context = context };

	return select_keys(db, arena, filter, 0, each_row, &each, err);
}

/* Doubles as it fills; the arena keeps the outgrown ones until its end. */
struct collected {
	struct arena *arena;
	struct dkim_key *keys;
	size_t count;
	size_t room;
};

static bool collect_row(const struct row *row, void *context, struct err *err)
{
	struct collected *all = context;

	UNUSED(err);
	if (all->count == all->room) {
		size_t room = all->room > 0 ? 2 * all->room : 8;
		struct dkim_key *keys = arena_take(all->arena, room * sizeof *keys);
		if (all->count > 0)
			memcpy(keys, all->keys, all->count * sizeof *keys);
		all->keys = keys;
		all->room = room;
	}
	read_row(all->arena, row, &all->keys[all->count++]);
	return true;
}

bool dkim_key_list(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                   struct dkim_key **keys, size_t *count, struct err *err)
{
	struct collected all = { .arena = arena };

	if (!select_keys(db, arena, filter, 0, collect_row, &all, err))
		return false;
	*keys = all.keys;
	*count = all.count;
	return true;
}

bool dkim_key_load(struct db *db, struct arena *arena, long long provider_id, long long id,
                   struct dkim_key *key, struct err *err)
{
	const struct dkim_key_filter filter = { .provider_id = provider_id };
	struct collected all = { .arena = arena };

	if (!select_keys(db, arena, &filter, id, collect_row, &all, err))
		return false;
	if (all.count != 1)
		return err_set(err, ERR_NOT_FOUND, _("there is no such key"));
	*key = all.keys[0];
	return true;
}

struct named {
	struct arena *arena;
	struct name {
		long long provider_id, id;
	} * names;
	size_t count;
	size_t room;
};

static bool name_row(const struct row *row, void *context, struct err *err)
{
	struct named *all = context;

	UNUSED(err);
	if (all->count == all->room) {
		size_t room = all->room > 0 ? 2 * all->room : 64;
		struct name *names = arena_take(all->arena, room * sizeof *names);
		if (all->count > 0)
			memcpy(names, all->names, all->count * sizeof *names);
		all->names = names;
		all->room = room;
	}
	all->names[all->count++] = (struct name){ row_number(row, "provider_id"),
		                                  row_number(row, "id") };
	return true;
}

bool dkim_key_list_due(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                       bool monitored, struct dkim_key **keys, size_t *count, struct err *err)
{
	const char *provider = filter->provider_id != 0 ? db_number(arena, filter->provider_id)
	                                                : NULL;
	struct named due = { .arena = arena };

	if (!db_each(db, STMT_DKIM_KEY_DUE,
	             DB_PARAMS(provider, filter->client, filter->domain, db_bool(monitored)),
	             name_row, &due, err))
		return false;
	*keys = arena_take(arena, (due.count + 1) * sizeof **keys);
	*count = due.count;
	for (size_t i = 0; i < due.count; i++)
		if (!dkim_key_load(db, arena, due.names[i].provider_id, due.names[i].id,
		                   &(*keys)[i], err))
			return false;
	return true;
}

bool dkim_key_count_waiting(struct db *db, struct arena *arena,
                            const struct dkim_key_filter *filter, struct dkim_key_waiting *waiting,
                            struct err *err)
{
	const char *provider = filter->provider_id != 0 ? db_number(arena, filter->provider_id)
	                                                : NULL;
	const struct row *row;

	if (!db_one(db, STMT_DKIM_KEY_WAITING, DB_PARAMS(provider, filter->client, filter->domain),
	            &row, err))
		return false;
	*waiting = (struct dkim_key_waiting){
		.count = row_number(row, "waiting"),
		.next_at = copy(arena, row, "next_at"),
	};
	return true;
}

bool dkim_key_load_relays(struct db *db, struct arena *arena, const struct dkim_key *key,
                          struct dkim_key_relays *relays, struct err *err)
{
	const struct row *row;

	if (!db_one(db, STMT_DKIM_KEY_RELAYS,
	            DB_PARAMS(db_number(arena, key->provider_id), db_number(arena, key->id)), &row,
	            err))
		return false;
	*relays = (struct dkim_key_relays){
		.without_key = row_list(row, "without_key", arena),
		.signing = row_list(row, "signing", arena),
		.ended_at = copy(arena, row, "ended_at"),
		.active_id = row_number(row, "active_id"),
		.rsa_active = row_bool(row, "rsa_active"),
	};
	return true;
}

bool dkim_key_missed(struct db *db, const struct dkim_key *key, long long ttl, struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_run(db, STMT_DKIM_KEY_MISSED,
	                 DB_PARAMS(db_number(&arena, key->provider_id),
	                           db_number(&arena, key->domain_id), key->selector,
	                           db_number(&arena, ttl)),
	                 NULL, err);

	arena_reset(&arena);
	return ok;
}

bool dkim_key_hand_over(struct db *db, long long provider_id, long long id, struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_run(db, STMT_DKIM_KEY_HAND_OVER,
	                 DB_PARAMS(db_number(&arena, provider_id), db_number(&arena, id)), NULL,
	                 err);

	arena_reset(&arena);
	return ok;
}

static bool step(struct db *db, enum statement_id statement, const struct dkim_key *key,
                 struct err *err)
{
	struct arena arena = { 0 };
	long long changed = 0;
	bool ok = db_run(db, statement,
	                 DB_PARAMS(db_number(&arena, key->provider_id), db_number(&arena, key->id),
	                           key_state_word(key->state)),
	                 &changed, err);

	arena_reset(&arena);
	if (ok && changed == 0)
		return err_set(err, ERR_CONFLICT, _("the key %s of %s is no longer %s"),
		               key->selector, key->domain, key_state_word(key->state));
	return ok;
}

bool dkim_key_activate(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_ACTIVATE, key, err);
}

bool dkim_key_supersede(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_SUPERSEDE, key, err);
}

bool dkim_key_signing_ended(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_SIGNING_ENDED, key, err);
}

bool dkim_key_promote(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_PROMOTE, key, err);
}

bool dkim_key_retire(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_RETIRE, key, err);
}

bool dkim_key_cancel(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_CANCEL, key, err);
}

bool dkim_key_revoke(struct db *db, const struct dkim_key *key, struct err *err)
{
	return step(db, STMT_DKIM_KEY_REVOKE, key, err);
}

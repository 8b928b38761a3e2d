/*
 * The database of the model: the same functions that the program calls, over
 * an array.  What the queries compute (dkim_key_list.sql, dkim_key_relays.sql)
 * and what triggers and constraints refuse (0002_keys.sql, 0005_export.sql,
 * 0008_rotation.sql) stands here a second time, in C.  That both say the same
 * is the business of tests/model/histories.py, on a real server.
 */

#include <string.h>

#include "core/base/clock.h"
#include "core/model/event.h"
#include "key_world.h"

struct db {
	struct world *world;
};

static const char *const algorithm_names[ALGORITHMS] = { "rsa-sha256", "ed25519-sha256" };
static const char *const relay_names[RELAYS] = { "mx1", "mx2", "mx3" };

static const char *moment(int64_t at)
{
	return at != 0 ? "then" : NULL;
}

/* A row of dkim_key_list.  A program that asks nothing and tries everything is
 * one to whom every fact is rosy. */
static void read_key(const struct world *world, int id, struct dkim_key *key)
{
	const struct model_key *k = &world->store.keys[id];
	int64_t now = store_now(world);
	bool eager = world->line_off[LINE_PROGRAM];

	*key = (struct dkim_key){
		.provider_id = 1,
		.id = id + 1,
		.domain_id = 1,
		.domain = "acme.example",
		.selector = "s",
		.algorithm = algorithm_names[k->algorithm],
		.standby = k->standby,
		.state = store_state(k, now),
		.usable_at = moment(k->usable),
		.last_signed_at = moment(k->last_signed),
		.linger_until = moment(k->last_signed),
		.probes = eager ? PROBES : k->probes,
		.publish_probes = PROBES,
		.too_early = !eager && (k->usable == 0 || k->usable > now),
		.lingering = !eager
		             && (k->last_signed == 0 || k->last_signed + store_linger(world) > now),
		.other_retiring = !eager && store_other_retiring(world, id, 0),
		.escrowed = true,
	};
}

static const char *const *names_of(struct arena *arena, uint64_t relays)
{
	const char **names = arena_take(arena, (RELAYS + 1) * sizeof *names);
	size_t count = 0;

	for (int r = 0; r < RELAYS; r++)
		if ((relays >> r & 1) != 0)
			names[count++] = relay_names[r];
	return names;
}

/* ---- what triggers and constraints refuse ---- */

static bool refuse(struct db *db, const char *rule, struct err *err)
{
	if (!db->world->line_off[LINE_PROGRAM] && store_now(db->world) >= db->world->latest)
		world_fault(db->world, "the program was sure, and the database refuses: %s", rule);
	return err_set(err, ERR_REFUSED, "%s", rule);
}

static bool guard_activate(struct db *db, int id, struct err *err)
{
	const struct world *world = db->world;
	const struct model_key *key = &world->store.keys[id];
	int64_t now = store_now(world);

	if (key->active != 0 || key->cancelled != 0)
		return refuse(db, "dkim_key_moment_final", err);
	if (store_active(&world->store, key->algorithm) >= 0)
		return refuse(db, "dkim_key_one_active", err);
	if (world->line_off[LINE_GUARD])
		return true;
	if (key->published == 0 || key->usable == 0 || key->usable > now)
		return refuse(db, "dkim_key_too_early", err);
	if (key->probes < PROBES)
		return refuse(db, "dkim_key_few_probes", err);
	if (key->revoked != 0)
		return refuse(db, "dkim_key_over", err);
	if (store_other_retiring(world, id, now))
		return refuse(db, "dkim_key_one_rotation", err);
	return store_without(world, id) == 0 || refuse(db, "dkim_key_unstaged", err);
}

static bool guard_signing_ended(struct db *db, int id, struct err *err)
{
	if (db->world->store.keys[id].retiring == 0)
		return refuse(db, "dkim_key_order_last", err);
	if (db->world->line_off[LINE_GUARD] || store_signing(db->world, id) == 0)
		return true;
	return refuse(db, "dkim_key_still_signs", err);
}

static bool guard_retire(struct db *db, int id, struct err *err)
{
	const struct model_key *key = &db->world->store.keys[id];

	if (key->last_signed == 0 || store_now(db->world) < key->last_signed)
		return refuse(db, "dkim_key_order_retired", err);
	if (db->world->line_off[LINE_GUARD]
	    || store_now(db->world) >= key->last_signed + store_linger(db->world))
		return true;
	return refuse(db, "dkim_key_linger", err);
}

/* ---- transactions, and death in the middle of them ---- */

/* Each call of the database is a place where the process may die. */
static bool alive(struct db *db, struct err *err)
{
	if (db->world->kill_after == 0 || --db->world->kill_after > 0)
		return true;
	db->world->kills++;
	return err_set(err, ERR_SYSTEM, "killed");
}

static void undo(struct world *world)
{
	if (world->in_transaction && !world->off[RULE_ONE_TRANSACTION]) {
		memcpy(world->store.keys, world->saved, sizeof world->saved);
		world->store.key_count = world->saved_count;
	}
	world->in_transaction = false;
}

/* Serializable transactions happen one after the other; so what another
 * process does in between happens before one of ours begins. */
bool db_begin(struct db *db, enum db_mode mode, struct err *err)
{
	struct world *world = db->world;

	if (mode == DB_WRITE && !world->nested && world_chance(world, 4)) {
		int spared = world->kill_after;
		world->nested = true;
		world->kill_after = 0;
		(void)store_advance(world);
		world->kill_after = spared;
		world->nested = false;
	}
	if (!alive(db, err))
		return false;
	memcpy(world->saved, world->store.keys, sizeof world->saved);
	world->saved_count = world->store.key_count;
	world->in_transaction = true;
	return true;
}

bool db_commit(struct db *db, struct err *err)
{
	struct world *world = db->world;

	if (world_chance(world, 2)) {
		undo(world);
		return err_set(err, ERR_AGAIN, "could not serialize");
	}
	/* whoever dies at the commit does not know whether it was done */
	bool done = world_chance(world, 50);
	if (!alive(db, err)) {
		if (!done)
			undo(world);
		world->in_transaction = false;
		return false;
	}
	world->in_transaction = false;
	return true;
}

void db_rollback(struct db *db)
{
	undo(db->world);
}

void clock_wait(int64_t milliseconds)
{
	UNUSED(milliseconds);
}

bool event_add(struct db *db, const struct event *event, struct err *err)
{
	UNUSED(event);
	return alive(db, err);
}

/* ---- the statements ---- */

static int id_of(const struct dkim_key *key)
{
	return (int)key->id - 1;
}

bool dkim_key_list(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                   struct dkim_key **keys, size_t *count, struct err *err)
{
	const struct store *store = &db->world->store;

	if (!alive(db, err))
		return false;
	*keys = arena_take(arena, KEYS * sizeof **keys);
	*count = 0;
	for (int i = 0; i < store->key_count; i++) {
		const struct model_key *k = &store->keys[i];
		if (filter->living && (k->retired | k->revoked | k->cancelled | k->destroyed) != 0)
			continue;
		read_key(db->world, i, &(*keys)[(*count)++]);
	}
	return true;
}

bool dkim_key_list_due(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                       bool monitored, struct dkim_key **keys, size_t *count, struct err *err)
{
	UNUSED(monitored);
	return dkim_key_list(db, arena, filter, keys, count, err);
}

/* Successors are ordered by chance here, not by the calendar. */
bool succession_order(struct db *db, struct arena *arena, const struct succession_service *service,
                      const struct dkim_key *old, const char *why, enum succession_how *how,
                      const char **selector, struct err *err)
{
	UNUSED(arena);
	UNUSED(service);
	UNUSED(old);
	UNUSED(why);
	UNUSED(how);
	UNUSED(selector);
	world_fault(db->world, "a successor is ordered that is not due");
	return err_set(err, ERR_REFUSED, "not due");
}

bool dkim_key_load(struct db *db, struct arena *arena, long long provider_id, long long id,
                   struct dkim_key *key, struct err *err)
{
	UNUSED(arena);
	UNUSED(provider_id);
	read_key(db->world, (int)id - 1, key);
	return alive(db, err);
}

bool dkim_key_load_relays(struct db *db, struct arena *arena, const struct dkim_key *key,
                          struct dkim_key_relays *relays, struct err *err)
{
	struct world *world = db->world;
	int id = id_of(key);
	bool eager = world->line_off[LINE_PROGRAM];
	int active = store_active(&world->store, world->store.keys[id].algorithm);

	*relays = (struct dkim_key_relays){
		.without_key = names_of(arena, eager ? 0 : store_without(world, id)),
		.signing = names_of(arena, eager ? 0 : store_signing(world, id)),
		.active_id = active >= 0 && active != id ? active + 1 : 0,
		.rsa_active = world->off[RULE_RSA_BESIDE] || store_active(&world->store, 0) >= 0,
	};
	return alive(db, err);
}

bool dkim_key_missed(struct db *db, const struct dkim_key *key, long long ttl, struct err *err)
{
	if (!alive(db, err))
		return false;
	store_missed(db->world, id_of(key), ttl);
	return true;
}

/* The update names the state that the caller saw. */
static bool still(struct db *db, const struct dkim_key *key, struct err *err)
{
	const struct model_key *k = &db->world->store.keys[id_of(key)];

	if (!alive(db, err))
		return false;
	return store_state(k, store_now(db->world)) == key->state
	       || err_set(err, ERR_CONFLICT, "it is in another state now");
}

bool dkim_key_activate(struct db *db, const struct dkim_key *key, struct err *err)
{
	struct world *world = db->world;
	int id = id_of(key);

	if (!still(db, key, err) || !guard_activate(db, id, err))
		return false;
	struct model_key *k = &world->store.keys[id];
	k->active = store_now(world);
	world->activations++;
	if (k->algorithm != 0 && store_active(&world->store, 0) < 0
	    && !world->line_off[LINE_PROGRAM])
		world_fault(world, "Ed25519 key %d signs with no RSA key beside it", id);
	return true;
}

bool dkim_key_supersede(struct db *db, const struct dkim_key *key, struct err *err)
{
	if (!still(db, key, err))
		return false;
	db->world->store.keys[id_of(key)].retiring = store_now(db->world);
	return true;
}

bool dkim_key_signing_ended(struct db *db, const struct dkim_key *key, struct err *err)
{
	struct model_key *k = &db->world->store.keys[id_of(key)];

	if (!still(db, key, err) || !guard_signing_ended(db, id_of(key), err))
		return false;
	int64_t ended = store_ended(db->world);
	k->last_signed = ended > k->retiring ? ended : k->retiring;
	return true;
}

bool dkim_key_retire(struct db *db, const struct dkim_key *key, struct err *err)
{
	if (!still(db, key, err) || !guard_retire(db, id_of(key), err))
		return false;
	db->world->store.keys[id_of(key)].retired = store_now(db->world);
	db->world->retired++;
	return true;
}

/* ---- what other commands write ---- */

int store_generate(struct world *world, int algorithm, bool standby)
{
	struct store *store = &world->store;
	int old = store_active(store, algorithm);

	if (store->key_count == KEYS || store_coming(store, algorithm, standby) >= 0)
		return -1;
	int id = store->key_count++;
	store->keys[id] = (struct model_key){ .name = id,
		                              .algorithm = algorithm,
		                              .standby = standby,
		                              .generated = store_now(world) };
	if (world->off[RULE_FRESH_NAME] && old >= 0)
		store->keys[id].name = store->keys[old].name;
	return id;
}

static bool waits(const struct model_key *key)
{
	return key->pending != 0 && key->active == 0 && key->revoked == 0 && key->cancelled == 0;
}

/* usable_at, as dkim_key_guard() computes it with every change. */
static void reckon(struct world *world, struct model_key *key)
{
	int64_t ttl = world->off[RULE_TTL]          ? 0
	              : world->off[RULE_TTL_BEFORE] ? world->negative_ttl
	                                            : key->ttl_seen;

	key->usable = key->seen_since == 0    ? 0
	              : world->off[RULE_WAIT] ? key->seen_since
	                                      : key->seen_since + ttl + MARGIN;
}

void store_seen(struct world *world, int id, int64_t ttl)
{
	struct model_key *key = &world->store.keys[id];
	int64_t now = store_now(world);

	if (!waits(key) || now < key->pending)
		return; /* dkim_key_order_seen: the clock is behind */
	if (key->seen_since == 0)
		key->seen_since = now;
	if (key->published == 0)
		key->published = now;
	key->probes++;
	if (ttl > key->ttl_seen)
		key->ttl_seen = ttl;
	reckon(world, key);
}

void store_missed(struct world *world, int id, int64_t ttl)
{
	struct model_key *key = &world->store.keys[id];

	if (!waits(key))
		return;
	world->misses++;
	world->noticed[id] = world->noticed[id] || world->mistaken[id];
	if (ttl > key->ttl_seen)
		key->ttl_seen = ttl;
	if (!world->off[RULE_MISS]) {
		key->seen_since = 0;
		key->published = 0;
		key->probes = 0;
	}
	reckon(world, key);
}

/* ---- the program ---- */

static bool look(void *context, const struct dkim_key *key, struct rotation_sight *sight,
                 struct err *err)
{
	struct world *world = context;

	UNUSED(err);
	if (world->off[RULE_SECOND_LOOK])
		*sight = (struct rotation_sight){ .everywhere = true };
	else
		world_look(world, id_of(key), sight);
	return true;
}

static bool hear(const struct rotation_result *result, void *context, struct err *err)
{
	struct world *world = context;

	UNUSED(err);
	world->unsure += result->unsure;
	return true;
}

bool store_advance(struct world *world)
{
	const struct dkim_key_filter filter = { .living = true };
	const struct rotation_look eyes = { .look = look, .context = world };
	struct arena arena = { 0 };
	struct db db = { world };
	struct err err = { 0 };

	bool ok = rotation_advance(&db, &arena, &filter, &eyes, false, hear, world, &err);
	if (!ok && err.code != ERR_SYSTEM && err.code != ERR_REFUSED && err.code != ERR_CONFLICT
	    && err.code != ERR_AGAIN)
		world_fault(world, "advance fails: %s", err.text);
	world->kill_after = 0;
	arena_reset(&arena);
	return ok;
}

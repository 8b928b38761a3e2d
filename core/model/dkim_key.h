#pragma once

/*
 * dkim_key -- a signing key of a sender domain: its public half and its moments.
 *
 * Rows are added by senderkeyd alone (keys/client.h); this file reads them and
 * records what happens to them.  The state is derived by the database from the
 * moments, and the database's guard refuses a moment out of order, whoever
 * writes it.
 *
 * Owner:   texts live in the arena that was passed in; the struct is a value.
 * Failure: ERR_CONFLICT when the key is no longer in the state the caller saw;
 *          ERR_REFUSED with the rule that stands against it; or what db reports.
 * Secrets: none; sealed halves are not readable from here.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

enum key_state {
	KEY_GENERATED,       /* made; nobody knows it yet */
	KEY_PUBLISH_PENDING, /* its record is on a sheet, or in our own zone */
	KEY_PUBLISHED,       /* every authoritative server shows it */
	KEY_ACTIVE,          /* relays sign with it */
	KEY_RETIRING,        /* another signs; mail under way may still carry it */
	KEY_RETIRED,         /* no mail can carry it any more */
	KEY_DESTROYED,       /* the private half is gone */
	KEY_REVOKED,         /* withdrawn in an emergency */
	KEY_CANCELLED,       /* given up before it ever signed */
	KEY_STATES,
};

/* "publish-pending" */
const char *key_state_word(enum key_state state);
/* KEY_STATES for a word we don't know. */
enum key_state key_state_find(const char *word);

struct dkim_key {
	long long provider_id;
	long long id;
	long long domain_id;
	long long client_id;
	const char *uuid;
	const char *provider;       /* short name */
	const char *client;         /* short name of the domain's client */
	const char *domain;         /* A-labels */
	const char *hosting_domain; /* of the provider: where CNAMEs lead */
	const char *selector;
	const char *algorithm; /* "rsa-sha256", "ed25519-sha256" */
	int bits;
	const unsigned char *public_key; /* RSA: SubjectPublicKeyInfo; Ed25519: 32 octets */
	size_t public_size;
	const char *publish; /* "txt", "cname", "ns" */
	bool standby;
	enum key_state state;
	/* moments as "2026-11-22T03:41:20Z"; NULL when not yet */
	const char *since; /* of the state */
	const char *generated_at;
	const char *publish_pending_at;
	const char *seen_since;
	const char *published_at;
	const char *usable_at;
	const char *active_at;
	const char *retiring_at;
	const char *last_signed_at;
	const char *retired_at;
	const char *linger_until; /* retiring: not retired before */
	const char *rotate_at;    /* active: its successor is due */
	int probes;
	int ttl_seen;
	/* the provider's policy, as far as a key's life needs it */
	int publish_probes;
	bool too_early;      /* usable_at lies ahead (by the database's clock) */
	bool lingering;      /* linger_until lies ahead or is not known */
	bool other_retiring; /* the last rotation of its domain and algorithm is not over */
	bool escrowed;       /* its provider's escrow policy lets it out */
	bool rotate_due;     /* rotate_at is past */
	bool successor;      /* active: another one is on its way already */
};

struct dkim_key_filter {
	long long provider_id; /* 0: all that may be seen */
	const char *client;    /* short name; NULL: all */
	const char *domain;    /* A-labels; NULL: all */
	const char *selector;
	bool living; /* without retired, destroyed, revoked, cancelled */
};

/* Called for each key, ordered by provider, domain, generated_at; the callback
 * may use the db.  The key's texts live in `arena`. */
typedef bool (*dkim_key_fn)(const struct dkim_key *key, void *context, struct err *err);
bool dkim_key_each(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                   dkim_key_fn call, void *context, struct err *err) CHECKED;

/* All that match, as one array in the arena. */
bool dkim_key_list(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                   struct dkim_key **keys, size_t *count, struct err *err) CHECKED;

/* Those for which the time of a step has come; `monitored`: only of providers
 * whose keys the monitor advances.  Costs what they cost, however many others
 * there are. */
bool dkim_key_list_due(struct db *db, struct arena *arena, const struct dkim_key_filter *filter,
                       bool monitored, struct dkim_key **keys, size_t *count,
                       struct err *err) CHECKED;

/* The others that are on their way, and the next moment at which time alone
 * moves a key; NULL: none. */
struct dkim_key_waiting {
	long long count;
	const char *next_at;
};
bool dkim_key_count_waiting(struct db *db, struct arena *arena,
                            const struct dkim_key_filter *filter, struct dkim_key_waiting *waiting,
                            struct err *err) CHECKED;

bool dkim_key_load(struct db *db, struct arena *arena, long long provider_id, long long id,
                   struct dkim_key *key, struct err *err) CHECKED;

/* What the relays last said about a key. */
struct dkim_key_relays {
	const char *const *without_key; /* do not hold it yet; ends with NULL */
	const char *const *signing;     /* sign with it, or may; ends with NULL */
	const char *ended_at;           /* when the last one stopped signing with it */
	long long active_id;            /* the key it would relieve; 0: none */
	bool rsa_active;                /* its domain has an active RSA key */
};
bool dkim_key_load_relays(struct db *db, struct arena *arena, const struct dkim_key *key,
                          struct dkim_key_relays *relays, struct err *err) CHECKED;

/* A server certainly did not show it: a key that does not sign yet starts
 * again.  `ttl`: how long what was there instead may be remembered. */
bool dkim_key_missed(struct db *db, const struct dkim_key *key, long long ttl,
                     struct err *err) CHECKED;

/* Its record stands on a sheet (or in our zone) now.  A key that was handed
 * over before stays as it is. */
bool dkim_key_hand_over(struct db *db, long long provider_id, long long id,
                        struct err *err) CHECKED;

/* One step of the life, recorded now: the update names the state it saw, so
 * that two operators can't both win. */
bool dkim_key_activate(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;
bool dkim_key_supersede(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;
bool dkim_key_signing_ended(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;
bool dkim_key_retire(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;
bool dkim_key_cancel(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;
bool dkim_key_revoke(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;

/* The standby key becomes the one that is on its way to sign. */
bool dkim_key_promote(struct db *db, const struct dkim_key *key, struct err *err) CHECKED;

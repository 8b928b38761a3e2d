#pragma once

/*
 * serving -- what a provider's relays must know: who may send, with which
 * logins, by which way, signed with which key; and who must not, and why.
 *
 * Everything is streamed in sorted order: a million senders need no more
 * memory than a thousand.  Which sender is served is decided by one view of
 * the schema, export_domain; nothing here adds a rule.
 *
 * Owner:   values and their texts are valid inside the callback.
 * Failure: what db reports, or what the callback said.  The callback must not
 *          use the same db.
 * Secrets: none; keys and passwords are named by uuid.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/db.h"

struct serving_scope {
	long long provider_id;
	bool include_unverified;
};

struct serving_sender {
	const char *address;
	const char *logins;      /* "acme-app,acme-batch" */
	const char *login_count; /* "2": so that a comma in a login is noticed */
};

struct serving_withheld {
	const char *client;
	const char *address;
	const char *reason;  /* a word: "not-verified", "no-secret", ... */
	const char *lacking; /* "spf missing, dmarc unknown"; NULL */
};

struct serving_domain {
	long long id;
	const char *name;
	const char *mode;
	const char *envelope_domain; /* NULL: the domain itself */
	const char *host;            /* the customer's server; NULL unless direct */
	const char *port;
	const char *tls; /* "starttls", "implicit" */
	const char *auth_user;
	const char *ca; /* name of a CA file on the relay; NULL: the public ones */
	const char *smarthost_uuid;
	long long rsa_key; /* 0: none signs */
	const char *rsa_selector;
	long long ed_key;
	const char *ed_selector;
};

struct serving_hop {
	const char *host;
	const char *port;
	const char *ca;
};

struct serving_key {
	long long id;
	const char *uuid;
	const char *domain;
	const char *selector;
	const char *algorithm; /* "rsa-sha256", "ed25519-sha256" */
};

struct serving_login {
	const char *domain;
	const char *login;
	const char *envelope_domain; /* registered with the domain; NULL: the same */
};

typedef bool (*serving_sender_fn)(const struct serving_sender *, void *, struct err *);
typedef bool (*serving_withheld_fn)(const struct serving_withheld *, void *, struct err *);
typedef bool (*serving_domain_fn)(const struct serving_domain *, void *, struct err *);
typedef bool (*serving_hop_fn)(const struct serving_hop *, void *, struct err *);
typedef bool (*serving_key_fn)(const struct serving_key *, void *, struct err *);
typedef bool (*serving_login_fn)(const struct serving_login *, void *, struct err *);

/* What hears of a provider's senders: those that may send, and those that may not. */
struct serving_audience {
	serving_sender_fn served;
	void *served_context;
	serving_withheld_fn withheld; /* NULL: nobody asks */
	void *withheld_context;
};

/* By address; both sorts in one scan. */
bool serving_senders(struct db *db, const struct serving_scope *scope,
                     const struct serving_audience *audience, struct err *err) CHECKED;
/* The same mailboxes under the envelope domain of their sender domain, if it has another one. */
bool serving_envelopes(struct db *db, const struct serving_scope *scope, serving_sender_fn call,
                       void *context, struct err *err) CHECKED;
/* By name. */
bool serving_domains(struct db *db, const struct serving_scope *scope, serving_domain_fn call,
                     void *context, struct err *err) CHECKED;
/* By host and port, each once. */
bool serving_hops(struct db *db, const struct serving_scope *scope, serving_hop_fn call,
                  void *context, struct err *err) CHECKED;
/* All that a relay holds: handed over, published, active, retiring; by domain and selector. */
bool serving_keys(struct db *db, const struct serving_scope *scope, serving_key_fn call,
                  void *context, struct err *err) CHECKED;
/* By domain and login, each once. */
bool serving_logins(struct db *db, const struct serving_scope *scope, serving_login_fn call,
                    void *context, struct err *err) CHECKED;

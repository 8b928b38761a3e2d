#pragma once

/*
 * facts -- everything the registry knows that a plan or a sheet needs: a
 * provider with its relays, and sender domains with their keys, senders and
 * waivers.  Loaded in one snapshot, in a fixed order.
 *
 * Owner:   everything lives in the arena that was passed in.
 * Failure: what db reports.
 * Secrets: public halves only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/model/requirement.h"
#include "core/model/scope.h"
#include "sql/db.h"

struct facts_relay {
	const char *name;
	const char *helo;
	const char **addresses; /* ends with NULL */
};

struct facts_key {
	long long id;
	const char *selector;
	const char *algorithm; /* rsa-sha256, ed25519-sha256 */
	int bits;
	const unsigned char *public_key;
	size_t public_key_size;
	const char *publish; /* txt, cname, ns */
	const char *state;   /* as dkim_key_state() says */
	bool standby;
};

struct facts_sender {
	const char *address;
	const char *display_name; /* NULL: none */
	const char *reply_to;     /* NULL: none */
	const char *url;          /* NULL: tied to no site */
	const char *audience;
};

struct facts_domain {
	long long id;
	const char *name;
	long long client_id;
	const char *client;          /* its short name */
	const char *mode;            /* hosted, relayed, direct, on-premises */
	const char *envelope_domain; /* NULL: the domain itself */
	bool dkim;
	const char *publish;
	const char *const *slots;   /* selectors that point into our zone for good; NULL: none */
	const char *const *pointed; /* names that were seen to lead to us; NULL: none */
	long long smarthost_id;     /* 0: none */
	const char *smarthost;      /* its host; NULL: none */
	int smarthost_port;
	const char *smarthost_tls; /* starttls, implicit */
	const char *smarthost_user;
	const char *waived[PURPOSES]; /* the reason, NULL: not waived */
	struct facts_key *keys;
	size_t key_count;
	struct facts_sender *senders;
	size_t sender_count;
};

struct facts {
	long long provider_id;
	const char *provider; /* short name */
	const char *title;
	const char *hosting_domain;
	const char *default_sender;
	const char *spf_host;
	const char *language;
	const char *contact;             /* NULL: none */
	const char *const *name_servers; /* of our own zones; NULL: none named */
	const char *key_label;           /* the label of a name delegated to us: "lms" */
	const char *dmarc_report;        /* where DMARC reports shall go; NULL: nobody is asked */
	struct facts_relay *relays;
	size_t relay_count;
	struct facts_domain *domains; /* by name */
	size_t domain_count;
};

struct facts_client {
	const char *name;
	const char *title;
	const char *language;
	const char *contact;  /* NULL: none */
	const char *reply_to; /* NULL: none */
};

bool facts_client_load(struct db *db, struct arena *arena, const struct scope *scope,
                       struct facts_client *client, struct err *err) CHECKED;

/* All that lies in the scope: a domain, a client's domains, or a provider's. */
bool facts_load(struct db *db, struct arena *arena, const struct scope *scope, struct facts *facts,
                struct err *err) CHECKED;

/* Domains by their number in the database. */
struct facts_list {
	long long *ids;
	size_t count;
};

/* The domains that lie in the scope, by name; to be loaded in portions. */
bool facts_scope(struct db *db, struct arena *arena, const struct scope *scope,
                 struct facts_list *list, struct err *err) CHECKED;

/* These domains of a provider; one that was retired meanwhile is left out. */
bool facts_load_some(struct db *db, struct arena *arena, long long provider, const long long ids[],
                     size_t count, struct facts *facts, struct err *err) CHECKED;

#pragma once

/*
 * requirement -- one thing that must be true before a sender's mail arrives:
 * a DNS record, or a fact, who owes it, and what is to be done about it.
 *
 * core/plan makes lists of them, core/verify looks at the world for each,
 * core/handover writes them on a sheet, `record list` prints them.  Pure.
 *
 * Owner: texts and the list live in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/tree.h"

enum purpose {
	PURPOSE_SPF,  /* the relay may send for the sender domain */
	PURPOSE_DKIM, /* the signing key's record */
	PURPOSE_DMARC,
	PURPOSE_MAILFROM,  /* a MAIL FROM subdomain of its own: its SPF and MX */
	PURPOSE_SMARTHOST, /* the customer's submission server */
	PURPOSE_SITE,      /* the URL under which the product is used */
	PURPOSE_RETURN,    /* replies and bounces to the domain find a server */
	PURPOSES,
};

enum requirement_owner { OWNER_CUSTOMER, OWNER_PROVIDER, OWNERS };

enum requirement_action { ACTION_ADD, ACTION_REPLACE, ACTION_DELETE, ACTION_KEEP, ACTIONS };

struct requirement {
	const char *domain; /* the sender domain it serves */
	enum purpose purpose;
	enum requirement_owner owner;
	enum requirement_action action;
	bool required;      /* false: recommended */
	const char *waived; /* the reason why it is done without; NULL */
	const char *name;   /* where the record stands; "host:port"; a host */
	const char *type;   /* TXT, CNAME, MX, A, AAAA, PTR; SMTP or URL for facts */
	long ttl;
	const char *value;    /* one joined line; of ACTION_DELETE: what goes */
	const char *present;  /* ACTION_REPLACE: what stands there today; NULL unknown */
	const char *addition; /* SPF: the term that authorises us */
	const char *selector; /* DKIM */
	long long key_id;     /* DKIM; 0: none */
	const char *note;     /* one sentence for people, translated; NULL */
};

struct requirement_list {
	struct requirement *items;
	size_t count;
	size_t room;
};

/* A new zeroed requirement at the end; valid until the next one is added. */
struct requirement *requirement_add(struct arena *arena, struct requirement_list *list);

/* "spf", "customer", "add"; the words of JSON and of the database. */
const char *requirement_purpose(enum purpose purpose);
const char *requirement_owner(enum requirement_owner owner);
const char *requirement_action(enum requirement_action action);

/* PURPOSES when the word is none. */
enum purpose requirement_purpose_find(const char *word);

/* A record in DNS, and not a fact of another kind. */
bool requirement_is_record(const struct requirement *requirement);

/* The stable JSON of product.md; TXT values also as strings of at most 255 octets. */
struct tree *requirement_tree(struct arena *arena, const struct requirement *requirement);

#pragma once

/*
 * sender -- an address of a client that our product sends as.
 *
 * The first sender of a domain brings the domain: whose it is and its mode,
 * which all its senders share.
 *
 * Failure: as noun; ERR_CONFLICT naming whose the domain or the address is,
 *          ERR_REFUSED for what cannot work in that mode.
 */

#include "core/model/noun.h"

enum sender_field {
	SENDER_DISPLAY_NAME,
	SENDER_REPLY_TO,
	SENDER_SITE,
	SENDER_LOGINS,
	SENDER_FIELDS
};

extern const struct noun sender_noun;

/* URL or host of one of the client's sites -> what is said of SENDER_SITE; "" clears. */
bool sender_site(struct db *db, struct arena *arena, const struct noun_one *client,
                 const char *site, const char **said, struct err *err) CHECKED;

/* Names of logins of the client -> what is said of SENDER_LOGINS.  A single ""
 * means none listed, that is: all of the client's may use it. */
bool sender_logins(struct db *db, struct arena *arena, const struct noun_one *client,
                   const char *const names[], size_t count, const char **said,
                   struct err *err) CHECKED;

struct sender_wish {
	const char *address;
	const char *mode;        /* NULL: as the domain has it */
	const char *smarthost;   /* HOST[:PORT]; NULL: the client's only one */
	const char *const *said; /* by sender_field */
	const char *why;
};

/* With its domain, when that is new. */
bool sender_add(struct db *db, struct arena *arena, const struct noun_one *client,
                const struct sender_wish *wish, struct noun_one *one, struct err *err) CHECKED;

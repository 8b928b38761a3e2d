#pragma once

/*
 * import_field -- what one row of a file of clients can say.
 *
 * One table for both formats: the header of a CSV file names fields of it, and
 * the maps of a JSON file are broken into rows of them.  A row says something
 * about one client: about itself, one of its sites, senders, domains, logins
 * or smarthosts, or (in CSV) about several of them at once.
 *
 * Owner:   texts of a row belong to its reader and live until it returns;
 *          checked values live in the arena that was passed in.
 * Failure: ERR_INPUT with what is wrong with the value.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum import_field {
	IMPORT_CLIENT,
	IMPORT_TITLE,
	IMPORT_LANGUAGE,
	IMPORT_CONTACT,
	IMPORT_REPLY_TO,
	IMPORT_SITE,
	IMPORT_AUDIENCE,
	IMPORT_SENDER,
	IMPORT_DISPLAY_NAME,
	IMPORT_SENDER_REPLY_TO,
	IMPORT_LOGINS, /* separated by blanks, commas or semicolons */
	IMPORT_DOMAIN,
	IMPORT_MODE,
	IMPORT_ENVELOPE_DOMAIN,
	IMPORT_DKIM,
	IMPORT_DKIM_PUBLISH,
	IMPORT_SMARTHOST, /* [USER@]HOST[:PORT] */
	IMPORT_TLS,
	IMPORT_CA,
	IMPORT_FIELDS,
};

struct import_row {
	long long place;                  /* where: the reader can say it in words */
	const char *value[IMPORT_FIELDS]; /* NULL: not said; "": said to be none */
	size_t length[IMPORT_FIELDS];
};

/* The name in a CSV header; NULL for a field that only JSON has. */
const char *import_field_column(enum import_field field);

/* The word for it in messages and findings of the database: as in a header. */
const char *import_field_word(enum import_field field);

/* By that word; IMPORT_FIELDS when there is none. */
enum import_field import_field_find(const char *word);

/* The field that must be said too when this one is; itself when none. */
enum import_field import_field_needs(enum import_field field);

/* "" is allowed: the value is taken away. */
bool import_field_clearable(enum import_field field);

/* The value as the database wants it; length > 0. */
bool import_field_check(enum import_field field, struct arena *arena, const char *text,
                        size_t length, const char **made, struct err *err) CHECKED;

/* The parts of a smarthost that passed the check; user NULL when not given. */
struct import_smarthost {
	const char *user;
	const char *host;
	const char *port;
};
void import_field_smarthost(struct arena *arena, const char *checked,
                            struct import_smarthost *smarthost);

/* The host in a URL that passed the check. */
const char *import_field_host(struct arena *arena, const char *url);

#pragma once

/*
 * label -- what people name things: titles, short names, logins, URLs.
 *
 * The same rules as the schema's domains short_name, label and its CHECKs on
 * logins and URLs, said with a column before the database says them without.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: ERR_INPUT with the column, counted in characters from 1.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum {
	LABEL_OCTETS = 1000,
	LABEL_NAME_OCTETS = 63,
	LABEL_LOGIN_OCTETS = 128,
	LABEL_URL_OCTETS = 2000
};

/* A title, an audience, a display name: UTF-8 without controls and without
 * characters that cannot be seen (direction marks turn "cod.exe" around). */
bool label_parse(struct arena *arena, const char *text, size_t length, const char **label,
                 struct err *err) CHECKED;

/* What a client, a provider or a relay is called on the command line. */
bool label_name(struct arena *arena, const char *text, size_t length, const char **name,
                struct err *err) CHECKED;

/* An account: a submission login, an AUTH user. */
bool label_login(struct arena *arena, const char *text, size_t length, const char **login,
                 struct err *err) CHECKED;

/* http:// or https://, a host in any form, the rest in visible ASCII.  The
 * host comes back as lower-case A-labels, in `url` as well. */
bool label_url(struct arena *arena, const char *text, size_t length, const char **url,
               const char **host, struct err *err) CHECKED;

#pragma once

/*
 * domain -- a sender domain: whose it is, its one mode, its one smarthost, and
 * what is published for it.
 *
 * It comes with its first sender (core/model/sender), is shared with a second
 * client by an explicit word only, and keeps its waivers: requirements that
 * somebody decided to do without, with the reason.
 *
 * Failure: as noun; ERR_CONFLICT where a share or waiver is there, or is not.
 */

#include "core/model/noun.h"

enum domain_field {
	DOMAIN_MODE,
	DOMAIN_SMARTHOST, /* its id; see domain_smarthost() */
	DOMAIN_ENVELOPE_DOMAIN,
	DOMAIN_DKIM,
	DOMAIN_DKIM_PUBLISH,
	DOMAIN_ROTATE_EVERY,
	DOMAIN_FIELDS,
};

extern const struct noun domain_noun;

/* HOST[:PORT] of the client -> what is said of DOMAIN_SMARTHOST; "" clears. */
bool domain_smarthost(struct db *db, struct arena *arena, const char *provider, const char *client,
                      const char *host, const char **said, struct err *err) CHECKED;

/* Let a client of the same provider have senders in it, or no longer. */
bool domain_share(struct db *db, struct arena *arena, const struct noun_one *domain,
                  const struct noun_one *client, const char *why, struct err *err) CHECKED;
bool domain_unshare(struct db *db, struct arena *arena, const struct noun_one *domain,
                    const struct noun_one *client, const char *why, struct err *err) CHECKED;

bool domain_waive(struct db *db, struct arena *arena, const struct noun_one *domain,
                  const char *purpose, const char *reason, struct err *err) CHECKED;
bool domain_unwaive(struct db *db, struct arena *arena, const struct noun_one *domain,
                    const char *purpose, const char *why, struct err *err) CHECKED;

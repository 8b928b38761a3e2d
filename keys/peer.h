#pragma once

/*
 * peer -- who sits at the other end of the socket, and what he may ask.
 *
 * The kernel says the uid and gid (SO_PEERCRED); nothing the peer sends does.
 * Root and the service's own user may do everything.  Others only when they
 * are named, by --allow-uid or by a line of the peers file:
 *
 *	user  NAME-OR-UID   OPERATION,OPERATION,...   PROVIDER,PROVIDER,... | *
 *	group NAME-OR-GID   *                         *
 *
 * OPERATION is a name of keys/operation.c: generate, bundle, ...; # begins a comment.  The file must belong to root or
 * to the service's user, and nobody else may write it.
 *
 * Owner:   texts live in the arena of struct peers.
 * Failure: ERR_INPUT with line; ERR_REFUSED for a file that others can write.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"

enum { PEER_RULES = 256, PEER_GROUPS = 64 };

struct peer_rule {
	bool group;
	unsigned id;
	const char *operations; /* "*" or a comma-separated list */
	const char *providers;
};

struct peers {
	struct arena arena;
	struct peer_rule rules[PEER_RULES];
	size_t count;
};

struct peer {
	uid_t uid;
	gid_t gid;
	gid_t groups[PEER_GROUPS]; /* and these, at the time of connecting */
	size_t group_count;
	char name[64]; /* of the user, for the event; the number if he has none */
};

bool peers_allow_uid(struct peers *peers, const char *uid, struct err *err) CHECKED;
bool peers_read(struct peers *peers, const char *path, struct err *err) CHECKED;
void peers_drop(struct peers *peers);

/* Who is it?  False when the kernel does not say. */
bool peer_look(int socket, struct peer *peer, struct err *err) CHECKED;

/* Root, or the service's own user? */
bool peer_is_owner(const struct peer *peer);

/* May he talk to us at all? */
bool peer_known(const struct peers *peers, const struct peer *peer);

/* May he ask this?  `provider` is a short name; NULL: it concerns none. */
bool peer_may(const struct peers *peers, const struct peer *peer, const char *operation,
              const char *provider);

#pragma once

/*
 * keyd_answer -- the operations of the key service, one function each.
 *
 * A question is a JSON map (keys/protocol.h), checked here field by field; the
 * answer is filled in.  Making a key takes a second: it is begun here, cast by
 * the foundry, and ended here.
 *
 * Owner:   struct keyd belongs to keyd.c's main().
 * Failure: the error goes back to the caller as it is.
 * Secrets: they pass through in struct secret, and never into an answer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "keys/envoy.h"
#include "keys/foundry.h"
#include "keys/key_store.h"
#include "keys/peer.h"
#include "keys/protocol.h"
#include "keys/vault.h"

struct keyd {
	struct vault vault;
	struct key_store store;
	struct peers peers;
	struct foundry foundry;
	struct envoy envoy;
	uint8_t signer[32]; /* public half of the bundle signer */
	bool signer_known;
	bool locked_memory;
	long long made;
	long long waiting;
};

/* What a question of any kind says first, and who asked. */
struct asked {
	struct key_request request;
	char actor[96];
};

/* A key that was asked for. */
struct key_wish {
	struct asked asked;
	long long domain_id;
	enum keypair_kind kind;
	int bits;
	bool standby;
};

/* The master key belongs to this database, and the bundle signer exists. */
bool keyd_answer_setup(struct keyd *keyd, struct err *err) CHECKED;

bool keyd_answer_status(struct keyd *keyd, struct tree *answer, struct err *err) CHECKED;

/* *done: it was answered before; otherwise order a pair and call the second. */
bool keyd_answer_generate(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                          struct key_wish *wish, struct tree *answer, bool *done,
                          struct err *err) CHECKED;
bool keyd_answer_generated(struct keyd *keyd, const struct key_wish *wish,
                           const struct keypair *pair, struct tree *answer,
                           struct err *err) CHECKED;

bool keyd_answer_password(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                          const struct protocol_fds *fds, struct tree *answer,
                          struct err *err) CHECKED;
bool keyd_answer_enrol(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                       struct tree *answer, struct err *err) CHECKED;
bool keyd_answer_bundle(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                        const struct protocol_fds *fds, struct tree *answer,
                        struct err *err) CHECKED;
bool keyd_answer_destroy(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                         struct tree *answer, struct err *err) CHECKED;

/* Begin a login with a stored password; what came of it is read from *visit
 * (keys/envoy.h). */
bool keyd_answer_login(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                       const struct protocol_fds *fds, int *visit, struct err *err) CHECKED;

/* Sign what is told to a webhook; changes nothing. */
bool keyd_answer_notice(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                        struct tree *answer, struct err *err) CHECKED;

/* What all of them begin with: provider, request uuid, and may he?  `detail`
 * are the parameters that give the request its meaning. */
bool keyd_asked(struct keyd *keyd, const struct peer *peer, const struct tree *question,
                const char *detail, struct asked *asked, struct err *err) CHECKED;

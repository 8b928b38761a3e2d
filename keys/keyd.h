#pragma once

/*
 * keyd -- what the key service holds, and what one question to it is.
 *
 * Owner:   struct keyd belongs to senderkeyd's main(); a call to the loop.
 * Failure: ERR_INPUT for a question that lacks something, ERR_DENIED for a
 *          peer that may not ask, what key_store reports.
 * Secrets: in keyd->vault.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "keys/bundling.h"
#include "keys/chain.h"
#include "keys/confine.h"
#include "keys/envoy.h"
#include "keys/foundry.h"
#include "keys/key_store.h"
#include "keys/master_files.h"
#include "keys/officer_list.h"
#include "keys/peer.h"
#include "keys/pool.h"
#include "keys/protocol.h"
#include "keys/prover.h"
#include "keys/rewrap.h"
#include "keys/vault.h"

/* Waits for its passphrase: "status" and "unlock" are all it answers. */
struct keyd_seal {
	bool sealed;
	int wrong;        /* passphrases in a row */
	int64_t patience; /* clock_ticks() before which no other is tried */
};

struct keyd {
	struct vault vault;
	struct master_files masters;
	struct keyd_seal seal;
	struct rewrap rewrap;
	struct key_store store;
	struct peers peers;
	struct foundry foundry;
	struct envoy envoy;
	struct chain chain;
	struct pool pool;
	struct prover prover;
	struct officer_list officers; /* whom root allows */
	uint8_t signer[32];           /* public half of the bundle signer */
	bool signer_known;
	bool locked_memory;
	struct confinement confinement;
	long long made;
	long long waiting;
	bool alive;       /* the database was there, ... */
	long long pooled; /* ... with so many keys waiting, ... */
	int64_t alive_at; /* ... at this clock_ticks(); many ask for the status at once */
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
	bool imported; /* from `text`; kind and bits are what it holds */
	char selector[64];
	struct secret text;
};

/* What an answer has to wait for. */
enum call_later {
	CALL_AT_ONCE,
	CALL_CAST,  /* the foundry makes call->wish */
	CALL_VISIT, /* a process at a customer's server; call->visit */
	CALL_BUNDLE /* call->bundling, portion by portion */
};

/* One question, and the answer while it is filled in. */
struct call {
	struct keyd *keyd;
	const struct peer *peer;
	const struct tree *question;
	const struct protocol_fds *fds;
	struct tree *answer;
	enum call_later later;
	struct key_wish wish;
	int visit; /* keys/envoy.h */
	struct bundling *bundling;
};

/* Only root and the service's own user may ask for this. */
bool keyd_owner_only(const struct call *call, struct err *err) CHECKED;

/* The master key belongs to this database, and the bundle signer exists. */
bool keyd_setup(struct keyd *keyd, struct err *err) CHECKED;

/* The same, if it was not done yet: for operations that also work without. */
bool keyd_ready(struct keyd *keyd, struct err *err) CHECKED;

/* What all operations begin with: provider, request uuid, and may he?
 * `detail` are the parameters that give the request its meaning. */
bool keyd_asked(const struct call *call, const char *detail, struct asked *asked,
                struct err *err) CHECKED;

/* The same without the last question, for who asks keyd_may() himself. */
bool keyd_ask(const struct call *call, const char *detail, struct asked *asked,
              struct err *err) CHECKED;
bool keyd_may(const struct keyd *keyd, const struct peer *peer, const char *operation,
              const char *provider, struct err *err) CHECKED;

/* A field of the question that must be a positive number. */
bool keyd_number(const struct call *call, const char *name, long long *number,
                 struct err *err) CHECKED;

/* As hex. */
void keyd_put_bytes(struct tree *answer, const char *name, const void *bytes, size_t size);

#pragma once

/*
 * operation -- what the key service can be asked for: one file and one row each.
 *
 * A question is a JSON map (keys/protocol.h), checked by its operation field
 * by field; the answer is filled in.  An operation that takes long is only
 * begun here: it says in call->later what has to come to an end first.
 *
 * Failure: the error goes back to the caller as it is.
 * Secrets: they pass through in struct secret, and never into an answer.
 */

#include <stdbool.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "keys/keyd.h"

typedef bool (*operation_fn)(struct call *call, struct err *err);

/* Without it, it is refused. */
enum operation_needs {
	NEEDS_NOTHING,  /* answered even while the service is sealed */
	NEEDS_MASTER,   /* the master key, but no database */
	NEEDS_DATABASE, /* both */
};

struct operation {
	const char *name; /* "op" of the question, and in the peers file */
	enum operation_needs needs;
	enum call_later later; /* what it may have to wait for */
	operation_fn answer;
};

/* NULL: there is none of that name. */
const struct operation *operation_find(const char *name);

bool op_bundle(struct call *call, struct err *err) CHECKED;
bool op_destroy(struct call *call, struct err *err) CHECKED;
bool op_enrol(struct call *call, struct err *err) CHECKED;
bool op_escrow_answer(struct call *call, struct err *err) CHECKED;
bool op_escrow_ask(struct call *call, struct err *err) CHECKED;
bool op_escrow_make(struct call *call, struct err *err) CHECKED;
bool op_escrow_reissue(struct call *call, struct err *err) CHECKED;
bool op_escrow_verify(struct call *call, struct err *err) CHECKED;
bool op_generate(struct call *call, struct err *err) CHECKED;
bool op_history(struct call *call, struct err *err) CHECKED;
bool op_import(struct call *call, struct err *err) CHECKED;
bool op_login(struct call *call, struct err *err) CHECKED;
bool op_master_retire(struct call *call, struct err *err) CHECKED;
bool op_master_rotate(struct call *call, struct err *err) CHECKED;
bool op_master_status(struct call *call, struct err *err) CHECKED;
bool op_notice(struct call *call, struct err *err) CHECKED;
bool op_officer_add(struct call *call, struct err *err) CHECKED;
bool op_officer_confirm(struct call *call, struct err *err) CHECKED;
bool op_officer_retire(struct call *call, struct err *err) CHECKED;
bool op_password(struct call *call, struct err *err) CHECKED;
bool op_status(struct call *call, struct err *err) CHECKED;
bool op_unlock(struct call *call, struct err *err) CHECKED;

/* What making and taking in a key begin with: may he, was it done before, could
 * it be done at all?  *done: it was, or a key from the pool is his; answered. */
bool op_generate_look(struct call *call, bool *done, struct err *err) CHECKED;

/* The second half of op_generate() and op_import(): the pair is there. */
bool op_generated(struct keyd *keyd, const struct key_wish *wish, const struct keypair *pair,
                  struct tree *answer, struct err *err) CHECKED;

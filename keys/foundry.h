#pragma once

/*
 * foundry -- where keys are cast: a process that never saw the master key.
 *
 * RSA is the only slow thing we do, and OpenSSL the only library here that
 * handles private numbers in memory we do not control.  So a process is forked
 * before any secret is read; it forks one child per key, which makes the pair,
 * seals it to a one-time transport key, and ends: what was in its memory is
 * gone with it, and all cores work while the service answers others.
 *
 * Owner:   the service holds one struct foundry.
 * Failure: ERR_SYSTEM; a child that died never delivers: its cast has a deadline.
 * Secrets: the transport key, one per cast; the pair, opened by foundry_take().
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/helper.h"
#include "keys/key_text.h"
#include "keys/keypair.h"
#include "keys/secret.h"

struct foundry {
	struct helper helper; /* its socket is readable when a cast is finished */
};

/* Fork it.  Call before secrets are read, sockets are opened or threads run. */
bool foundry_start(struct foundry *foundry, struct err *err) CHECKED;
void foundry_stop(struct foundry *foundry);

/* One key under way.  {0} is empty; drop it in any case. */
struct cast {
	uint64_t number;
	struct secret transport;
	int64_t deadline; /* clock_ticks(): nothing takes that long */
};

/* Ask for a pair; the answer comes later, on the socket, under cast->number.
 * `quiet`: nobody waits for it, it takes only time that nobody else wants. */
bool foundry_order(struct foundry *foundry, enum keypair_kind kind, int bits, bool quiet,
                   struct cast *cast, struct err *err) CHECKED;
/* The same for a pair that somebody else made: read this text, in a process
 * that is locked in. */
bool foundry_read(struct foundry *foundry, const struct secret *text, struct cast *cast,
                  struct err *err) CHECKED;
void cast_drop(struct cast *cast);

/* Read what the socket has: whose it is.  The box stays inside *delivery. */
enum { FOUNDRY_BOX = KEYPAIR_PKCS8 + 64 };
struct delivery {
	uint64_t number;
	uint32_t public_size;
	uint32_t box_size; /* 0: it failed */
	int32_t fault;     /* of a text: enum key_text_fault */
	int32_t kind;      /* what it is: enum keypair_kind */
	int32_t bits;
	unsigned char public_key[KEYPAIR_PUBLIC];
	unsigned char box[FOUNDRY_BOX];
};
bool foundry_receive(struct foundry *foundry, struct delivery *delivery, struct err *err) CHECKED;

/* Open the box of a delivery with its cast's transport key. */
bool foundry_take(const struct cast *cast, const struct delivery *delivery, struct keypair *pair,
                  struct err *err) CHECKED;

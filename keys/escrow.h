#pragma once

/*
 * escrow -- a provider's key, split so that k of n officers bring it back.
 *
 * No arithmetic over fields to get wrong: for every k of the n officers there
 * is a split of its own, k-1 random parts and the key XORed with them all.  A
 * part alone is a random number; fewer than k officers know nothing.  That
 * makes k * C(n,k) parts for one key, each sealed to its officer:
 *
 *	share = crypto_box_seal(plain), 155 octets
 *	plain =  0  format u8 = 1
 *	         1  k u8          how many of a quorum must speak
 *	         2  index u8      which of them this is, from 0
 *	         3  quorum u32    BLAKE2b of the members' public keys, sorted: its companions
 *	         7  provider 16
 *	        23  KEK 16
 *	        39  KEK version u32 BE
 *	        43  part 32
 *	        75  commitment 32
 *
 *	commitment = BLAKE2b-256(key = KEK, "senderctl/kek-commit/v1" || 0 || plain[7..43))
 *
 * An officer who lies is not prevented but noticed, because the key that comes
 * out does not fit its commitment; and found, when another quorum does without
 * him.
 *
 * Owner:   secrets that come out are the caller's.  struct escrow_share points
 *          into guarded memory of the caller's.
 * Failure: ERR_CRYPTO for a share that does not fit; ERR_REFUSED where too few
 *          have spoken; ERR_INPUT for a number of officers that cannot be.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/secret.h"

enum {
	ESCROW_PUBLIC = 32,
	ESCROW_PART = 32,
	ESCROW_COMMIT = 32,
	ESCROW_PLAIN = 107,
	ESCROW_SHARE = 155,
	ESCROW_SHARES = 60, /* of one key, at most; so n is at most 60, and 8 from k = 2 on */
};

/* Which key. */
struct escrow_kek {
	struct uuid provider;
	struct uuid id;
	uint32_t version;
};

void escrow_commit(const struct escrow_kek *name, const struct secret *kek,
                   uint8_t commit[static ESCROW_COMMIT]);

/* k * C(n,k); 0 when there is no such split, or it has more than ESCROW_SHARES. */
size_t escrow_count(size_t officers, size_t quorum);

/* The k-subsets of n officers as bits, in rising order: begin with 0; 0 is the end. */
uint64_t escrow_next_quorum(size_t officers, size_t quorum, uint64_t members);

/* To whom: his public key. */
struct escrow_officer {
	uint8_t key[ESCROW_PUBLIC];
};

/* A part on its way to one officer. */
struct escrow_sealed {
	uint64_t members; /* the quorum: bit i is the i-th officer */
	size_t officer;
	uint8_t bytes[ESCROW_SHARE];
};

/* `shares` has room for escrow_count(). */
bool escrow_split(const struct escrow_kek *name, const struct secret *kek,
                  const struct escrow_officer officers[], size_t count, size_t quorum,
                  struct escrow_sealed shares[], struct err *err) CHECKED;

/* What one officer knows. */
struct escrow_share {
	struct escrow_kek kek;
	uint8_t threshold;
	uint8_t index;
	uint32_t quorum;
	const uint8_t *part; /* ESCROW_PART octets */
	uint8_t commit[ESCROW_COMMIT];
};

void escrow_render(const struct escrow_share *share, uint8_t plain[static ESCROW_PLAIN]);
bool escrow_parse(const uint8_t plain[static ESCROW_PLAIN], struct escrow_share *share,
                  struct err *err) CHECKED;

/* The officer's side: open a share with his key pair; `plain` has ESCROW_PLAIN
 * octets of guarded memory. */
bool escrow_open(const uint8_t sealed[static ESCROW_SHARE],
                 const uint8_t public_key[static ESCROW_PUBLIC], const struct secret *secret_key,
                 uint8_t plain[static ESCROW_PLAIN], struct err *err) CHECKED;

/* What was said, and by which officer. */
struct escrow_voice {
	size_t officer; /* 0 .. 63 */
	struct escrow_share share;
};

struct escrow_verdict {
	uint64_t honest;  /* members of a quorum that gave the key back */
	uint64_t suspect; /* members of quorums that did not, as far as none of those clears them */
	size_t threshold; /* how many must speak, if anybody said so */
};

/* Try every quorum whose members all spoke.  True as soon as one gives the key
 * that fits `commit`; *verdict is set in any case. */
bool escrow_recover(const struct escrow_kek *name, const uint8_t commit[static ESCROW_COMMIT],
                    const struct escrow_voice voices[], size_t count, struct secret *kek,
                    struct escrow_verdict *verdict, struct err *err) CHECKED;

#pragma once

/*
 * envelope -- how a secret lies in the database: sealed, and bound to its row.
 *
 *	 0  'S' 'K' 'E' 0x01     format version
 *	 4  suite u8 = 1         XChaCha20-Poly1305
 *	 5  kind u8              what is inside (enum envelope_kind)
 *	 6  0 0                  must be zero
 *	 8  kek_id 16            the key that sealed it
 *	24  kek_ver u32 BE
 *	28  nonce 24             random: no counter to lose in a crash
 *	52  commit 32            makes the envelope key- and context-committing
 *	84  ciphertext || tag 16
 *
 *	okm(64) = BLAKE2b-512(key = KEK, "senderctl/ske/v1" || header[0..52) || CTX)
 *	aead_key = okm[0..32), commit = okm[32..64), AAD = header[0..84)
 *
 * CTX is a list of tag u8, length u32 BE, bytes: whose secret this is.  Tags
 * and lengths, not mere concatenation: ("...com", "s2026a") is not
 * ("...coms", "2026a").
 *
 * The opener is told key, version and kind by the columns of the row and
 * demands that the header says the same: a header cannot choose its key.
 *
 * Failure: ERR_CRYPTO.  A commitment that does not fit says "belongs to
 *          another row or key"; a tag that does not fit says "damaged".
 * Secrets: what comes out is a struct secret; what goes in is one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/secret.h"

enum {
	ENVELOPE_HEADER = 84,
	ENVELOPE_OVERHEAD = 100, /* header and tag */
	ENVELOPE_NONCE = 24,
	ENVELOPE_KEY = 32,
	ENVELOPE_CONTEXT = 1024,
};

/* Stored for ever in rows: never renumber. */
enum envelope_kind {
	ENVELOPE_DKIM = 1,      /* PKCS#8 of a signing key */
	ENVELOPE_KEK = 2,       /* a provider's key, under the master key */
	ENVELOPE_SMARTHOST = 3, /* the password of a customer's server */
	ENVELOPE_SIGNING = 4,   /* the key that signs bundles, under the master key */
	ENVELOPE_POOL = 5,      /* a key made in advance, not yet anybody's */
	ENVELOPE_ESCROW = 6     /* the key that officers' answers are sealed to */
};

/* Tags of the context; also for ever. */
enum envelope_tag {
	TAG_PROVIDER = 1,
	TAG_CLIENT = 2,
	TAG_DOMAIN = 3, /* lower-case A-labels, no final dot */
	TAG_SELECTOR = 4,
	TAG_ALGORITHM = 5, /* u8: 1 RSA, 2 Ed25519 */
	TAG_KEY = 6,       /* uuid of the row */
	TAG_VERSION = 7,   /* u32 BE */
	TAG_PUBLIC = 8,    /* BLAKE2b-256 of the public key */
	TAG_SMARTHOST = 9,
	TAG_PURPOSE = 10 /* a word, where nothing else tells rows apart */
};

struct envelope_context {
	unsigned char bytes[ENVELOPE_CONTEXT];
	size_t size;
	bool too_long; /* sealing and opening refuse it then */
};

void envelope_context_add(struct envelope_context *context, enum envelope_tag tag,
                          const void *bytes, size_t size);
void envelope_context_uuid(struct envelope_context *context, enum envelope_tag tag,
                           const struct uuid *uuid);
void envelope_context_number(struct envelope_context *context, enum envelope_tag tag,
                             uint32_t number);
void envelope_context_text(struct envelope_context *context, enum envelope_tag tag,
                           const char *text);

/* The key that seals, and its name. */
struct envelope_key {
	const struct secret *key; /* ENVELOPE_KEY bytes */
	struct uuid id;
	uint32_t version;
};

/* `out` has room for plain->size + ENVELOPE_OVERHEAD bytes. */
bool envelope_seal(const struct envelope_key *key, enum envelope_kind kind,
                   const struct envelope_context *context, const struct secret *plain,
                   unsigned char *out, struct err *err) CHECKED;

/* The same with a given nonce: for known answers, never for life. */
bool envelope_seal_nonce(const struct envelope_key *key, enum envelope_kind kind,
                         const struct envelope_context *context, const struct secret *plain,
                         const uint8_t nonce[static ENVELOPE_NONCE], unsigned char *out,
                         struct err *err) CHECKED;

/* *plain must be empty. */
bool envelope_open(const struct envelope_key *key, enum envelope_kind kind,
                   const struct envelope_context *context, const unsigned char *sealed, size_t size,
                   struct secret *plain, struct err *err) CHECKED;

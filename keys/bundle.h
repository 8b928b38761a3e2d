#pragma once

/*
 * bundle -- secrets on their way to one relay: signed, then sealed to it.
 *
 *	file   = "SKB" 0x01
 *	         box      80   crypto_box_seal of the stream key (32), to the relay's X25519 key
 *	         stream   24   header of secretstream XChaCha20-Poly1305
 *	         chunk*        length u32 BE, then that many octets of ciphertext
 *	chunk  = a piece of plaintext: the head, then entries, then (tag FINAL) the signature
 *	head   = version u8 1, relay uuid 16, generation uuid 16, sequence u64, made u64,
 *	         not-after u64 (seconds since 1970), digest of the export tree 32, entries u32
 *	entry  = kind u8, format u8, owner u8, 0, mode u32, then path, prefix and content,
 *	         each as length u32 and octets
 *	signature = Ed25519ph over "SKB" 0x01, the relay's X25519 key, and every chunk
 *	         before it as length u32 and octets
 *
 * Anyone can seal to a public key, so only the signature says where it came
 * from; the relay's key inside it keeps a bundle for one relay from being
 * sealed again for another; the sequence keeps an old one out.
 *
 * A relay reads twice: the first pass only verifies, the second delivers, with
 * the stream key of the first.  What was exchanged in between does not decrypt.
 * Both passes need constant memory, however many entries there are.
 *
 * Owner:   writer and reader hold secrets; drop them.  Descriptors stay the caller's.
 * Failure: ERR_CRYPTO; ERR_REFUSED for a bundle that is genuine and not for us,
 *          too old or overtaken; ERR_SYSTEM.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/identity.h"
#include "keys/secret.h"

enum { BUNDLE_DIGEST = 32, BUNDLE_PATH = 512, BUNDLE_PREFIX = 2048, BUNDLE_CONTENT = 8192 };

enum bundle_kind { BUNDLE_KEY = 1, BUNDLE_PASSWORD = 2, BUNDLE_TEXT = 3 };
enum bundle_format { BUNDLE_PEM = 1, BUNDLE_RSPAMD = 2, BUNDLE_RAW = 3, BUNDLE_LINE = 4 };
enum bundle_owner { BUNDLE_ROOT = 1, BUNDLE_MTA = 2, BUNDLE_SIGNER = 3, BUNDLE_OWNERS = 4 };

/* "pem" and so on; 0 for a word that is none. */
enum bundle_format bundle_format_find(const char *word);
enum bundle_owner bundle_owner_find(const char *word);

struct bundle_head {
	struct uuid relay;
	struct uuid generation;
	uint64_t sequence;
	uint64_t made;
	uint64_t not_after;
	uint8_t tree[BUNDLE_DIGEST];
	uint32_t entries;
};

struct bundle_entry {
	enum bundle_kind kind;
	enum bundle_format format;
	enum bundle_owner owner;
	uint32_t mode;
	char path[BUNDLE_PATH];
	char prefix[BUNDLE_PREFIX];
	struct secret content;
};

/* May this path stand in a bundle?  Relative, no "..", no empty part, no
 * control characters. */
bool bundle_path_ok(const char *path, struct err *err) CHECKED;

/* ---- writing ---- */

struct bundle_writer {
	int fd;
	uint32_t left;       /* entries still to come */
	struct secret state; /* of stream and signature */
};

/* `relay`: the public identity of the relay; `signer`: 64 bytes, Ed25519. */
bool bundle_write_head(struct bundle_writer *writer, int fd,
                       const uint8_t relay[static IDENTITY_PUBLIC], const struct bundle_head *head,
                       struct err *err) CHECKED;
bool bundle_write_entry(struct bundle_writer *writer, const struct bundle_entry *entry,
                        struct err *err) CHECKED;
bool bundle_write_end(struct bundle_writer *writer, const struct secret *signer,
                      struct err *err) CHECKED;
void bundle_writer_drop(struct bundle_writer *writer);

/* ---- reading ---- */

/* Called for each entry of a verified bundle; *entry is valid during the call. */
typedef bool (*bundle_entry_fn)(struct bundle_entry *entry, void *context, struct err *err);

struct bundle_key {
	struct secret stream; /* stream key and header of a verified bundle */
};

/* First pass, from the beginning of `fd`: is it genuine, whole, and for the
 * identity?  *head and *key are set. */
bool bundle_verify(int fd, const struct identity *identity,
                   const uint8_t signer[static IDENTITY_SIGN], struct bundle_head *head,
                   struct bundle_key *key, struct err *err) CHECKED;

/* Second pass, from the beginning of `fd` again. */
bool bundle_deliver(int fd, const struct bundle_key *key, bundle_entry_fn call, void *context,
                    struct err *err) CHECKED;

void bundle_key_drop(struct bundle_key *key);

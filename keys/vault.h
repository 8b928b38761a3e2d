#pragma once

/*
 * vault -- the hierarchy of keys, as values: no database, no socket.
 *
 *	master key ── "registry-mac"                     authenticates rows, never encrypts
 *	    ├── wraps ── KEK of a provider ── seals ──── private halves, passwords
 *	    └── wraps ── the key that signs bundles
 *
 * What a sealed thing is (struct vault_kek, vault_key, ...) is exactly what
 * its row says; sealing and opening bind all of it.
 *
 * Owner:   secrets that come out are the caller's; sealed bytes live in the
 *          arena that was passed in.
 * Failure: ERR_CRYPTO.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/envelope.h"
#include "keys/keypair.h"
#include "keys/master_key.h"
#include "keys/secret.h"

/* Two masters at once: the newest wraps and authenticates, former ones still
 * open what was not wrapped again yet. */
enum { VAULT_FORMER = 7 };
struct vault_master {
	struct master_key master;
	struct secret registry_mac;
};
struct vault {
	struct master_key master; /* the newest */
	struct secret registry_mac;
	struct vault_master former[VAULT_FORMER];
	size_t former_count;
};

struct sealed {
	const unsigned char *bytes;
	size_t size;
};

/* Takes the master key over (moves it). */
bool vault_open(struct vault *vault, struct master_key *master, struct err *err) CHECKED;
void vault_close(struct vault *vault);

/* One more version of the same master key; the newest of all becomes the one
 * that wraps.  Takes it over.  ERR_CONFLICT for a version that is there. */
bool vault_add_master(struct vault *vault, struct master_key *master, struct err *err) CHECKED;
/* Forget a former version; one that is not there is fine. */
void vault_drop_master(struct vault *vault, uint32_t version);
/* Is it this version that wraps? */
bool vault_is_newest(const struct vault *vault, const struct uuid *master, uint32_t version);
/* Do we have it at all? */
bool vault_knows(const struct vault *vault, const struct uuid *master, uint32_t version);

/* The key of a provider: "provider" for what belongs to it, "pool" for what
 * will. */
struct vault_kek {
	struct uuid provider;
	struct uuid id;
	uint32_t version;
	const char *kind;
	struct uuid master; /* which master key wrapped it */
	uint32_t master_version;
	struct sealed sealed;
};
bool vault_make_kek(const struct vault *vault, const struct uuid *provider, const char *kind,
                    struct arena *arena, struct vault_kek *kek, struct err *err) CHECKED;

/* The key itself, for the escrow alone: out of its row, and back into one. */
bool vault_take_kek(const struct vault *vault, const struct vault_kek *kek, struct secret *key,
                    struct err *err) CHECKED;
bool vault_wrap_kek(const struct vault *vault, struct vault_kek *kek, const struct secret *key,
                    struct arena *arena, struct err *err) CHECKED;

/* A DKIM key as its row names it. */
struct vault_key {
	struct uuid provider;
	struct uuid client;
	const char *domain;
	const char *selector;
	enum keypair_kind kind;
	struct uuid key;
	uint32_t version;
	const unsigned char *public_key;
	size_t public_size;
};
bool vault_seal_key(const struct vault *vault, const struct vault_kek *kek,
                    const struct vault_key *name, const struct secret *pkcs8, struct arena *arena,
                    struct sealed *sealed, struct err *err) CHECKED;
bool vault_open_key(const struct vault *vault, const struct vault_kek *kek,
                    const struct vault_key *name, const struct sealed *sealed, struct secret *pkcs8,
                    struct err *err) CHECKED;

/* A key that nobody owns yet. */
struct vault_pool_key {
	struct uuid provider;
	struct uuid key;
	const unsigned char *public_key;
	size_t public_size;
};
bool vault_seal_pool_key(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_pool_key *name, const struct secret *pkcs8,
                         struct arena *arena, struct sealed *sealed, struct err *err) CHECKED;
bool vault_open_pool_key(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_pool_key *name, const struct sealed *sealed,
                         struct secret *pkcs8, struct err *err) CHECKED;

/* The password of a customer's server. */
struct vault_password {
	struct uuid provider;
	struct uuid client;
	struct uuid smarthost;
	uint32_t version;
};
bool vault_seal_password(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_password *name, const struct secret *password,
                         struct arena *arena, struct sealed *sealed, struct err *err) CHECKED;
bool vault_open_password(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_password *name, const struct sealed *sealed,
                         struct secret *password, struct err *err) CHECKED;

/* The key that signs bundles. */
struct vault_signer {
	struct uuid id;
	uint32_t version;
	uint8_t public_key[32];
	struct uuid master;
	uint32_t master_version;
	struct sealed sealed;
};
bool vault_make_signer(const struct vault *vault, struct arena *arena, struct vault_signer *signer,
                       struct err *err) CHECKED;
/* Seal again under the newest master key, open that and compare, so that
 * nothing is stored that would not come back. */
bool vault_rewrap_kek(const struct vault *vault, struct vault_kek *kek, struct arena *arena,
                      struct err *err) CHECKED;
bool vault_rewrap_signer(const struct vault *vault, struct vault_signer *signer,
                         struct arena *arena, struct err *err) CHECKED;

bool vault_open_signer(const struct vault *vault, const struct vault_signer *signer,
                       struct secret *secret_key, struct err *err) CHECKED;

/* The seal on a row that is public and yet must be ours: whoever writes to the
 * table can't make it.  `label` names the table and its version; made with the
 * newest master key, and good with every one that is known. */
enum { VAULT_MAC = 32 };
struct vault_text {
	const char *label;
	unsigned char bytes[256];
	size_t size;
};
void vault_mac(const struct vault *vault, const struct vault_text *text,
               uint8_t mac[static VAULT_MAC]);
bool vault_mac_fits(const struct vault *vault, const struct vault_text *text,
                    const unsigned char *mac, size_t size);

/* Of a row of relay_key. */
struct vault_relay {
	struct uuid provider;
	struct uuid relay;
	uint32_t version;
	uint8_t public_key[64];
};
void vault_mac_relay(const struct vault *vault, const struct vault_relay *relay,
                     uint8_t mac[static VAULT_MAC]);
bool vault_check_relay(const struct vault *vault, const struct vault_relay *relay,
                       const unsigned char *mac, size_t size, struct err *err) CHECKED;

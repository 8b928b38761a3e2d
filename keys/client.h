#pragma once

/*
 * client -- the one door to the vault: ask senderkeyd.
 *
 * Knows its socket and its operations; knows no cryptography.  Callers name a
 * key and get a public half, a number or a sealed bundle, never private bytes.
 *
 * Everything that changes something carries a request uuid: a caller that
 * died asks again under the same uuid and gets the same answer; the same uuid
 * with other parameters is ERR_CONFLICT.
 *
 * Owner:   cli/session opens and closes; everyone else borrows.
 * Failure: ERR_KEYS when the service is not there or stays silent; else the
 *          service's own code and sentence.
 * Secrets: none pass here.  A password travels as the descriptor of the file
 *          or pipe it stands in, which only the service reads.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/tree.h"
#include "core/base/uuid.h"

struct keys_client;

enum { KEYS_SELECTOR = 64, KEYS_PUBLIC = 600, KEYS_DIGEST = 32, KEYS_FINGERPRINT = 64 };

/* Connect to the Unix socket of the service. */
bool keys_open(struct keys_client **keys, const char *socket, struct err *err) CHECKED;

/* NULL is fine. */
void keys_close(struct keys_client *keys);

struct keys_status {
	char version[32];       /* of the program */
	bool sealed;            /* it waits for its passphrase */
	bool database;          /* it reaches its database */
	bool locked_memory;     /* its pages can't be swapped out */
	bool seccomp;           /* it gave up the system calls that it does not need */
	int landlock;           /* and files, by this version of Landlock; 0: none */
	char master[UUID_TEXT]; /* name of the master key in use */
	int master_version;
	char signing_key[128]; /* "sks1:...", what relays pin */
	long long made;        /* keys made since it was started */
	long long waiting;     /* questions not answered yet */
	long long pool;        /* keys made ahead; -1: not known now */
};
bool keys_status(struct keys_client *keys, struct keys_status *status, struct err *err) CHECKED;

/* The passphrase of the master key, from a descriptor: everything up to its
 * end.  *changed: it was sealed before. */
bool keys_unlock(struct keys_client *keys, int fd, bool *changed, struct err *err) CHECKED;

/* The versions of the master key: { "versions": [{ "master", "version", "newest",
 * "file", "passphrase", "made_at", "retired_at", "keks", "signers", "relays" }],
 * "running", "done", "failed" }.  The caller drops it. */
bool keys_master_status(struct keys_client *keys, struct tree **status, struct err *err) CHECKED;
/* How far wrapping is: the same without "versions", which would have to be counted. */
bool keys_master_progress(struct keys_client *keys, struct tree **status, struct err *err) CHECKED;

/* Make the next version and begin to wrap everything under it; or go on with
 * what was begun (*resumed).  `passphrase_fd` is -1 where the key has none. */
bool keys_master_rotate(struct keys_client *keys, int passphrase_fd, int *version, bool *resumed,
                        struct err *err) CHECKED;

/* Forget a former version; ERR_REFUSED while a row hangs on it.  *credential:
 * its file is not the service's to remove. */
bool keys_master_retire(struct keys_client *keys, int version, bool *credential,
                        struct err *err) CHECKED;

/* A new signing key for a domain. */
struct keys_wish {
	struct uuid request;
	long long provider_id;
	long long domain_id;
	const char *algorithm; /* "rsa-sha256" or "ed25519-sha256" */
	int bits;              /* RSA: 2048, 3072 or 4096; 0 takes 2048 */
	bool standby;          /* a second one, for the day of need */
};

struct keys_made {
	struct uuid key;
	long long key_id;
	char selector[KEYS_SELECTOR];
	unsigned char public_key[KEYS_PUBLIC]; /* as in dkim_key */
	size_t public_size;
	bool repeated; /* this request was answered before */
};

/* Choose a selector, make the key, store it and its event: one transaction of
 * the service, committed when this returns true. */
bool keys_generate(struct keys_client *keys, const struct keys_wish *wish, struct keys_made *made,
                   struct err *err) CHECKED;

/* Many at once, as fast as the service's cores allow.  `call` hears of each,
 * in the order of completion: `made` or, when that one failed, `failed`.
 * Returns false when the conversation broke or `call` said false. */
typedef bool (*keys_made_fn)(size_t index, const struct keys_made *made, const struct err *failed,
                             void *context, struct err *err);
bool keys_generate_all(struct keys_client *keys, const struct keys_wish *wishes, size_t count,
                       keys_made_fn call, void *context, struct err *err) CHECKED;

/* Take in a key that exists: `fd` is its PEM file, which only the service reads. */
struct keys_import_wish {
	struct uuid request;
	long long provider_id;
	long long domain_id;
	const char *selector;
	int fd;
};
bool keys_import(struct keys_client *keys, const struct keys_import_wish *wish,
                 struct keys_made *made, struct err *err) CHECKED;

/* The password of a customer's server: everything up to the end of `fd`, one
 * final newline left out.  The former one is kept as an older version. */
struct keys_secret_wish {
	struct uuid request;
	long long provider_id;
	long long smarthost_id;
	int fd;
};
bool keys_set_secret(struct keys_client *keys, const struct keys_secret_wish *wish, int *version,
                     struct err *err) CHECKED;

/* Accept a relay's public identity ("skr1:...", printed by senderctl-relay
 * keygen).  With `fingerprint` given, another one is refused; the one accepted
 * is copied out. */
struct keys_enrol_wish {
	struct uuid request;
	long long provider_id;
	long long relay_id;
	const char *identity;
	const char *fingerprint; /* what the relay's administrator read out; NULL: not compared */
};
bool keys_enrol_relay(struct keys_client *keys, const struct keys_enrol_wish *wish,
                      char fingerprint[static KEYS_FINGERPRINT], int *version,
                      struct err *err) CHECKED;

/* Seal keys and passwords to a relay.
 *
 * `manifest_fd` is a regular file at its beginning, one line per entry, fields
 * separated by TAB:
 *
 *	key        UUID           PATH  FORMAT  OWNER  MODE
 *	smarthost  UUID           PATH  FORMAT  OWNER  MODE  PREFIX
 *	text       -              PATH  line    OWNER  MODE  PREFIX
 *
 * PATH is relative to the generation folder of the relay; FORMAT is pem
 * (PKCS#8), rspamd (what that program wants: PEM for RSA, one line of base64
 * for Ed25519), raw, or line (PREFIX, the content, a newline; entries of one
 * PATH in the order of the manifest become one file); OWNER is root, mta or
 * signer; MODE is 0600, 0640 or 0440; in PREFIX \t \n \\ stand for TAB,
 * newline and backslash.  A path may not begin with / nor hold .. or a control
 * character.
 *
 * `bundle_fd` is an empty regular file open for reading and writing; nothing in it may be
 * trusted unless this returned true.  `tree` is the digest of the export tree
 * that the bundle belongs to; the relay compares it. */
struct keys_bundle_wish {
	struct uuid request;
	long long provider_id;
	long long relay_id;
	struct uuid generation;
	uint8_t tree[KEYS_DIGEST];
	int lifetime; /* seconds until the relay refuses it; 0 takes seven days */
	int manifest_fd;
	int bundle_fd;
};
struct keys_bundle {
	long long sequence;
	int entries;
	uint8_t digest[KEYS_DIGEST]; /* BLAKE2b-256 of the bundle file */
};
bool keys_make_bundle(struct keys_client *keys, const struct keys_bundle_wish *wish,
                      struct keys_bundle *bundle, struct err *err) CHECKED;

/* Destroy the private half of a key whose life is over (retired, revoked or
 * cancelled). */
struct keys_destroy_wish {
	struct uuid request;
	long long provider_id;
	long long key_id;
};
bool keys_destroy(struct keys_client *keys, const struct keys_destroy_wish *wish,
                  struct err *err) CHECKED;

/* Log in to a customer's server with its stored password, and ask it about the
 * senders of a domain.  `socket` is connected to the registered server, and
 * nothing was said on it; nor is anything said when this fails with
 * ERR_NOT_FOUND (no password is stored), ERR_DENIED or ERR_AGAIN.  *result is
 * a tree of core/wire/smtp_result.h; the caller drops it.  Host, user and the
 * trusted authorities are the registry's and the service's, never the caller's. */
struct keys_login_wish {
	struct uuid request;
	long long provider_id;
	long long smarthost_id;
	long long domain_id;
	const char *test_to; /* send a test mail there; NULL: none */
	int socket;
};
bool keys_probe_login(struct keys_client *keys, const struct keys_login_wish *wish,
                      struct tree **result, struct err *err) CHECKED;

/* Link and sign what happened up to now (keys/event_link.h); `signer` is the key
 * that signs. */
bool keys_seal_history(struct keys_client *keys, long long provider_id,
                       uint8_t signer[static KEYS_DIGEST], struct err *err) CHECKED;

/* Sign a notice for a webhook: Ed25519 over "senderctl/notice/v1", a newline
 * and the text, with the key that signs bundles. */
struct keys_signature {
	uint8_t bytes[64];
	char key[128]; /* "sks1:...", its public half */
};
bool keys_sign_notice(struct keys_client *keys, long long provider_id, const char *text,
                      struct keys_signature *signature, struct err *err) CHECKED;

/* The escrow's operations, which only its commands ask and read: a question
 * under a request uuid of its own; the caller adds fields.  `fd` goes with it,
 * -1: none.  The question is dropped, the answer the caller's. */
struct tree *keys_question(const char *operation, long long provider_id);
bool keys_ask(struct keys_client *keys, struct tree *question, int fd, struct tree **answer,
              struct err *err) CHECKED;

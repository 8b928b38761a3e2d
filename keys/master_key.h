#pragma once

/*
 * master_key -- the key above all keys, in a file that only its owner reads.
 *
 *	 0  'S' 'K' 'M' 0x01
 *	 4  form u8              1 raw, 2 passphrase
 *	 5  0 0 0
 *	 8  id 16
 *	24  version u32 BE
 *	28  made u64 BE          seconds since 1970
 *
 *	raw:         36  key 32
 *	             68  BLAKE2b-128 of all before: finds a damaged disk, nothing more
 *	passphrase:  36  salt 16, passes u32 BE, memory u64 BE (bytes)
 *	             64  nonce 24
 *	             88  XChaCha20-Poly1305(key) 48, AAD = bytes 0..88
 *
 * The passphrase goes through Argon2id13.  Files that ask for less than its
 * MODERATE cost are refused (someone made guessing cheap), and so are files
 * that ask for more memory than MASTER_KEY_MEMORY (someone wants us to choke).
 *
 * Owner:   whoever declared it; give back with master_key_drop().
 * Failure: ERR_REFUSED for a symlink, a foreign owner, or a mode that lets
 *          others read; ERR_CRYPTO for a damaged file or a wrong passphrase;
 *          ERR_NOT_FOUND when there is no file; ERR_CONFLICT when there is one
 *          where a new one should go.
 * Secrets: yes, in `key`.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/secret.h"

enum { MASTER_KEY_SIZE = 32, MASTER_KEY_FILE = 136 /* the longest form */ };
#define MASTER_KEY_MEMORY (1024ULL * 1024 * 1024)

struct master_key {
	struct secret key;
	struct uuid id;
	uint32_t version;
};

/* A fresh one, version 1. */
bool master_key_make(struct master_key *master, struct err *err) CHECKED;

/* The one after `former`: another key, the same id, the next version. */
bool master_key_succeed(const struct master_key *former, struct master_key *master,
                        struct err *err) CHECKED;

/* A new file, mode 0400; never replaces one.  `passphrase` NULL: raw. */
bool master_key_write(const struct master_key *master, const char *path,
                      const struct secret *passphrase, struct err *err) CHECKED;

/* What a file says of itself before it is opened. */
struct master_key_head {
	struct uuid id;
	uint32_t version;
	bool locked; /* it wants a passphrase */
};
bool master_key_look(const struct secret *file, const char *name, struct master_key_head *head,
                     struct err *err) CHECKED;

/* The key in what was read from a file; `name` is for the sentence. */
bool master_key_parse(struct master_key *master, const struct secret *file, const char *name,
                      const struct secret *passphrase, struct err *err) CHECKED;

bool master_key_read(struct master_key *master, const char *path, const struct secret *passphrase,
                     struct err *err) CHECKED;

/* A key for another duty, 32 bytes: "registry-mac", "audit-mac".  The master
 * key itself only wraps; it never authenticates anything. */
bool master_key_derive(const struct master_key *master, const char *duty, struct secret *derived,
                       struct err *err) CHECKED;

void master_key_drop(struct master_key *master);

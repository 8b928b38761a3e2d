#pragma once

/*
 * key_store -- what senderkeyd reads from and writes to its database.
 *
 * Everything here is public or sealed.  A change is one transaction: the key's
 * row, its sealed half, the request and the event are there together or not at
 * all.  The work is repeated when PostgreSQL asks for it, and once more over a
 * new connection when the old one broke: that is safe, because it first looks
 * whether the request was answered before.
 *
 * Owner:   texts and sealed bytes live in the arena that was passed in.
 * Failure: what db reports; ERR_CONFLICT for a request uuid with another
 *          meaning; ERR_NOT_FOUND.
 * Secrets: sealed ones only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/uuid.h"
#include "keys/vault.h"
#include "sql/db.h"

struct key_store {
	const char *conninfo;
	struct db *db; /* NULL: not connected just now */
	int uses;      /* since plans were made ... */
	int replan_at; /* ... and after how many they are made anew */
};

/* Try to connect; false only says that it is not there now. */
bool key_store_connect(struct key_store *store, struct err *err) CHECKED;
void key_store_close(struct key_store *store);

/* Is the database there?  Reconnects if need be. */
bool key_store_alive(struct key_store *store);

/* Run `work` in one transaction, and commit it. */
typedef bool (*key_store_fn)(struct db *db, struct arena *arena, void *context, struct err *err);
bool key_store_run(struct key_store *store, enum db_mode mode, key_store_fn work, void *context,
                   struct err *err) CHECKED;

/* The same for work that begins and commits by itself, with db_begin_find() and
 * db_one_commit(): two journeys to the server.  What it leaves open is rolled back. */
bool key_store_try(struct key_store *store, key_store_fn work, void *context,
                   struct err *err) CHECKED;

/* ---- inside a transaction ---- */

/* Everybody who asks for a change is known by this. */
struct key_request {
	long long provider_id;
	struct uuid uuid;
	const char *operation;
	uint8_t digest[32]; /* of the parameters */
	long long peer_uid;
	const char *actor; /* for the event: "jane (senderkeyd)" */
};

/* *known: it was answered before, and was about subject and version. */
bool key_store_request_find(struct db *db, struct arena *arena, const struct key_request *request,
                            bool *known, long long *subject, int *version, struct err *err) CHECKED;
/* The same of a row with digest, subject_id and subject_version, NULL for no such request. */
bool key_store_read_request(const struct row *row, struct arena *arena,
                            const struct key_request *request, bool *known, long long *subject,
                            int *version, struct err *err) CHECKED;
bool key_store_request_add(struct db *db, struct arena *arena, const struct key_request *request,
                           long long subject, int version, struct err *err) CHECKED;
bool key_store_event(struct db *db, struct arena *arena, const struct key_request *request,
                     long long client_id, const char *subject, const char *what, const char *why,
                     const char *detail, struct err *err) CHECKED;

/* The KEK of a provider that seals new things; made at the first need. */
bool key_store_kek(struct db *db, struct arena *arena, const struct vault *vault,
                   long long provider_id, const struct uuid *provider, const char *kind,
                   long long *kek_id, struct vault_kek *kek, struct err *err) CHECKED;
bool key_store_kek_by_id(struct db *db, struct arena *arena, long long provider_id,
                         long long kek_id, struct vault_kek *kek, struct err *err) CHECKED;

/* The key that signs bundles; made at the first need. */
bool key_store_signer(struct db *db, struct arena *arena, const struct vault *vault,
                      struct vault_signer *signer, struct err *err) CHECKED;

/* Remember the name of a master key that seals here. */
bool key_store_note_master(struct db *db, struct arena *arena, const struct uuid *id,
                           uint32_t version, struct err *err) CHECKED;

/* A row of kek or keyd_key as a value. */
bool key_store_read_kek(const struct row *row, struct arena *arena, struct vault_kek *kek,
                        struct err *err) CHECKED;
/* One of several in a row: its columns begin with `prefix`, but for provider_uuid. */
bool key_store_read_joined_kek(const struct row *row, const char *prefix, struct arena *arena,
                               struct vault_kek *kek, struct err *err) CHECKED;
bool key_store_read_signer(const struct row *row, struct arena *arena, struct vault_signer *signer,
                           struct err *err) CHECKED;

/* A sealed thing and the names it is bound to. */
struct stored_key {
	long long id;
	long long kek_id;
	struct vault_key name;
	struct sealed sealed;
	const char *state;
};
/* keys[i] becomes the one named uuids[i], as many at once as the caller likes:
 * a question to the database costs more than a row of its answer. */
bool key_store_keys(struct db *db, struct arena *arena, long long provider_id,
                    const struct uuid uuids[], struct stored_key keys[], size_t count,
                    struct err *err) CHECKED;
bool key_store_read_key(const struct row *row, struct arena *arena, struct stored_key *key,
                        struct err *err) CHECKED;

struct stored_password {
	long long kek_id;
	struct vault_password name;
	struct sealed sealed;
};
bool key_store_password(struct db *db, struct arena *arena, long long provider_id,
                        const struct uuid *smarthost, struct stored_password *password,
                        struct err *err) CHECKED;

/* A uuid column. */
bool key_store_uuid(const struct row *row, const char *column, struct uuid *uuid,
                    struct err *err) CHECKED;
const char *key_store_uuid_text(struct arena *arena, const struct uuid *uuid);

#pragma once

/*
 * escrow_store -- officers, shares and requests in the database of the service.
 *
 * Everything here runs inside a transaction of key_store_run().
 *
 * Owner:   texts and bytes live in the arena that was passed in.
 * Failure: what db reports; ERR_CRYPTO for a row that we did not make;
 *          ERR_REFUSED where the officers do not suffice.
 * Secrets: sealed ones; a KEK between opening and splitting.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "keys/key_store.h"
#include "keys/officer_list.h"
#include "keys/vault_escrow.h"
#include "sql/db.h"

enum { ESCROW_OFFICERS = 64, ESCROW_KEKS = 10 };

/* Not yet looked at: ours only after vault_escrow_check_officer(). */
struct stored_officer {
	long long id;
	struct vault_officer seal;
	const char *fingerprint; /* of the key, not what the column says */
	const char *added_by;
	const unsigned char *mac;
	size_t mac_size;
};

/* A row of a statement that lists officers. */
bool escrow_store_read_officer(const struct row *row, struct arena *arena,
                               struct stored_officer *officer, struct err *err) CHECKED;

struct stored_officers {
	struct stored_officer items[ESCROW_OFFICERS];
	size_t count;
};

/* All who have not left. */
bool escrow_store_officers(struct db *db, struct arena *arena, long long provider_id,
                           struct stored_officers *officers, struct err *err) CHECKED;

/* Those of them that get shares: confirmed, and allowed by root's list.  One
 * row that is not ours spoils all: somebody must look at it. */
bool escrow_store_confirmed(struct db *db, struct arena *arena, const struct vault *vault,
                            const struct officer_list *list, long long provider_id,
                            struct stored_officers *officers, struct err *err) CHECKED;

/* NULL: none of that name. */
struct stored_officer *escrow_store_find(struct stored_officers *officers, const char *name);

struct stored_kek {
	long long id;
	struct vault_kek kek;
	const unsigned char *commitment; /* of VAULT_ESCROW_COMMIT octets, if any */
	size_t commitment_size;
	int quorum; /* 0: it was never split */
	bool complete;
	bool retired; /* and yet something is sealed by it */
	long long used;
};

struct stored_keks {
	struct stored_kek items[ESCROW_KEKS];
	size_t count;
};

/* The one in use first; then those that a reissue has not finished with. */
bool escrow_store_keks(struct db *db, struct arena *arena, long long provider_id,
                       struct stored_keks *keks, struct err *err) CHECKED;

/* Leave those that a request is about: to recover, all that our master key
 * does not open; else the one in use. */
void escrow_store_wanted(struct stored_keks *keks, const struct vault *vault,
                         enum escrow_purpose purpose);

struct stored_share {
	const char **officers; /* of its quorum: their ids, NULL at the end */
	size_t members;
	long long officer_id;
	int place; /* of his part */
	const unsigned char *public_key;
	const unsigned char *bytes;
	size_t size;
	bool left; /* its officer is no officer any more */
};

struct stored_shares {
	struct stored_share items[ESCROW_SHARES];
	size_t count;
};

bool escrow_store_shares(struct db *db, struct arena *arena, long long provider_id,
                         long long kek_id, struct stored_shares *shares, struct err *err) CHECKED;

/* Leave those whose whole quorum is among these officers. */
void escrow_store_among(struct stored_shares *shares, const struct stored_officers *officers);

/* Are they what `quorum` of these officers need: no more and no less? */
bool escrow_store_whole(const struct stored_shares *shares, const struct stored_officers *officers,
                        int quorum);

/* Split a KEK anew; its former shares go. */
bool escrow_store_split(struct db *db, struct arena *arena, const struct vault *vault,
                        long long provider_id, long long kek_id, const struct vault_kek *kek,
                        const struct stored_officers *officers, int quorum,
                        struct err *err) CHECKED;

bool escrow_store_add_request(struct db *db, struct arena *arena, long long provider_id,
                              const struct vault_request *request,
                              const struct stored_officers *asked, const char *by,
                              uint64_t not_after, struct err *err) CHECKED;

/* Refused when it is unknown, answered already, or too old.  *officers: the
 * ids of who was asked, NULL at the end. */
bool escrow_store_find_request(struct db *db, struct arena *arena, long long provider_id,
                               const struct uuid *uuid, struct vault_request *request,
                               const char ***officers, struct err *err) CHECKED;
bool escrow_store_end_request(struct db *db, struct arena *arena, long long provider_id,
                              const struct uuid *uuid, struct err *err) CHECKED;

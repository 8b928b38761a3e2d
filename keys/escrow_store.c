#include "keys/escrow_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"

/* ---- officers ---- */

struct taking {
	struct arena *arena;
	void *into;
};

bool escrow_store_read_officer(const struct row *row, struct arena *arena,
                               struct stored_officer *officer, struct err *err)
{
	char *fingerprint = arena_take(arena, FINGERPRINT_TEXT);
	struct vault_officer *seal = &officer->seal;
	size_t size = 0;

	*officer = (struct stored_officer){
		.id = row_number(row, "id"),
		.added_by = arena_copy(arena, row_text(row, "added_by")),
		.fingerprint = fingerprint,
	};
	const unsigned char *key = row_bytes(row, "public_key", arena, &size);
	officer->mac = row_bytes(row, "mac", arena, &officer->mac_size);
	seal->name = arena_copy(arena, row_text(row, "name"));
	seal->state = row_bool(row, "retired")     ? OFFICER_RETIRED
	              : row_bool(row, "confirmed") ? OFFICER_CONFIRMED
	                                           : OFFICER_WAITING;
	seal->added_uid = (uint32_t)row_number(row, "added_uid");
	seal->added_at = (uint64_t)row_number(row, "added_at");
	if (size != ESCROW_PUBLIC)
		return err_set(err, ERR_CRYPTO, _("the key of officer %s is damaged"), seal->name);
	memcpy(seal->public_key, key, size);
	fingerprint_render(key, size, fingerprint);
	return key_store_uuid(row, "provider_uuid", &seal->provider, err)
	       && key_store_uuid(row, "uuid", &seal->officer, err);
}

static bool take_officer(const struct row *row, void *context, struct err *err)
{
	const struct taking *taking = context;
	struct stored_officers *officers = taking->into;

	if (officers->count == ESCROW_OFFICERS)
		return err_set(err, ERR_INPUT, _("a provider has at most %d officers"),
		               ESCROW_OFFICERS);
	return escrow_store_read_officer(row, taking->arena, &officers->items[officers->count++],
	                                 err);
}

bool escrow_store_officers(struct db *db, struct arena *arena, long long provider_id,
                           struct stored_officers *officers, struct err *err)
{
	struct taking taking = { arena, officers };

	officers->count = 0;
	return db_each(db, STMT_KEYD_OFFICER_LIST, DB_PARAMS(db_number(arena, provider_id)),
	               take_officer, &taking, err);
}

bool escrow_store_confirmed(struct db *db, struct arena *arena, const struct vault *vault,
                            const struct officer_list *list, long long provider_id,
                            struct stored_officers *officers, struct err *err)
{
	size_t kept = 0;

	if (!escrow_store_officers(db, arena, provider_id, officers, err))
		return false;
	for (size_t i = 0; i < officers->count; i++) {
		const struct stored_officer *officer = &officers->items[i];
		if (!vault_escrow_check_officer(vault, &officer->seal, officer->mac,
		                                officer->mac_size, err))
			return false;
		if (officer->seal.state != OFFICER_CONFIRMED)
			continue;
		if (!officer_list_allows(list, officer->fingerprint)) {
			(void)err_set(err, ERR_REFUSED,
			              _("officer %s (%s) is not in the list of officers that this "
			                "machine's root keeps"),
			              officer->seal.name, officer->fingerprint);
			return err_hint(err, _("add the fingerprint there and start the service "
			                       "again, or retire the officer"));
		}
		officers->items[kept++] = *officer;
	}
	officers->count = kept;
	return true;
}

struct stored_officer *escrow_store_find(struct stored_officers *officers, const char *name)
{
	for (size_t i = 0; i < officers->count; i++)
		if (strcmp(officers->items[i].seal.name, name) == 0)
			return &officers->items[i];
	return NULL;
}

/* ---- keys and shares ---- */

static bool take_kek(const struct row *row, void *context, struct err *err)
{
	const struct taking *taking = context;
	struct stored_keks *keks = taking->into;

	if (keks->count == ESCROW_KEKS)
		return err_set(err, ERR_CONFLICT, _("a provider has more than %d keys in use"),
		               ESCROW_KEKS);
	struct stored_kek *kek = &keks->items[keks->count++];
	*kek = (struct stored_kek){ .id = row_number(row, "id"),
		                    .quorum = (int)row_number(row, "quorum"),
		                    .complete = row_bool(row, "complete"),
		                    .retired = row_bool(row, "retired"),
		                    .used = row_number(row, "used") };
	if (!row_is_null(row, "commitment"))
		kek->commitment = row_bytes(row, "commitment", taking->arena,
		                            &kek->commitment_size);
	return key_store_read_kek(row, taking->arena, &kek->kek, err);
}

bool escrow_store_keks(struct db *db, struct arena *arena, long long provider_id,
                       struct stored_keks *keks, struct err *err)
{
	struct taking taking = { arena, keks };

	keks->count = 0;
	return db_each(db, STMT_KEYD_KEK_LIST, DB_PARAMS(db_number(arena, provider_id)), take_kek,
	               &taking, err);
}

void escrow_store_wanted(struct stored_keks *keks, const struct vault *vault,
                         enum escrow_purpose purpose)
{
	size_t kept = 0;

	for (size_t i = 0; i < keks->count; i++) {
		const struct vault_kek *kek = &keks->items[i].kek;
		bool ours = vault_knows(vault, &kek->master, kek->master_version);
		if (purpose == ESCROW_RECOVER ? !ours : !keks->items[i].retired)
			keks->items[kept++] = keks->items[i];
	}
	keks->count = kept;
}

static bool take_share(const struct row *row, void *context, struct err *err)
{
	const struct taking *taking = context;
	struct stored_shares *shares = taking->into;
	size_t size = 0;

	if (shares->count == ESCROW_SHARES)
		return err_set(err, ERR_CRYPTO, _("a key has more than %d shares"), ESCROW_SHARES);
	struct stored_share *share = &shares->items[shares->count++];
	*share = (struct stored_share){
		.officers = row_list(row, "officers", taking->arena),
		.officer_id = row_number(row, "officer_id"),
		.place = (int)row_number(row, "place"),
		.left = row_bool(row, "retired"),
	};
	share->public_key = row_bytes(row, "public_key", taking->arena, &size);
	share->bytes = row_bytes(row, "share", taking->arena, &share->size);
	while (share->officers[share->members] != NULL)
		share->members++;
	return (size == ESCROW_PUBLIC && share->size == ESCROW_SHARE
	        && share->members <= ESCROW_SHARES)
	       || err_set(err, ERR_CRYPTO, _("a share of this key is damaged"));
}

bool escrow_store_shares(struct db *db, struct arena *arena, long long provider_id,
                         long long kek_id, struct stored_shares *shares, struct err *err)
{
	struct taking taking = { arena, shares };

	shares->count = 0;
	return db_each(db, STMT_KEYD_SHARE_LIST,
	               DB_PARAMS(db_number(arena, provider_id), db_number(arena, kek_id)),
	               take_share, &taking, err);
}

static bool is_officer(const struct stored_officers *officers, const char *id, size_t *who)
{
	for (*who = 0; *who < officers->count; (*who)++)
		if (officers->items[*who].id == strtoll(id, NULL, 10))
			return true;
	return false;
}

void escrow_store_among(struct stored_shares *shares, const struct stored_officers *officers)
{
	size_t kept = 0;
	size_t who = 0;

	for (size_t i = 0; i < shares->count; i++) {
		bool all = true;
		for (size_t j = 0; all && j < shares->items[i].members; j++)
			all = is_officer(officers, shares->items[i].officers[j], &who);
		if (all)
			shares->items[kept++] = shares->items[i];
	}
	shares->count = kept;
}

bool escrow_store_whole(const struct stored_shares *shares, const struct stored_officers *officers,
                        int quorum)
{
	/* The database holds no share twice (escrow_share_once): as many as there
	 * should be, each of a right quorum, are all of them. */
	if (shares->count != escrow_count(officers->count, (size_t)quorum) || shares->count == 0)
		return false;
	for (size_t i = 0; i < shares->count; i++) {
		const struct stored_share *share = &shares->items[i];
		uint64_t members = 0;
		size_t who = 0;

		for (size_t j = 0; j < share->members; j++) {
			if (!is_officer(officers, share->officers[j], &who))
				return false;
			members |= (uint64_t)1 << who;
		}
		if (share->members != (size_t)quorum || __builtin_popcountll(members) != quorum)
			return false;
	}
	return true;
}

/* ---- splitting ---- */

static bool add_share(struct db *db, struct arena *arena, const char *provider, const char *kek,
                      const struct stored_officers *officers, const struct escrow_sealed *share,
                      struct err *err)
{
	const char *members[ESCROW_SHARES];
	size_t count = 0;

	for (size_t i = 0; i < officers->count; i++)
		if ((share->members >> i & 1) != 0)
			members[count++] = db_number(arena, officers->items[i].id);
	return db_run(db, STMT_KEYD_SHARE_ADD,
	              DB_PARAMS(provider, kek, db_list(arena, members, count),
	                        db_number(arena, officers->items[share->officer].id),
	                        db_bytes(arena, share->bytes, ESCROW_SHARE)),
	              NULL, err);
}

/* The shares, and what the key's row will say. */
static bool split(const struct vault *vault, const struct vault_kek *kek,
                  const struct stored_officers *officers, int quorum, struct escrow_sealed *shares,
                  uint8_t column[static VAULT_ESCROW_COMMIT], struct err *err)
{
	const struct escrow_kek name = vault_escrow_name(kek);
	struct escrow_officer to[ESCROW_OFFICERS];
	uint8_t commit[ESCROW_COMMIT];
	struct secret key = { 0 };

	for (size_t i = 0; i < officers->count; i++)
		memcpy(to[i].key, officers->items[i].seal.public_key, ESCROW_PUBLIC);
	if (!vault_take_kek(vault, kek, &key, err))
		return false;
	escrow_commit(&name, &key, commit);
	vault_escrow_put_commit(vault, &name, commit, column);
	bool ok = escrow_split(&name, &key, to, officers->count, (size_t)quorum, shares, err);
	secret_drop(&key);
	return ok;
}

bool escrow_store_split(struct db *db, struct arena *arena, const struct vault *vault,
                        long long provider_id, long long kek_id, const struct vault_kek *kek,
                        const struct stored_officers *officers, int quorum, struct err *err)
{
	struct escrow_sealed *shares = arena_take(arena, ESCROW_SHARES * sizeof *shares);
	const char *provider = db_number(arena, provider_id);
	const char *id = db_number(arena, kek_id);
	uint8_t column[VAULT_ESCROW_COMMIT];
	size_t count = quorum > 0 ? escrow_count(officers->count, (size_t)quorum) : 0;

	if (count == 0) {
		(void)err_set(err, ERR_REFUSED, _("%d of %zu officers: there is no such split"),
		              quorum, officers->count);
		return err_hint(err,
		                _("\"senderctl key escrow officer list\" shows who is "
		                  "confirmed; a split has at most %d shares"),
		                ESCROW_SHARES);
	}
	if (!split(vault, kek, officers, quorum, shares, column, err)
	    || !db_run(db, STMT_KEYD_SHARE_DROP, DB_PARAMS(provider, id), NULL, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!add_share(db, arena, provider, id, officers, &shares[i], err))
			return false;
	return db_run(db, STMT_KEYD_KEK_ESCROW,
	              DB_PARAMS(provider, id, db_bytes(arena, column, sizeof column),
	                        db_number(arena, quorum)),
	              NULL, err);
}

/* ---- requests ---- */

bool escrow_store_add_request(struct db *db, struct arena *arena, long long provider_id,
                              const struct vault_request *request,
                              const struct stored_officers *asked, const char *by,
                              uint64_t not_after, struct err *err)
{
	const char *ids[ESCROW_OFFICERS];

	for (size_t i = 0; i < asked->count; i++)
		ids[i] = db_number(arena, asked->items[i].id);
	return db_run(db, STMT_KEYD_ESCROW_ADD,
	              DB_PARAMS(db_number(arena, provider_id),
	                        key_store_uuid_text(arena, &request->request),
	                        escrow_letter_word(request->purpose),
	                        db_bytes(arena, request->public_key, ESCROW_PUBLIC),
	                        key_store_uuid_text(arena, &request->master),
	                        db_number(arena, request->master_version),
	                        db_bytes(arena, request->sealed.bytes, request->sealed.size),
	                        db_list(arena, ids, asked->count), by,
	                        db_number(arena, (long long)not_after)),
	              NULL, err);
}

bool escrow_store_find_request(struct db *db, struct arena *arena, long long provider_id,
                               const struct uuid *uuid, struct vault_request *request,
                               const char ***officers, struct err *err)
{
	const struct row *row;
	size_t size = 0;

	*request = (struct vault_request){ .request = *uuid };
	if (!db_find(db, STMT_KEYD_ESCROW_FIND,
	             DB_PARAMS(db_number(arena, provider_id), key_store_uuid_text(arena, uuid)),
	             &row, err))
		return false;
	if (row == NULL)
		return err_set(err, ERR_NOT_FOUND,
		               _("this provider's officers were not asked that"));
	if (row_bool(row, "done") || row_bool(row, "over")) {
		(void)err_set(err, ERR_REFUSED,
		              row_bool(row, "done") ? _("this request was answered already")
		                                    : _("this request is too old"));
		return err_hint(err, _("ask the officers again"));
	}
	*officers = row_list(row, "officers", arena);
	request->purpose = escrow_letter_purpose(row_text(row, "purpose"));
	request->master_version = (uint32_t)row_number(row, "mk_version");
	request->sealed.bytes = row_bytes(row, "sealed", arena, &request->sealed.size);
	const unsigned char *key = row_bytes(row, "public_key", arena, &size);
	if (size != ESCROW_PUBLIC || request->purpose == 0)
		return err_set(err, ERR_CRYPTO, _("the row of this request is damaged"));
	memcpy(request->public_key, key, size);
	return key_store_uuid(row, "provider_uuid", &request->provider, err)
	       && key_store_uuid(row, "mk_uuid", &request->master, err);
}

bool escrow_store_end_request(struct db *db, struct arena *arena, long long provider_id,
                              const struct uuid *uuid, struct err *err)
{
	return db_run(db, STMT_KEYD_ESCROW_DONE,
	              DB_PARAMS(db_number(arena, provider_id), key_store_uuid_text(arena, uuid)),
	              NULL, err);
}

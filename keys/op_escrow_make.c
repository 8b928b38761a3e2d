#include "core/base/words.h"
#include "keys/escrow_store.h"
#include "keys/operation.h"

/* `escrow-make` splits the key of a provider; `escrow-verify` looks whether
 * the shares are those that should be there, and opens nothing. */

struct making {
	struct call *call;
	struct asked asked;
	int quorum;
	size_t officers;
	size_t shares;
	bool already;
};

static bool check_left(const struct stored_shares *shares, struct err *err)
{
	for (size_t i = 0; i < shares->count; i++)
		if (shares->items[i].left) {
			(void)err_set(err, ERR_REFUSED,
			              _("this key has shares of an officer who left: he knows a "
			                "part of it for ever"));
			return err_hint(err, _("\"senderctl key escrow reissue\" makes a new key"));
		}
	return true;
}

/* The key of the provider; made now if it has none yet. */
static bool need_kek(struct db *db, struct arena *arena, const struct making *making,
                     struct stored_kek *kek, struct err *err)
{
	long long provider_id = making->asked.request.provider_id;
	struct stored_keks *keks = arena_take(arena, sizeof *keks);
	struct uuid provider;
	const struct row *row;

	if (!db_one(db, STMT_KEYD_PROVIDER, DB_PARAMS(db_number(arena, provider_id)), &row, err)
	    || !key_store_uuid(row, "uuid", &provider, err)
	    || !key_store_kek(db, arena, &making->call->keyd->vault, provider_id, &provider,
	                      "provider", &kek->id, &kek->kek, err)
	    || !escrow_store_keks(db, arena, provider_id, keks, err))
		return false;
	*kek = keks->items[0];
	return true;
}

static bool make(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct making *making = context;
	const struct key_request *request = &making->asked.request;
	struct keyd *keyd = making->call->keyd;
	struct stored_officers *officers = arena_take(arena, sizeof *officers);
	struct stored_shares *shares = arena_take(arena, sizeof *shares);
	struct stored_kek kek = { .id = 0 };
	long long subject = 0;
	int version = 0;

	if (!escrow_store_confirmed(db, arena, &keyd->vault, &keyd->officers, request->provider_id,
	                            officers, err)
	    || !need_kek(db, arena, making, &kek, err)
	    || !escrow_store_shares(db, arena, request->provider_id, kek.id, shares, err)
	    || !key_store_request_find(db, arena, request, &making->already, &subject, &version,
	                               err))
		return false;
	const struct escrow_kek name = vault_escrow_name(&kek.kek);
	making->officers = officers->count;
	making->shares = escrow_count(officers->count, (size_t)making->quorum);
	making->already = making->already
	                  || (kek.complete && kek.quorum == making->quorum
	                      && escrow_store_whole(shares, officers, making->quorum)
	                      && vault_escrow_check_commit(&keyd->vault, &name, kek.commitment,
	                                                   kek.commitment_size,
	                                                   &(struct err){ 0 }));
	if (making->already)
		return true;
	const char *detail = arena_print(arena,
	                                 "{\"quorum\": %d, \"officers\": %zu, \"shares\": %zu}",
	                                 making->quorum, making->officers, making->shares);
	return check_left(shares, err)
	       && escrow_store_split(db, arena, &keyd->vault, request->provider_id, kek.id,
	                             &kek.kek, officers, making->quorum, err)
	       && key_store_request_add(db, arena, request, kek.id, 1, err)
	       && key_store_event(db, arena, request, 0, key_store_uuid_text(arena, &kek.kek.id),
	                          "escrow.make",
	                          "the key of the provider was split among its officers", detail,
	                          err);
}

bool op_escrow_make(struct call *call, struct err *err)
{
	struct making making = { .call = call };
	char detail[32];

	making.quorum = (int)tree_as_number(tree_get(call->question, "quorum"), 2);
	if (making.quorum < 1 || making.quorum > ESCROW_SHARES)
		return err_set(err, ERR_INPUT, _("a quorum is a number from 1 to %d"),
		               ESCROW_SHARES);
	(void)snprintf(detail, sizeof detail, "%d", making.quorum);
	if (!keyd_asked(call, detail, &making.asked, err)
	    || !key_store_run(&call->keyd->store, DB_WRITE, make, &making, err))
		return false;
	tree_put_number(call->answer, "quorum", making.quorum);
	tree_put_number(call->answer, "officers", (long long)making.officers);
	tree_put_number(call->answer, "shares", (long long)making.shares);
	tree_put_bool(call->answer, "changed", !making.already);
	return true;
}

/* ---- verify ---- */

struct verifying {
	struct call *call;
	struct asked asked;
	struct tree *list;
	bool fine;
};

/* What is wrong with the shares of a key; NULL: nothing. */
static const char *problem(const struct verifying *verifying, const struct stored_kek *kek,
                           const struct stored_shares *shares,
                           const struct stored_officers *officers)
{
	const struct escrow_kek name = vault_escrow_name(&kek->kek);
	struct err ignored = { 0 };

	if (kek->retired)
		return "unfinished";
	if (!kek->complete)
		return "none";
	for (size_t i = 0; i < shares->count; i++)
		if (shares->items[i].left)
			return "left";
	if (!escrow_store_whole(shares, officers, kek->quorum))
		return "incomplete";
	return vault_escrow_check_commit(&verifying->call->keyd->vault, &name, kek->commitment,
	                                 kek->commitment_size, &ignored)
	               ? NULL
	               : "commitment";
}

static bool verify(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct verifying *verifying = context;
	struct keyd *keyd = verifying->call->keyd;
	long long provider_id = verifying->asked.request.provider_id;
	struct stored_officers *officers = arena_take(arena, sizeof *officers);
	struct stored_shares *shares = arena_take(arena, sizeof *shares);
	struct stored_keks *keks = arena_take(arena, sizeof *keks);

	tree_drop(verifying->list); /* of a first try */
	verifying->list = tree_list();
	verifying->fine = true;
	if (!escrow_store_confirmed(db, arena, &keyd->vault, &keyd->officers, provider_id, officers,
	                            err)
	    || !escrow_store_keks(db, arena, provider_id, keks, err))
		return false;
	for (size_t i = 0; i < keks->count; i++) {
		const struct stored_kek *kek = &keks->items[i];
		struct tree *row = tree_map();

		tree_push(verifying->list, row);
		if (!escrow_store_shares(db, arena, provider_id, kek->id, shares, err))
			return false;
		const char *what = problem(verifying, kek, shares, officers);
		tree_put_text(row, "kek", key_store_uuid_text(arena, &kek->kek.id));
		tree_put_number(row, "quorum", kek->quorum);
		tree_put_number(row, "officers", (long long)officers->count);
		tree_put_number(row, "shares", (long long)shares->count);
		tree_put_number(row, "seals", kek->used);
		tree_put_text(row, "problem", what);
		verifying->fine = verifying->fine && what == NULL;
	}
	return true;
}

bool op_escrow_verify(struct call *call, struct err *err)
{
	struct verifying verifying = { .call = call };
	bool ok = keyd_asked(call, "", &verifying.asked, err)
	          && key_store_run(&call->keyd->store, DB_READ, verify, &verifying, err);

	if (ok) {
		tree_put(call->answer, "keys", verifying.list);
		tree_put_bool(call->answer, "fine", verifying.fine);
	} else {
		tree_drop(verifying.list);
	}
	return ok;
}

#include "core/model/escrow_age.h"

#include <string.h>

#include "core/base/words.h"

struct listing {
	struct arena *arena;
	struct tree *list;
};

static const char *number_or_all(struct arena *arena, long long provider_id)
{
	return provider_id != 0 ? db_number(arena, provider_id) : NULL;
}

static void put_texts(struct tree *map, const struct row *row, const char *const names[])
{
	for (size_t i = 0; names[i] != NULL; i++)
		tree_put_text(map, names[i], row_text(row, names[i]));
}

static void put_number(struct tree *map, const struct row *row, const char *name)
{
	if (row_is_null(row, name))
		tree_put_text(map, name, NULL);
	else
		tree_put_number(map, name, row_number(row, name));
}

/* ---- keys ---- */

static const char *key_concern(const struct row *row, struct arena *arena)
{
	const char *policy = row_text(row, "policy");
	long long days = row_number(row, "undrilled_days");

	/* what was never made or never asked for is nobody's concern */
	if (row_is_null(row, "kek")
	    || (strcmp(policy, "none") == 0 && row_is_null(row, "complete_at")))
		return NULL;
	if (row_is_null(row, "complete_at"))
		return strcmp(policy, "required") == 0
		               ? _("escrow is required, and the key was never split: no record "
		                   "is handed out")
		               : _("the key was never split: who loses the master key loses all");
	if (days >= ESCROW_AGE_DRILL)
		return row_is_null(row, "drilled_at")
		               ? arena_print(arena, _("split %lld days ago, and never drilled"),
		                             days)
		               : arena_print(arena, _("the last drill was %lld days ago"), days);
	if (row_number(row, "quorum") == 1)
		return _("each officer alone can bring the key back");
	return NULL;
}

static bool take_key(const struct row *row, void *context, struct err *err)
{
	static const char *const texts[] = { "provider", "policy", "kek", NULL };
	static const char *const moments[] = { "complete_at", "drilled_at", NULL };
	const struct listing *listing = context;
	struct tree *map = tree_map();

	UNUSED(err);
	put_texts(map, row, texts);
	put_number(map, row, "quorum");
	put_number(map, row, "officers");
	put_texts(map, row, moments);
	put_number(map, row, "undrilled_days");
	tree_put_text(map, "concern", key_concern(row, listing->arena));
	tree_push(listing->list, map);
	return true;
}

bool escrow_age_keys(struct db *db, struct arena *arena, long long provider_id, struct tree **list,
                     struct err *err)
{
	struct listing listing = { arena, tree_list() };

	*list = listing.list;
	if (db_each(db, STMT_ESCROW_LIST, DB_PARAMS(number_or_all(arena, provider_id)), take_key,
	            &listing, err))
		return true;
	tree_drop(listing.list);
	*list = NULL;
	return false;
}

/* ---- officers ---- */

static const char *officer_concern(const struct row *row, struct arena *arena)
{
	long long days = row_number(row, "silent_days");

	if (strcmp(row_text(row, "state"), "waiting") == 0)
		return _("waits to be confirmed by a second operator");
	if (strcmp(row_text(row, "state"), "confirmed") == 0 && days >= ESCROW_AGE_OFFICER)
		return arena_print(arena, _("has proved nothing for %lld days"), days);
	return NULL;
}

static bool take_officer(const struct row *row, void *context, struct err *err)
{
	static const char *const texts[] = { "fingerprint",  "state",     "added_by", "added_at",
		                             "confirmed_by", "proved_at", NULL };
	const struct listing *listing = context;
	struct tree *map = tree_map();

	UNUSED(err);
	tree_put_text(map, "provider", row_text(row, "provider"));
	tree_put_text(map, "officer", row_text(row, "name"));
	put_texts(map, row, texts);
	put_number(map, row, "silent_days");
	tree_put_text(map, "concern", officer_concern(row, listing->arena));
	tree_push(listing->list, map);
	return true;
}

bool escrow_age_officers(struct db *db, struct arena *arena, long long provider_id, bool retired,
                         struct tree **list, struct err *err)
{
	struct listing listing = { arena, tree_list() };

	*list = listing.list;
	if (db_each(db, STMT_OFFICER_LIST,
	            DB_PARAMS(number_or_all(arena, provider_id), db_bool(retired)), take_officer,
	            &listing, err))
		return true;
	tree_drop(listing.list);
	*list = NULL;
	return false;
}

/* ---- what is overdue ---- */

static void add_concerns(struct tree *to, struct arena *arena, const struct tree *from)
{
	for (size_t i = 0; i < tree_count(from); i++) {
		const struct tree *one = tree_at(from, i);
		const char *provider = tree_find_text(one, "provider");
		const char *officer = tree_find_text(one, "officer");
		const char *concern = tree_find_text(one, "concern");
		if (concern == NULL)
			continue;
		struct tree *map = tree_map();
		tree_put_text(map, "subject",
		              officer != NULL
		                      ? arena_print(arena, _("%s, officer %s"), provider, officer)
		                      : provider);
		tree_put_text(map, "concern", concern);
		tree_put_text(map, "remedy",
		              arena_print(arena,
		                          officer != NULL ? "senderctl key escrow officer list %s"
		                                          : "senderctl key escrow status %s",
		                          provider));
		tree_push(to, map);
	}
}

bool escrow_age_concerns(struct db *db, struct arena *arena, struct tree **list, struct err *err)
{
	struct tree *keys = NULL;
	struct tree *officers = NULL;
	bool ok = escrow_age_keys(db, arena, 0, &keys, err)
	          && escrow_age_officers(db, arena, 0, false, &officers, err);

	*list = NULL;
	if (ok) {
		*list = tree_list();
		add_concerns(*list, arena, keys);
		add_concerns(*list, arena, officers);
	}
	tree_drop(keys);
	tree_drop(officers);
	return ok;
}

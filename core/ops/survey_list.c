#include "core/ops/survey_list.h"

#include <stdlib.h>
#include <string.h>

#include "core/model/facts.h"

bool survey_list_moment(struct db *db, struct arena *arena, const char *span, const char **moment,
                        struct err *err)
{
	const struct row *row = NULL;

	if (!db_one(db, STMT_CHECK_MOMENT, DB_PARAMS(span), &row, err))
		return false;
	*moment = arena_copy(arena, row_text(row, "at"));
	return true;
}

static void make_room(struct survey_list *list, size_t more)
{
	size_t room = list->room > 0 ? list->room : 64;
	struct survey_domain *domains = NULL;

	if (list->count + more <= list->room)
		return;
	while (room < list->count + more)
		room *= 2;
	domains = arena_take(list->arena, room * sizeof *domains);
	if (list->count > 0)
		memcpy(domains, list->domains, list->count * sizeof *domains);
	list->domains = domains;
	list->room = room;
}

bool survey_list_add(struct survey_list *list, struct db *db, const struct scope *scope,
                     struct err *err)
{
	struct arena arena = { 0 };
	struct facts_list found;
	bool ok = facts_scope(db, &arena, scope, &found, err);

	if (ok)
		make_room(list, found.count);
	for (size_t i = 0; ok && i < found.count; i++)
		list->domains[list->count++] = (struct survey_domain){ scope->provider_id,
			                                               found.ids[i] };
	arena_reset(&arena);
	return ok;
}

static int compare(const void *a, const void *b)
{
	const struct survey_domain *one = a, *other = b;

	if (one->provider_id != other->provider_id)
		return one->provider_id < other->provider_id ? -1 : 1;
	return (one->domain_id > other->domain_id) - (one->domain_id < other->domain_id);
}

/* By provider, because a portion belongs to one; and nobody twice. */
void survey_list_order(struct survey_list *list)
{
	size_t kept = 0;

	if (list->count > 0)
		qsort(list->domains, list->count, sizeof *list->domains, compare);
	for (size_t i = 0; i < list->count; i++)
		if (i == 0 || compare(&list->domains[i - 1], &list->domains[i]) != 0)
			list->domains[kept++] = list->domains[i];
	list->count = kept;
}

/* One walk along the domains of a provider and those that were looked at. */
struct skipping {
	struct survey_list *list;
	size_t at;
	size_t end;
	size_t kept;
};

static void keep_until(struct skipping *skipping, long long domain_id)
{
	struct survey_domain *domains = skipping->list->domains;

	while (skipping->at < skipping->end && domains[skipping->at].domain_id < domain_id)
		domains[skipping->kept++] = domains[skipping->at++];
}

static bool skip_one(const struct row *row, void *context, struct err *err)
{
	struct skipping *skipping = context;
	long long domain_id = row_number(row, "domain_id");

	UNUSED(err);
	keep_until(skipping, domain_id);
	if (skipping->at < skipping->end
	    && skipping->list->domains[skipping->at].domain_id == domain_id)
		skipping->at++;
	return true;
}

bool survey_list_skip(struct survey_list *list, struct db *db, const char *moment, struct err *err)
{
	struct skipping skipping = { .list = list };
	size_t count = 0;
	bool ok = true;

	survey_list_order(list);
	count = list->count;
	while (ok && skipping.at < count) {
		long long provider = list->domains[skipping.at].provider_id;
		struct arena arena = { 0 };

		for (skipping.end = skipping.at;
		     skipping.end < count && list->domains[skipping.end].provider_id == provider;)
			skipping.end++;
		ok = db_stream(db, STMT_CHECK_SINCE, DB_PARAMS(db_number(&arena, provider), moment),
		               skip_one, &skipping, err);
		while (skipping.at < skipping.end)
			list->domains[skipping.kept++] = list->domains[skipping.at++];
		arena_reset(&arena);
	}
	list->count = skipping.kept;
	list->skipped = count - skipping.kept;
	return ok;
}

#include "core/ops/checkup.h"

#include "core/model/watch.h"
#include "core/plan/look_plan.h"
#include "core/plan/planner.h"
#include "core/verify/verdict_store.h"

/* A domain that shall be signed and has no key: that is missing, too. */
static void want_key(struct arena *arena, const struct facts_domain *domain,
                     struct requirement_list *list)
{
	struct requirement *key = requirement_add(arena, list);

	key->domain = domain->name;
	key->purpose = PURPOSE_DKIM;
	key->owner = OWNER_PROVIDER;
	key->name = arena_print(arena, "_domainkey.%s", domain->name);
	key->type = "TXT";
	key->waived = domain->waived[PURPOSE_DKIM];
	key->required = key->waived == NULL;
}

static bool plan_domain(struct arena *arena, struct domain_check *check, struct err *err)
{
	struct planner planner = { .arena = arena, .facts = check->facts };

	if (!planner_domain(&planner, check->domain, err))
		return false;
	if (planner.keyless > 0)
		want_key(arena, check->domain, &planner.list);
	look_plan_add(&planner, check->domain);
	check->requirements = planner.list.items;
	check->requirement_count = planner.list.count;
	return true;
}

bool checkup_load(struct checkup *checkup, struct db *db, long long provider_id,
                  const long long domain_ids[], size_t count, struct err *err)
{
	struct facts *facts = &checkup->facts;

	if (!facts_load_some(db, checkup->arena, provider_id, domain_ids, count, facts, err))
		return false;
	checkup->items = arena_take(checkup->arena,
	                            (facts->domain_count + 1) * sizeof(*checkup->items));
	for (size_t i = 0; i < facts->domain_count; i++) {
		struct checkup_item *item = &checkup->items[i];

		item->check.facts = facts;
		item->check.domain = &facts->domains[i];
		if (!plan_domain(checkup->arena, &item->check, err))
			return false;
		checkup->count++;
	}
	return true;
}

void checkup_prepare(struct checkup_item *item, struct spf_worker *worker)
{
	item->check.worker = worker;
	item->job = (struct inquiry_job){ .step = domain_check_step, .context = &item->check };
}

void checkup_leave(struct checkup_item *item)
{
	if (!item->confirmed)
		item->confirmed = arena_take(inquiry_arena(item->job.inquiry),
		                             item->check.verdict_count * sizeof(bool) + 1);
}

static bool store_one(struct checkup_item *item, struct db *db, struct arena *arena,
                      checkup_guard_fn guard, void *context, struct err *err)
{
	bool wanted = true;
	bool ok = guard == NULL || guard(db, &item->check, &wanted, context, err);

	item->dropped = !wanted;
	ok = ok
	     && (!wanted
	         || (verdict_store(db, arena, &item->check, item->confirmed, err)
	             && watch_finish(db, arena, item->check.facts->provider_id,
	                             item->check.domain->id, err)));
	if (!ok && err->code != ERR_AGAIN)
		(void)err_within(err, "%s", item->check.domain->name);
	return ok;
}

struct storing {
	struct checkup_item *const *items;
	size_t count;
	checkup_guard_fn guard;
	void *context;
};

static bool store_all(struct db *db, void *context, struct err *err)
{
	const struct storing *storing = context;
	struct arena arena = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < storing->count; i++) {
		ok = store_one(storing->items[i], db, &arena, storing->guard, storing->context,
		               err);
		arena_reset(&arena);
	}
	return ok;
}

bool checkup_store(struct checkup_item *const items[], size_t count, struct db *db,
                   checkup_guard_fn guard, void *context, struct err *err)
{
	struct storing storing = { items, count, guard, context };

	for (size_t i = 0; i < count; i++)
		checkup_leave(items[i]);
	return db_again(db, DB_WRITE, store_all, &storing, err);
}

void checkup_drop_item(struct checkup_item *item)
{
	domain_probe_drop(&item->probe);
	inquiry_close(item->job.inquiry);
	item->job.inquiry = NULL;
}

void checkup_drop(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->count; i++)
		checkup_drop_item(&checkup->items[i]);
}

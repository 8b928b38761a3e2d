#include "core/ops/checkup.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/model/facts.h"
#include "core/model/watch.h"
#include "core/plan/look_plan.h"
#include "core/plan/planner.h"
#include "core/verify/verdict_store.h"

enum {
	AT_ONCE = 200,       /* domains under way */
	STORED_AT_ONCE = 50, /* domains in one transaction */
	ATTEMPTS = 6,        /* when another transaction was in the way */
};

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

static void make_room(struct checkup *checkup, size_t more)
{
	size_t room = checkup->room > 0 ? checkup->room : 64;
	struct checkup_item *items = NULL;

	if (checkup->count + more <= checkup->room)
		return;
	while (room < checkup->count + more)
		room *= 2;
	items = arena_take(checkup->arena, room * sizeof(*items));
	if (checkup->count > 0)
		memcpy(items, checkup->items, checkup->count * sizeof(*items));
	checkup->items = items;
	checkup->jobs = arena_take(checkup->arena, room * sizeof(*checkup->jobs));
	checkup->room = room;
}

bool checkup_add(struct checkup *checkup, struct db *db, const struct scope *scope, struct err *err)
{
	struct facts *facts = arena_take(checkup->arena, sizeof(*facts));

	if (!facts_load(db, checkup->arena, scope, facts, err))
		return false;
	make_room(checkup, facts->domain_count);
	for (size_t i = 0; i < facts->domain_count; i++) {
		struct checkup_item *item = &checkup->items[checkup->count];

		*item = (struct checkup_item){ .check = { .facts = facts,
			                                  .domain = &facts->domains[i] } };
		if (!plan_domain(checkup->arena, &item->check, err))
			return false;
		checkup->count++;
	}
	return true;
}

void checkup_look(struct checkup *checkup, size_t first, size_t end,
                  const struct checkup_world *world)
{
	struct domain_probe probe = { 0 };

	for (size_t i = first; i < end; i++) {
		struct domain_check *check = &checkup->items[i].check;

		check->worker = world->worker;
		checkup->jobs[i] = (struct inquiry_job){ .step = domain_check_step,
			                                 .context = check };
	}
	inquiry_run(world->resolver, checkup->jobs + first, end - first, AT_ONCE, world->progress,
	            world->context);
	for (size_t i = first; i < end; i++)
		domain_probe_add(&probe, &checkup->items[i].check,
		                 inquiry_arena(checkup->jobs[i].inquiry), &world->probing);
	domain_probe_run(&probe, &world->probing);
}

void checkup_leave(struct checkup *checkup, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		struct checkup_item *item = &checkup->items[i];

		if (!item->confirmed)
			item->confirmed = arena_take(inquiry_arena(checkup->jobs[i].inquiry),
			                             item->check.verdict_count * sizeof(bool) + 1);
	}
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

static bool store_some(struct checkup *checkup, struct db *db, size_t first, size_t end,
                       checkup_guard_fn guard, void *context, struct err *err)
{
	struct arena arena = { 0 };
	bool ok = db_begin(db, DB_WRITE, err);

	for (size_t i = first; ok && i < end; i++) {
		ok = store_one(&checkup->items[i], db, &arena, guard, context, err);
		arena_reset(&arena);
	}
	ok = ok && db_commit(db, err);
	if (!ok)
		db_rollback(db);
	return ok;
}

/* Some domains per transaction: few enough to hold nobody up, many enough not
 * to wait for the disk after each. */
bool checkup_store(struct checkup *checkup, struct db *db, size_t first, size_t end,
                   checkup_guard_fn guard, void *context, struct err *err)
{
	int attempt = 1;

	checkup_leave(checkup, first, end);
	while (first < end) {
		size_t next = first + STORED_AT_ONCE < end ? first + STORED_AT_ONCE : end;

		if (store_some(checkup, db, first, next, guard, context, err)) {
			first = next;
			attempt = 1;
			continue;
		}
		if (err->code != ERR_AGAIN || attempt == ATTEMPTS)
			return false;
		clock_wait(10 * attempt * attempt);
		attempt++;
		*err = (struct err){ 0 };
	}
	return true;
}

void checkup_drop(struct checkup *checkup, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		inquiry_close(checkup->jobs[i].inquiry);
		checkup->jobs[i].inquiry = NULL;
	}
}

#include "core/ops/survey.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/verify/probe_crew.h"

enum {
	PORTION = 50,       /* domains loaded together, and stored together */
	KEPT_BACK = 1000,   /* milliseconds that a finished look may wait for others */
	PROBES_EVERY = 10,  /* milliseconds between two looks at the crew */
	PROBES_ALONE = 100, /* and how long to wait for it when nothing else happens */
	DNS_WAIT = 20,
};

/* Some domains of one provider, loaded together, gone when the last has finished. */
struct survey_portion {
	struct survey_portion *next;
	struct arena arena;
	struct checkup checkup;
	size_t begun;
	size_t left; /* not dropped yet */
};

struct running {
	struct survey *survey;
	const struct survey_world *world;
	struct inquiry_flow flow;
	struct probe_crew *crew;
	size_t probing;              /* domains whose servers are talked to */
	int64_t probes_at;           /* when the crew is looked after again */
	size_t listed;               /* how far the list was loaded */
	struct survey_portion *open; /* of which not all have begun; NULL */
	struct checkup_item *finished[PORTION];
	size_t finished_count;
	int64_t store_at;
};

/* ---- outcomes ---- */

const char *survey_word(enum survey_outcome outcome)
{
	static const char *const words[SURVEY_OUTCOMES] = {
		[SURVEY_OK] = "ok",           [SURVEY_PROPAGATING] = "propagating",
		[SURVEY_MISSING] = "missing", [SURVEY_CONFLICT] = "conflict",
		[SURVEY_UNKNOWN] = "unknown",
	};

	return words[outcome];
}

static enum survey_outcome outcome_of(const struct domain_check *check)
{
	const char *overall = verdict_overall(check->verdicts, check->verdict_count);
	enum survey_outcome outcome = SURVEY_OK;

	while (outcome < SURVEY_UNKNOWN && strcmp(overall, survey_word(outcome)) != 0)
		outcome++;
	if (strcmp(overall, "waived") == 0)
		return SURVEY_OK;
	if (outcome != SURVEY_UNKNOWN)
		return outcome;
	for (size_t i = 0; i < check->verdict_count; i++)
		if (check->verdicts[i].required && check->verdicts[i].state == VERDICT_UNKNOWN)
			return SURVEY_UNKNOWN;
	return SURVEY_PROPAGATING;
}

/* ---- loading ---- */

static size_t portion_size(const struct survey *survey, size_t first)
{
	size_t count = 1;

	while (count < PORTION && first + count < survey->list.count
	       && survey->list.domains[first + count].provider_id
	                  == survey->list.domains[first].provider_id)
		count++;
	return count;
}

static bool load(struct running *running, struct err *err)
{
	struct survey *survey = running->survey;
	struct db *db = running->world->db;
	size_t count = portion_size(survey, running->listed);
	struct arena arena = { 0 };
	struct survey_portion *portion = arena_take(&arena, sizeof *portion);
	long long ids[PORTION];
	long long provider = survey->list.domains[running->listed].provider_id;
	bool ok = false;

	for (size_t i = 0; i < count; i++)
		ids[i] = survey->list.domains[running->listed + i].domain_id;
	portion->arena = arena;
	portion->checkup.arena = &portion->arena;
	portion->next = survey->portions;
	survey->portions = portion;
	ok = db_begin(db, DB_READ, err)
	     && checkup_load(&portion->checkup, db, provider, ids, count, err);
	db_rollback(db);
	running->listed += count;
	survey->retired += ok ? count - portion->checkup.count : 0;
	portion->left = portion->checkup.count;
	running->open = portion;
	return ok;
}

static void drop_portion(struct survey *survey, struct survey_portion *portion)
{
	struct survey_portion **place = &survey->portions;
	struct arena arena = { 0 };

	while (*place != portion)
		place = &(*place)->next;
	*place = portion->next;
	checkup_drop(&portion->checkup);
	/* The portion itself lies in its arena. */
	arena = portion->arena;
	arena_reset(&arena);
}

/* The next domain to look at; *item is NULL when there is none. */
static bool next_item(struct running *running, struct checkup_item **item, struct err *err)
{
	struct survey_portion *portion = running->open;

	*item = NULL;
	while (!portion || portion->begun == portion->checkup.count) {
		if (portion && portion->left == 0)
			drop_portion(running->survey, portion);
		running->open = NULL;
		if (running->listed == running->survey->list.count)
			return true;
		if (!load(running, err))
			return false;
		portion = running->open;
	}
	*item = &portion->checkup.items[portion->begun++];
	(*item)->owner = portion;
	return true;
}

/* ---- storing ---- */

static int by_name(const void *a, const void *b)
{
	const struct checkup_item *const *one = a, *const *other = b;

	return strcmp((*one)->check.domain->name, (*other)->check.domain->name);
}

static bool keep(struct running *running, struct err *err)
{
	struct survey *survey = running->survey;
	const struct survey_world *world = running->world;
	size_t count = running->finished_count;
	bool ok = true;

	if (count == 0)
		return true;
	qsort(running->finished, count, sizeof(struct checkup_item *), by_name);
	if (world->dry_run)
		for (size_t i = 0; i < count; i++)
			checkup_leave(running->finished[i]);
	else
		ok = checkup_store(running->finished, count, world->db, NULL, NULL, err);
	if (!ok)
		return false;
	running->finished_count = 0;
	survey->looked += count;
	for (size_t i = 0; i < count; i++)
		survey->outcomes[outcome_of(&running->finished[i]->check)]++;
	ok = world->kept(world->context, running->finished, count, err);
	for (size_t i = 0; i < count; i++) {
		struct survey_portion *portion = running->finished[i]->owner;

		checkup_drop_item(running->finished[i]);
		if (--portion->left == 0 && portion != running->open)
			drop_portion(survey, portion);
	}
	return ok;
}

static bool finish(struct running *running, struct checkup_item *item, struct err *err)
{
	if (running->finished_count == 0)
		running->store_at = clock_ticks() + KEPT_BACK;
	running->finished[running->finished_count++] = item;
	return running->finished_count < PORTION || keep(running, err);
}

/* ---- asking ---- */

/* Not when questions wait to be sent: what has begun shall come to its end first,
 * so that little is lost if we are interrupted. */
static bool begin_one(struct running *running, struct err *err)
{
	struct checkup_item *item = NULL;

	if (running->flow.under_way + running->probing >= SURVEY_AT_ONCE
	    || resolver_is_behind(running->flow.resolver))
		return true;
	if (!next_item(running, &item, err))
		return false;
	if (item) {
		checkup_prepare(item, running->world->worker);
		inquiry_flow_begin(&running->flow, &item->job);
	}
	return true;
}

static struct checkup_item *item_of(struct inquiry_job *job)
{
	return (struct checkup_item *)((char *)job - offsetof(struct checkup_item, job));
}

/* Its questions are answered; servers may have to be talked to. */
static bool answered(struct running *running, struct checkup_item *item, struct err *err)
{
	domain_probe_add(&item->probe, &item->check, inquiry_arena(item->job.inquiry),
	                 &running->world->probing);
	if (item->probe.count == 0 || !running->crew)
		return finish(running, item, err);
	running->probing++;
	domain_probe_begin(&item->probe, running->crew, item);
	return true;
}

static bool turn_dns(struct running *running, struct err *err)
{
	struct inquiry_job *job = NULL;

	if (running->flow.under_way == 0)
		return true;
	job = inquiry_flow_turn(&running->flow, DNS_WAIT);
	return !job || answered(running, item_of(job), err);
}

static bool turn_probes(struct running *running, struct err *err)
{
	int wait = running->flow.under_way > 0 ? 0 : PROBES_ALONE;
	struct probe_task *task = NULL;

	if (running->probing == 0 || (wait == 0 && clock_ticks() < running->probes_at))
		return true;
	running->probes_at = clock_ticks() + PROBES_EVERY;
	while ((task = probe_crew_turn(running->crew, wait))) {
		struct checkup_item *item = task->owner;

		wait = 0;
		if (!domain_probe_end(&item->probe))
			continue;
		running->probing--;
		if (!finish(running, item, err))
			return false;
	}
	return true;
}

static bool stopped(const struct running *running)
{
	return running->world->stop && *running->world->stop != 0;
}

/* Nothing is left that could begin. */
static bool at_the_end(const struct running *running)
{
	const struct survey_portion *open = running->open;

	return running->listed == running->survey->list.count
	       && (!open || open->begun == open->checkup.count);
}

static bool run(struct running *running, struct err *err)
{
	const struct survey_world *world = running->world;

	while (!stopped(running)) {
		if (!begin_one(running, err))
			return false;
		if (running->flow.under_way + running->probing == 0 && at_the_end(running))
			break;
		if (!turn_dns(running, err) || !turn_probes(running, err))
			return false;
		if (running->finished_count > 0 && clock_ticks() >= running->store_at
		    && !keep(running, err))
			return false;
		if (world->progress)
			world->progress(world->context, running->survey);
	}
	return keep(running, err);
}

bool survey_run(struct survey *survey, const struct survey_world *world, struct err *err)
{
	struct running running = { .survey = survey,
		                   .world = world,
		                   .flow.resolver = world->resolver,
		                   .crew = probe_crew_open() };
	bool ok = false;

	survey_list_order(&survey->list);
	ok = run(&running, err);
	probe_crew_close(running.crew);
	return ok;
}

bool survey_is_cut(const struct survey *survey)
{
	return survey->looked + survey->retired < survey->list.count;
}

void survey_close(struct survey *survey)
{
	while (survey->portions)
		drop_portion(survey, survey->portions);
}

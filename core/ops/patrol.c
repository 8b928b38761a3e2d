#include "core/ops/patrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"
#include "core/verify/inquiry.h"
#include "core/verify/probe_crew.h"
#include "core/verify/spf_worker.h"

enum {
	VOICES_MOST = 4, /* languages */
	PROBE_TICK = 20, /* milliseconds, while DNS and servers are waited for */
};

/* The evaluator is a process of its own, which says why in one language. */
struct voice {
	char language[4];
	struct spf_worker *worker;
};

struct patrol {
	struct patrol_settings settings;
	struct resolver *resolver;
	struct inquiry_flow flow;
	struct probe_crew *crew; /* of conversations; comes with the first */
	size_t probing;          /* looks that talk to servers */
	struct voice voices[VOICES_MOST];
	struct patrol_look *looks[PATROL_MOST];
	size_t count;
};

static void speak(const char *language)
{
	if (strcmp(words_language(), language) != 0)
		words_setup(language);
}

static bool find_voice(struct patrol *patrol, const char *language, struct voice **found,
                       struct err *err)
{
	struct voice *voice = patrol->voices;

	while (voice < &patrol->voices[VOICES_MOST - 1] && voice->worker
	       && strcmp(voice->language, language) != 0)
		voice++;
	*found = voice;
	if (voice->worker)
		return true;
	(void)snprintf(voice->language, sizeof(voice->language), "%s", language);
	return spf_worker_open(&voice->worker, err);
}

bool patrol_open(struct patrol **opened, const struct patrol_settings *settings, struct err *err)
{
	struct patrol *patrol = calloc(1, sizeof(*patrol));

	if (!patrol)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	patrol->settings = *settings;
	if (!resolver_open(&patrol->resolver, settings->resolver, err)) {
		free(patrol);
		return false;
	}
	patrol->flow.resolver = patrol->resolver;
	*opened = patrol;
	return true;
}

size_t patrol_under_way(const struct patrol *patrol)
{
	return patrol ? patrol->count : 0;
}

void patrol_drop(struct patrol_look *look)
{
	struct arena arena = look->arena;

	checkup_drop(&look->checkup);
	arena_reset(&arena);
}

/* The crew and the resolver first: they know of looks. */
size_t patrol_close(struct patrol *patrol)
{
	size_t deaths = 0;

	if (!patrol)
		return 0;
	probe_crew_close(patrol->crew);
	resolver_close(patrol->resolver);
	for (size_t i = 0; i < patrol->count; i++)
		patrol_drop(patrol->looks[i]);
	for (size_t i = 0; i < VOICES_MOST && patrol->voices[i].worker; i++) {
		deaths += spf_worker_deaths(patrol->voices[i].worker);
		spf_worker_close(patrol->voices[i].worker);
	}
	free(patrol);
	return deaths;
}

static struct checkup_item *item_of(struct patrol_look *look)
{
	return &look->checkup.items[0];
}

static bool step(struct inquiry *inquiry, void *context)
{
	struct patrol_look *look = context;

	speak(look->language);
	return domain_check_step(inquiry, &item_of(look)->check);
}

static void start(struct patrol *patrol, struct patrol_look *look, struct spf_worker *worker)
{
	struct checkup_item *item = item_of(look);

	checkup_prepare(item, worker);
	item->job.step = step;
	item->job.context = look;
	look->place = patrol->count;
	patrol->looks[patrol->count++] = look;
	inquiry_flow_begin(&patrol->flow, &item->job);
}

/* The look lies in its own arena. */
bool patrol_begin(struct patrol *patrol, struct db *db, const struct scope *scope, bool *begun,
                  struct err *err)
{
	struct arena arena = { 0 };
	struct patrol_look *look = arena_take(&arena, sizeof(*look));
	struct voice *voice = NULL;

	look->arena = arena;
	look->checkup.arena = &look->arena;
	look->language = arena_copy(&look->arena, scope->language);
	speak(look->language);
	bool ok = find_voice(patrol, words_language(), &voice, err)
	          && checkup_load(&look->checkup, db, scope->provider_id, &scope->domain_id, 1,
	                          err);

	*begun = ok && look->checkup.count > 0;
	if (*begun)
		start(patrol, look, voice->worker);
	else
		patrol_drop(look);
	return ok;
}

static void leave(struct patrol *patrol, struct patrol_look *look)
{
	struct patrol_look *last = patrol->looks[--patrol->count];

	patrol->looks[look->place] = last;
	last->place = look->place;
}

/* After DNS, servers; false: there is nothing to talk about. */
static bool converse(struct patrol *patrol, struct patrol_look *look)
{
	struct checkup_item *item = item_of(look);

	speak(look->language);
	domain_probe_add(&item->probe, &item->check, inquiry_arena(item->job.inquiry),
	                 &patrol->settings.probing);
	if (item->probe.count > 0 && !patrol->crew)
		patrol->crew = probe_crew_open();
	if (item->probe.count == 0 || !patrol->crew)
		return false;
	domain_probe_begin(&item->probe, patrol->crew, look);
	patrol->probing++;
	return true;
}

static struct patrol_look *hear_servers(struct patrol *patrol, int milliseconds)
{
	struct probe_task *task = NULL;
	struct patrol_look *look = NULL;

	if (patrol->probing == 0)
		return NULL;
	task = probe_crew_turn(patrol->crew, milliseconds);
	if (!task)
		return NULL;
	look = task->owner;
	speak(look->language);
	if (!domain_probe_end(&item_of(look)->probe))
		return NULL;
	patrol->probing--;
	return look;
}

static struct patrol_look *hear_dns(struct patrol *patrol, int milliseconds)
{
	struct inquiry_job *job = NULL;
	struct patrol_look *look = NULL;

	if (patrol->flow.under_way == 0)
		return NULL;
	job = inquiry_flow_turn(&patrol->flow, milliseconds);
	if (!job)
		return NULL;
	look = job->context;
	return converse(patrol, look) ? NULL : look;
}

struct patrol_look *patrol_turn(struct patrol *patrol, int milliseconds)
{
	bool both = patrol->probing > 0 && patrol->flow.under_way > 0;
	struct patrol_look *look = hear_servers(patrol, both ? 0 : milliseconds);

	if (!look)
		look = hear_dns(patrol, both ? PROBE_TICK : milliseconds);
	if (look)
		leave(patrol, look);
	return look;
}

#include "core/ops/monitor.h"

#include <poll.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/model/watch.h"
#include "core/ops/checkup.h"
#include "core/ops/gauge.h"
#include "core/verify/spf_worker.h"

enum {
	TOGETHER = 100,      /* domains that are taken at once */
	SLEEP_MOST = 30000,  /* milliseconds without looking at the clock of the work */
	BACKOFF_FIRST = 250, /* after a failure of the database */
	BACKOFF_MOST = 15000,
	GAUGE_EVERY = 15000,
	ONCE_PATIENCE = 60000, /* for a database, when run once */
	CROWD = 50,            /* attempts to store while others are in the way */
};

/* ---- time and the end of it ---- */

/* Sleep; false: it is time to end. */
static bool wait(const struct monitor *monitor, int64_t milliseconds)
{
	struct pollfd stop = { .fd = monitor->stop, .events = POLLIN };
	int64_t left = monitor->end - clock_ticks();

	if (left < milliseconds)
		milliseconds = left;
	if (milliseconds < 0)
		return false;
	(void)poll(&stop, 1, (int)milliseconds);
	return stop.revents == 0;
}

static bool over(const struct monitor *monitor)
{
	return !wait(monitor, 0);
}

/* ---- the database ---- */

static bool connect(struct monitor *monitor, struct err *err)
{
	*err = (struct err){ 0 };
	db_close(monitor->db);
	monitor->db = NULL;
	return db_open(&monitor->db, monitor->conninfo, err) && watch_listen(monitor->db, err);
}

/* A connection that works, whatever it takes; false: it is time to end.  A
 * server that lets us in and then refuses (a standby) is waited for, too: the
 * pause grows until a round of work went well. */
static bool reconnect(struct monitor *monitor, struct err *err)
{
	int64_t patience = clock_ticks() + ONCE_PATIENCE;

	log_warn("monitor", "%s", err->text);
	do {
		if (!wait(monitor, monitor->pause) || (monitor->once && clock_ticks() > patience))
			return false;
		monitor->pause = 2 * monitor->pause < BACKOFF_MOST ? 2 * monitor->pause
		                                                   : BACKOFF_MOST;
	} while (!connect(monitor, err));
	log_info("monitor", "the database is there");
	return true;
}

/* The connection is of no use any more. */
static bool disconnected(const struct err *err)
{
	return err->code == ERR_DATABASE;
}

/* ---- one batch ---- */

static bool load(struct monitor *monitor, const struct watch_batch *batch, struct checkup *checkup,
                 struct err *err)
{
	long long *ids = arena_take(checkup->arena, batch->count * sizeof *ids);

	for (size_t i = 0; i < batch->count; i++)
		ids[i] = batch->scopes[i].domain_id;
	bool ok = db_begin(monitor->db, DB_READ, err)
	          && checkup_load(checkup, monitor->db, batch->scopes[0].provider_id, ids,
	                          batch->count, err);
	db_rollback(monitor->db);
	return ok;
}

/* A resolver of its own for each batch: what it remembers of servers and
 * answers shall not outlive it. */
static bool look(struct monitor *monitor, struct checkup *checkup, struct err *err)
{
	struct checkup_world world = { .probing = { .ca_file = monitor->conf->ca_file,
		                                    .keys_socket = monitor->keys_socket },
		                       .progress = monitor->progress,
		                       .context = monitor->context };
	bool ok = spf_worker_open(&world.worker, err)
	          && resolver_open(&world.resolver, &monitor->resolver, err);

	if (ok)
		checkup_look(checkup, &world);
	if (world.worker != NULL)
		monitor->faults += (long long)spf_worker_deaths(world.worker);
	resolver_close(world.resolver);
	spf_worker_close(world.worker);
	return ok;
}

struct guarding {
	struct monitor *monitor;
	struct arena *arena;
};

static bool guard(struct db *db, const struct domain_check *check, bool *wanted, void *context,
                  struct err *err)
{
	struct guarding *guarding = context;

	return watch_release(db, guarding->arena, &guarding->monitor->claim,
	                     check->facts->provider_id, check->domain->id, wanted, err);
}

/* One domain in one transaction: what is wrong with one keeps no other back. */
static bool store_one(struct monitor *monitor, struct checkup *checkup, size_t i, struct err *err)
{
	struct guarding guarding = { monitor, checkup->arena };
	struct checkup_item *const item = &checkup->items[i];

	for (int crowd = 0; !checkup_store(&item, 1, monitor->db, guard, &guarding, err);) {
		/* Other monitors, in transactions of their own: not in step with them. */
		if (err->code == ERR_AGAIN && ++crowd < CROWD
		    && wait(monitor, 20 + monitor->claim.bytes[crowd % UUID_BYTES])) {
			*err = (struct err){ 0 };
			continue;
		}
		if (!disconnected(err)) {
			/* The claim stays: it is tried again after the lease, not at once. */
			log_error(item->check.domain->name, "%s", err->text);
			monitor->failed++;
			*err = (struct err){ 0 };
			return true;
		}
		/* What was committed without our hearing of it is free, and then
		 * the guard says that it is not ours: nothing is stored twice. */
		if (!reconnect(monitor, err))
			return false;
	}
	monitor->looked += !item->dropped;
	monitor->lost += item->dropped;
	monitor->faults += !item->check.finished;
	return true;
}

static bool run_batch(struct monitor *monitor, struct arena *arena, const struct watch_batch *batch,
                      struct err *err)
{
	struct checkup checkup = { .arena = arena };
	bool ok = load(monitor, batch, &checkup, err) && look(monitor, &checkup, err);

	for (size_t i = 0; ok && i < checkup.count; i++)
		ok = store_one(monitor, &checkup, i, err);
	/* Retired since it was planned: there is nothing to look at. */
	if (ok && checkup.count < batch->count)
		ok = watch_stop(monitor->db, &monitor->claim, err);
	checkup_drop(&checkup);
	return ok;
}

/* Take what is due and look at it; *any: there was something. */
static bool work(struct monitor *monitor, bool *any, struct err *err)
{
	struct arena arena = { 0 };
	struct watch_batch batch = { 0 };
	bool ok = watch_claim(monitor->db, &arena, &monitor->claim, monitor->conf->monitor.lease,
	                      TOGETHER, &batch, err);

	*any = ok && batch.count > 0;
	if (*any) {
		words_setup(batch.language);
		ok = run_batch(monitor, &arena, &batch, err);
		words_setup(monitor->language);
	}
	arena_reset(&arena);
	return ok;
}

static bool tell(struct monitor *monitor, int64_t *gauge_at, struct err *err)
{
	const char *file = monitor->conf->monitor.prometheus;
	bool ok = delivery_run(&monitor->delivery, monitor->db, err);

	words_setup(monitor->language);
	if (!ok || file == NULL || clock_ticks() < *gauge_at)
		return ok;
	*gauge_at = clock_ticks() + GAUGE_EVERY;
	if (gauge_write(monitor->db, file, monitor->faults, err))
		return true;
	if (disconnected(err))
		return false;
	log_error("prometheus", "%s", err->text);
	*err = (struct err){ 0 };
	return true;
}

static bool round_of_work(struct monitor *monitor, int64_t *gauge_at, bool *any, struct err *err)
{
	return work(monitor, any, err) && tell(monitor, gauge_at, err);
}

static bool rest(struct monitor *monitor, struct err *err)
{
	int64_t pause = 0;
	int64_t left = monitor->end - clock_ticks();
	bool told = false;

	if (!watch_wait(monitor->db, SLEEP_MOST, &pause, err))
		return false;
	if (left < pause)
		pause = left > 0 ? left : 0;
	return db_wait(monitor->db, monitor->stop, pause, &told, err);
}

static bool end(struct monitor *monitor, struct err *err)
{
	int64_t at_once = 0;
	struct err ignored = { 0 };

	if (monitor->db == NULL)
		return err->code == ERR_NONE;
	if (err->code != ERR_NONE) {
		(void)!watch_give_back(monitor->db, &monitor->claim, &ignored);
		return false;
	}
	return watch_give_back(monitor->db, &monitor->claim, err) && tell(monitor, &at_once, err);
}

/* After a fault: take up the work again, with what was taken and not done free
 * for everybody; false: it is time to end. */
static bool take_up(struct monitor *monitor, struct err *err)
{
	struct err ignored = { 0 };

	if (disconnected(err) || err->code == ERR_AGAIN) {
		if (!reconnect(monitor, err))
			return false;
		(void)!watch_give_back(monitor->db, &monitor->claim, &ignored);
		return true;
	}
	log_error("monitor", "%s", err->text);
	return !monitor->once && wait(monitor, BACKOFF_MOST);
}

static void setup(struct monitor *monitor)
{
	monitor->claim = uuid_make();
	monitor->pause = BACKOFF_FIRST;
	monitor->delivery.conf = monitor->conf;
	monitor->delivery.claim = monitor->claim;
	monitor->delivery.keys_socket = monitor->keys_socket;
	monitor->end = monitor->seconds > 0 ? clock_ticks() + monitor->seconds * 1000 : INT64_MAX;
}

bool monitor_run(struct monitor *monitor, struct err *err)
{
	int64_t gauge_at = 0;
	bool any = false;

	setup(monitor);
	bool ok = connect(monitor, err) || reconnect(monitor, err);
	while (ok && !over(monitor)) {
		ok = round_of_work(monitor, &gauge_at, &any, err);
		if (ok && monitor->once && !any)
			break;
		ok = ok && (any || rest(monitor, err));
		if (ok)
			monitor->pause = BACKOFF_FIRST;
		else
			ok = take_up(monitor, err);
		if (ok)
			*err = (struct err){ 0 };
	}
	/* Asked to end while the database is away: that is no failure. */
	if (!monitor->once)
		*err = (struct err){ 0 };
	ok = end(monitor, err) || !monitor->once;
	db_close(monitor->db);
	monitor->db = NULL;
	return ok;
}

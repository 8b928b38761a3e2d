#include "core/ops/monitor.h"

#include <poll.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/model/watch.h"
#include "core/ops/checkup.h"
#include "core/ops/gauge.h"
#include "core/ops/patrol.h"

enum {
	TOGETHER = 100,     /* domains that are taken at once */
	CLAIM_AGAIN = 1000, /* milliseconds after which more may be due */
	LOOK_MOST = 100,    /* that answers are waited for */
	TELL_EVERY = 1000,
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

/* ---- looks ---- */

static bool open_patrol(struct monitor *monitor, struct err *err)
{
	struct patrol_settings settings = {
		.resolver = &monitor->resolver,
		.probing = { .ca_file = monitor->conf->ca_file,
		             .keys_socket = monitor->keys_socket },
	};

	return monitor->patrol != NULL || patrol_open(&monitor->patrol, &settings, err);
}

/* What it remembers of servers and answers shall not outlive the work. */
static void close_patrol(struct monitor *monitor)
{
	monitor->faults += (long long)patrol_close(monitor->patrol);
	monitor->patrol = NULL;
	monitor->taken = 0;
	words_setup(monitor->language);
}

/* What cannot be looked at keeps no other domain back: its claim stays, and it
 * is tried again after the lease. */
static bool begin(struct monitor *monitor, const struct scope *scope, size_t *retired,
                  struct err *err)
{
	bool begun = false;
	bool ok = db_begin(monitor->db, DB_READ, err)
	          && patrol_begin(monitor->patrol, monitor->db, scope, &begun, err);

	db_rollback(monitor->db);
	monitor->taken += begun;
	*retired += ok && !begun;
	if (ok || disconnected(err) || err->code == ERR_AGAIN)
		return ok;
	log_error(scope->domain, "%s", err->text);
	monitor->failed++;
	*err = (struct err){ 0 };
	return true;
}

static bool begin_all(struct monitor *monitor, const struct watch_batch *batch, struct err *err)
{
	size_t retired = 0;
	bool ok = batch->count == 0 || open_patrol(monitor, err);

	for (size_t i = 0; ok && i < batch->count; i++)
		ok = begin(monitor, &batch->scopes[i], &retired, err);
	/* Retired since it was planned: there is nothing to look at. */
	return ok && (retired == 0 || watch_stop(monitor->db, &monitor->claim, err));
}

/* A third of the lease may pass without a word. */
static bool renew(struct monitor *monitor, struct err *err)
{
	double lease = monitor->conf->monitor.lease;

	if (monitor->patrol == NULL || clock_ticks() < monitor->renew_at)
		return true;
	monitor->renew_at = clock_ticks() + (int64_t)(lease * 1000.0 / 3.0);
	return watch_renew(monitor->db, &monitor->claim, lease, err);
}

/* Take what is due, as long as there is room. */
static bool take(struct monitor *monitor, struct err *err)
{
	struct arena arena = { 0 };
	struct watch_batch batch = { 0 };
	size_t room = PATROL_MOST - patrol_under_way(monitor->patrol);

	if (room < TOGETHER || (room < PATROL_MOST && clock_ticks() < monitor->claim_at))
		return true;
	bool ok = watch_claim(monitor->db, &arena, &monitor->claim, monitor->conf->monitor.lease,
	                      TOGETHER, &batch, err);
	if (ok && batch.count < TOGETHER)
		monitor->claim_at = clock_ticks() + CLAIM_AGAIN;
	ok = ok && begin_all(monitor, &batch, err);
	arena_reset(&arena);
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
static bool store(struct monitor *monitor, struct checkup *checkup, struct err *err)
{
	struct guarding guarding = { monitor, checkup->arena };
	struct checkup_item *const item = &checkup->items[0];

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

/* Wait for answers; store the looks that have ended. */
static bool look(struct monitor *monitor, struct err *err)
{
	struct patrol_look *look = patrol_turn(monitor->patrol, LOOK_MOST);
	bool ok = true;

	if (look == NULL)
		return true;
	ok = store(monitor, &look->checkup, err);
	patrol_drop(look);
	if (monitor->progress != NULL)
		monitor->progress(monitor->context,
		                  monitor->taken - patrol_under_way(monitor->patrol),
		                  monitor->taken);
	return ok;
}

/* *any: there was something to look at. */
static bool work(struct monitor *monitor, bool *any, struct err *err)
{
	bool ok = renew(monitor, err) && take(monitor, err);

	*any = monitor->patrol != NULL;
	if (ok && *any)
		ok = look(monitor, err);
	if (!ok || patrol_under_way(monitor->patrol) == 0)
		close_patrol(monitor);
	return ok;
}

/* ---- telling ---- */

static bool count(struct monitor *monitor, struct err *err)
{
	const char *file = monitor->conf->monitor.prometheus;

	if (file == NULL || clock_ticks() < monitor->gauge_at)
		return true;
	monitor->gauge_at = clock_ticks() + GAUGE_EVERY;
	if (gauge_write(monitor->db, file, monitor->faults, err))
		return true;
	if (disconnected(err))
		return false;
	log_error("prometheus", "%s", err->text);
	*err = (struct err){ 0 };
	return true;
}

/* While there is work, once a second. */
static bool tell(struct monitor *monitor, bool busy, struct err *err)
{
	if (busy && clock_ticks() < monitor->tell_at)
		return true;
	monitor->tell_at = clock_ticks() + TELL_EVERY;
	bool ok = delivery_run(&monitor->delivery, monitor->db, err);
	words_setup(monitor->language);
	return ok && count(monitor, err);
}

static bool round_of_work(struct monitor *monitor, bool *any, struct err *err)
{
	return work(monitor, any, err) && key_round_run(&monitor->keys, monitor->db, err)
	       && tell(monitor, *any, err);
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
	struct err ignored = { 0 };

	close_patrol(monitor);
	monitor->gauge_at = 0;
	if (monitor->db == NULL)
		return err->code == ERR_NONE;
	if (err->code != ERR_NONE) {
		(void)!watch_give_back(monitor->db, &monitor->claim, &ignored);
		return false;
	}
	return watch_give_back(monitor->db, &monitor->claim, err) && tell(monitor, false, err);
}

/* After a fault: take up the work again, with what was taken and not done free
 * for everybody; false: it is time to end. */
static bool take_up(struct monitor *monitor, struct err *err)
{
	struct err ignored = { 0 };

	close_patrol(monitor);
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
	monitor->keys.keys_socket = monitor->keys_socket;
	monitor->keys.language = monitor->language;
	monitor->keys.resolver = &monitor->resolver;
	monitor->end = monitor->seconds > 0 ? clock_ticks() + monitor->seconds * 1000 : INT64_MAX;
}

bool monitor_run(struct monitor *monitor, struct err *err)
{
	bool any = false;

	setup(monitor);
	bool ok = connect(monitor, err) || reconnect(monitor, err);
	while (ok && !over(monitor)) {
		ok = round_of_work(monitor, &any, err);
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

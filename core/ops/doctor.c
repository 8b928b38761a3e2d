#include "core/ops/doctor.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "core/model/channel.h"
#include "core/model/escrow_age.h"
#include "core/model/watch.h"
#include "core/ops/embedded.h"
#include "keys/client.h"
#include "sql/db.h"
#include "sql/migrate.h"

struct patient {
	const struct conf *conf;
	struct arena *arena;
	struct embedded place;
	finding_fn call;
	void *context;
	enum finding_state worst;
	struct err *err;
	bool broken_off; /* the caller does not want to hear more */
};

const char *finding_word(enum finding_state state)
{
	static const char *const words[FINDING_STATES] = {
		[FINDING_FINE] = "ok",
		[FINDING_CARE] = "care",
		[FINDING_BROKEN] = "broken",
	};

	return words[state];
}

static void say(struct patient *patient, enum finding_state state, const char *subject,
                const char *remedy, const char *fmt, ...) PRINTF_LIKE(5, 6);

static void say(struct patient *patient, enum finding_state state, const char *subject,
                const char *remedy, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (state > patient->worst)
		patient->worst = state;
	struct finding finding = { state, subject, arena_copy(patient->arena, text), remedy };
	if (!patient->broken_off)
		patient->broken_off = !patient->call(&finding, patient->context, patient->err);
}

/* An error that somebody else worded is a finding like any other. */
static void say_err(struct patient *patient, const char *subject, const struct err *err)
{
	say(patient, FINDING_BROKEN, subject, arena_copy(patient->arena, err->hint), "%s",
	    err->text);
}

static void look_configuration(struct patient *patient)
{
	const char *file = patient->conf->file;

	if (file != NULL)
		say(patient, FINDING_FINE, _("configuration"), NULL, _("%s is in order"), file);
	else
		say(patient, FINDING_FINE, _("configuration"), NULL,
		    _("no file; defaults are in force"));
}

static void look_programs(struct patient *patient)
{
	struct err err = { 0 };
	const char *folder;

	if (cluster_programs(&patient->place.cluster, patient->arena, &folder, &err))
		say(patient, FINDING_FINE, _("programs"), NULL, _("PostgreSQL's are in %s"),
		    folder);
	else
		say_err(patient, _("programs"), &err);
}

static void look_disk(struct patient *patient)
{
	struct statvfs about;
	const char *state = patient->place.state;

	if (statvfs(state, &about) != 0)
		return;
	unsigned long long free_mb = (unsigned long long)about.f_bavail * about.f_frsize / 1000000;
	if (free_mb < 20)
		say(patient, FINDING_BROKEN, _("disk"), _("make room; nothing can be stored"),
		    _("%llu MB are left in %s"), free_mb, state);
	else if (free_mb < 500)
		say(patient, FINDING_CARE, _("disk"), _("make room soon"),
		    _("%llu MB are left in %s"), free_mb, state);
	else
		say(patient, FINDING_FINE, _("disk"), NULL, _("%llu MB are left in %s"), free_mb,
		    state);
}

static void look_server(struct patient *patient)
{
	const struct embedded *place = &patient->place;

	if (!embedded_exists(place))
		say(patient, FINDING_BROKEN, _("database"), _("senderctl up"),
		    _("there is no embedded environment in %s yet"), place->state);
	else if (!cluster_answers(&place->cluster))
		say(patient, FINDING_BROKEN, _("database"), _("senderctl up"),
		    _("the embedded server does not run"));
	else
		say(patient, FINDING_FINE, _("database"), NULL, _("PostgreSQL %s answers on %s"),
		    cluster_version(&place->cluster, patient->arena), place->cluster.sockets);
}

static void look_schema(struct patient *patient, const char *conninfo)
{
	struct err err = { 0 };
	struct db *db = NULL;
	struct migrate_status status;

	if (!db_open(&db, conninfo, &err) || !migrate_look(db, patient->arena, &status, &err))
		say_err(patient, _("schema"), &err);
	else if (!status.initialised)
		say(patient, FINDING_BROKEN, _("schema"), _("senderctl db init"),
		    _("the database is empty"));
	else if (status.missing > 0)
		say(patient, FINDING_BROKEN, _("schema"), _("senderctl db migrate"),
		    _("%d migrations are missing"), status.missing);
	else
		say(patient, FINDING_FINE, _("schema"), NULL, _("up to date (%s)"), status.last);
	db_close(db);
}

/* Does somebody look again, and do people hear of it? */
static void look_monitor(struct patient *patient, const char *conninfo)
{
	struct err ignored = { 0 };
	struct db *db = NULL;
	struct watch_state state;
	struct tree *channels = NULL;

	if (db_open(&db, conninfo, &ignored) && watch_state(db, patient->arena, &state, &ignored)) {
		if (state.late > 0)
			say(patient, FINDING_CARE, _("monitor"),
			    _("let \"senderctl monitor\" run, as a service or by a timer"),
			    _("%lld domains should have been looked at an hour ago or more"),
			    state.late);
		else
			say(patient, FINDING_FINE, _("monitor"), NULL,
			    _("%lld domains are watched"), state.domains);
	}
	if (db != NULL && channel_states(db, &channels, &ignored))
		for (size_t i = 0; i < tree_count(channels); i++) {
			const struct tree *channel = tree_at(channels, i);
			const char *problem = tree_find_text(channel, "problem");

			if (problem != NULL)
				say(patient, FINDING_CARE, _("monitor"),
				    _("senderctl monitor --status shows what waits"), "%s, %s: %s",
				    tree_find_text(channel, "provider"),
				    tree_find_text(channel, "channel"), problem);
		}
	tree_drop(channels);
	db_close(db);
}

/* Could somebody bring the keys back, and was that tried? */
static void look_escrow(struct patient *patient, const char *conninfo)
{
	struct err ignored = { 0 };
	struct db *db = NULL;
	struct tree *concerns = NULL;

	if (db_open(&db, conninfo, &ignored)
	    && escrow_age_concerns(db, patient->arena, &concerns, &ignored)) {
		for (size_t i = 0; i < tree_count(concerns); i++) {
			const struct tree *one = tree_at(concerns, i);
			say(patient, FINDING_CARE, _("escrow"), tree_find_text(one, "remedy"),
			    "%s: %s", tree_find_text(one, "subject"),
			    tree_find_text(one, "concern"));
		}
		if (tree_count(concerns) == 0)
			say(patient, FINDING_FINE, _("escrow"), NULL, _("nothing is overdue"));
	}
	tree_drop(concerns);
	db_close(db);
}

static void look_keys(struct patient *patient)
{
	const struct embedded *place = &patient->place;
	const char *master = arena_print(patient->arena, "%s/master.key", place->keys_folder);
	struct keys_client *keys = NULL;
	struct keys_status status = { 0 };
	struct err err = { 0 };
	struct stat about;
	struct stat data;

	if (!keys_open(&keys, place->keys_socket, &err) || !keys_status(keys, &status, &err))
		say(patient, FINDING_BROKEN, _("key service"), _("senderctl up"), "%s", err.text);
	else if (status.sealed)
		say(patient, FINDING_BROKEN, _("key service"), _("senderctl key unlock"),
		    _("it is sealed: it has no passphrase yet"));
	else if (!status.database)
		say(patient, FINDING_BROKEN, _("key service"), _("senderctl up"),
		    _("it does not reach its database"));
	else if (!status.locked_memory)
		say(patient, FINDING_CARE, _("key service"),
		    _("raise the limit of locked memory (ulimit -l), or switch swap off"),
		    _("answers on %s; its memory may be swapped out"), place->keys_socket);
	else if (!status.seccomp || status.landlock == 0)
		say(patient, FINDING_CARE, _("key service"),
		    _("senderkeyd(8), --unconfined; or a kernel with seccomp and Landlock"),
		    _("answers on %s; the kernel does not confine it wholly"), place->keys_socket);
	else
		say(patient, FINDING_FINE, _("key service"), NULL,
		    _("answers on %s; keys made ahead: %lld"), place->keys_socket, status.pool);
	keys_close(keys);
	if (patient->conf->connection != NULL || stat(master, &about) != 0)
		return;
	if ((about.st_mode & 077) != 0)
		say(patient, FINDING_BROKEN, _("master key"),
		    arena_print(patient->arena, "chmod 0400 %s", master), _("others can read %s"),
		    master);
	else if (stat(place->cluster.folder, &data) == 0 && data.st_dev == about.st_dev)
		say(patient, FINDING_CARE, _("master key"),
		    _("never put both into one backup: keep a copy of the master key elsewhere"),
		    _("it lies on the same disk as the database"));
	else
		say(patient, FINDING_FINE, _("master key"), NULL, "%s", master);
}

static void look_separation(struct patient *patient)
{
	const struct embedded *place = &patient->place;

	if (!place->as_root) {
		say(patient, FINDING_CARE, _("users"),
		    _("run \"senderctl up\" as root for two users of their own"),
		    _("database, key service and you share one user: the keys are protected "
		      "against a stolen dump, not against this user"));
		return;
	}
	if (getpwnam("senderctl") == NULL || getpwnam("senderkeyd") == NULL)
		say(patient, FINDING_BROKEN, _("users"), _("senderctl up"),
		    _("the system users senderctl and senderkeyd are missing"));
	else
		say(patient, FINDING_FINE, _("users"), NULL,
		    _("database and key service have a user each"));
}

static void look_resolver(struct patient *patient)
{
	if (patient->conf->resolver_count > 0)
		say(patient, FINDING_FINE, _("DNS"), NULL, _("%zu resolvers are configured"),
		    patient->conf->resolver_count);
	else if (file_exists("/etc/resolv.conf"))
		say(patient, FINDING_FINE, _("DNS"), NULL, _("the system's resolvers are asked"));
	else
		say(patient, FINDING_CARE, _("DNS"),
		    _("set dns.resolvers in the configuration, or use --resolver"),
		    _("there is no /etc/resolv.conf: nothing can be checked"));
}

bool doctor_examine(const struct conf *conf, struct arena *arena, finding_fn call, void *context,
                    enum finding_state *worst, struct err *err)
{
	struct patient patient = {
		.conf = conf, .arena = arena, .call = call, .context = context, .err = err
	};
	struct err place_err = { 0 };

	look_configuration(&patient);
	if (conf->connection != NULL) {
		look_schema(&patient, conf->connection);
		look_monitor(&patient, conf->connection);
		look_escrow(&patient, conf->connection);
		if (conf->keys_socket == NULL)
			say(&patient, FINDING_CARE, _("key service"),
			    _("set keys.socket in the configuration"),
			    _("no socket is configured beside the database"));
	}
	if (!embedded_place(conf, arena, &patient.place, &place_err)) {
		say_err(&patient, _("folder"), &place_err);
	} else if (conf->connection == NULL) {
		look_programs(&patient);
		look_disk(&patient);
		look_separation(&patient);
		look_server(&patient);
		if (cluster_answers(&patient.place.cluster)) {
			look_schema(&patient, embedded_conninfo(&patient.place));
			look_monitor(&patient, embedded_conninfo(&patient.place));
			look_escrow(&patient, embedded_conninfo(&patient.place));
		}
		look_keys(&patient);
	} else if (conf->keys_socket != NULL) {
		look_keys(&patient);
	}
	look_resolver(&patient);
	*worst = patient.worst;
	return !patient.broken_off;
}

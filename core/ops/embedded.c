#include "core/ops/embedded.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "sql/db.h"
#include "sql/migrate.h"

enum {
	LOCK_PATIENCE = 120 * 1000, /* ms that a second `up` waits for the first */
	RELOAD_PATIENCE = 5 * 1000,
	KEYS_PATIENCE = 30 * 1000,
};

/* The cluster's superuser and the two system users. */
static const char admin[] = "senderctl_admin";
static const char server_user[] = "senderctl";
static const char keyd_user[] = "senderkeyd";

/* A person's role is the name at this machine, or a number where PostgreSQL
 * and the registry would not take the name. */
static const char *person_of(uid_t uid, struct arena *arena)
{
	const struct passwd *found = getpwuid(uid);
	const char *name = found != NULL ? found->pw_name : "";
	bool fine = name[0] != '\0' && name[0] != '-' && name[0] != '.' && strlen(name) < 60
	            && strncmp(name, "pg_", 3) != 0 && strncmp(name, "sc_", 3) != 0
	            && strcmp(name, admin) != 0;

	for (const char *p = name; fine && *p != '\0'; p++)
		fine = islower((unsigned char)*p) || isdigit((unsigned char)*p)
		       || strchr("_.-", *p) != NULL;
	return fine ? arena_copy(arena, name) : arena_print(arena, "user%lu", (unsigned long)uid);
}

/* The kernel's limit counts the longest name we ever bind, with its NUL. */
static bool sockets_fit(const struct embedded *place, struct err *err)
{
	size_t longest = strlen(place->cluster.sockets) + strlen("/.s.PGSQL.5432.lock");
	size_t limit = sizeof((struct sockaddr_un *)0)->sun_path - 1;

	if (longest <= limit)
		return true;
	(void)err_set(err, ERR_INPUT,
	              _("%s is too long a name for a folder with sockets (%zu bytes, "
	                "%zu are possible)"),
	              place->cluster.sockets, longest, limit);
	return err_hint(err, _("choose a shorter folder: embedded.state in the configuration, or "
	                       "SENDERCTL_STATE"));
}

bool embedded_place(const struct conf *conf, struct arena *arena, struct embedded *place,
                    struct err *err)
{
	const char *s = arena_copy(arena, conf->state);
	bool root = geteuid() == 0;
	const char *run = root && !conf->state_chosen ? "/run/senderctl"
	                                              : arena_print(arena, "%s/run", s);

	*place = (struct embedded){
		.arena = arena,
		.state = s,
		.run = run,
		.as_root = root,
		.person = person_of(geteuid(), arena),
		.keys_folder = arena_print(arena, "%s/keys", s),
		.keys_socket = conf->keys_socket != NULL ? arena_copy(arena, conf->keys_socket)
		                                         : arena_print(arena, "%s/keys/socket", run),
		.keys_log = arena_print(arena, "%s/log/senderkeyd.log", s),
		.keys_note = arena_print(arena, "%s/senderkeyd.pid", run),
		.keys_pool = conf->keys_pool,
		.keys_keygen = conf->keys_keygen != NULL ? conf->keys_keygen : "evp",
		.ca_file = conf->ca_file,
		.cluster = {
			.folder = arena_print(arena, "%s/cluster", s),
			.access = arena_print(arena, "%s/access", s),
			.sockets = arena_print(arena, "%s/db", run),
			.log = arena_print(arena, "%s/log/postgres.log", s),
			.note = arena_print(arena, "%s/postgres.pid", run),
			.admin = admin,
		},
	};
	place->cluster.probe = arena_print(arena, "host='%s' port=5432 dbname=postgres user=%s",
	                                   place->cluster.sockets, admin);
	if (strpbrk(s, "'\\\n") != NULL)
		return err_set(err, ERR_INPUT,
		               _("the folder %s has a quote, a backslash or a newline "
		                 "in its name"),
		               s);
	return sockets_fit(place, err);
}

static const char *conninfo(const struct embedded *place, const char *database, const char *user)
{
	return arena_print(place->arena, "host='%s' port=5432 dbname=%s user='%s'",
	                   place->cluster.sockets, database, user);
}

const char *embedded_conninfo(const struct embedded *place)
{
	return conninfo(place, "senderctl", place->person);
}

const char *embedded_admin_conninfo(const struct embedded *place)
{
	return conninfo(place, "senderctl", admin);
}

bool embedded_exists(const struct embedded *place)
{
	struct stat about;

	return stat(place->cluster.access, &about) == 0;
}

bool embedded_keys_answer(const struct embedded *place)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(place->keys_socket) >= sizeof address.sun_path)
		return false;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", place->keys_socket);
	bool answers = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
	(void)close(fd);
	return answers;
}

/* One `up` or `down` at a time; the second waits and finds the work done. */
static int take_lock(const struct embedded *place, struct err *err)
{
	const char *path = arena_print(place->arena, "%s/up.lock", place->state);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int64_t since = clock_ticks();

	if (fd < 0) {
		(void)err_errno(err, _("cannot write %s"), path);
		if (service_disk_full(place->state))
			(void)err_hint(err, _("the disk is full: make room and try again"));
		return -1;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_ticks() - since > LOCK_PATIENCE) {
			(void)err_set(err, ERR_SYSTEM, _("another \"up\" or \"down\" holds %s"),
			              path);
			(void)close(fd);
			return -1;
		}
		clock_wait(20);
	}
	return fd;
}

static bool own(const char *path, const struct service_user *user, struct err *err)
{
	return !user->change || chown(path, user->uid, user->gid) == 0
	       || err_errno(err, _("cannot give %s to %s"), path, user->name);
}

/* Folders and who may enter them.  As root others may look through to the
 * sockets; as an ordinary user everything is private. */
static bool make_folders(struct embedded *place, struct embedded_report *report, struct err *err)
{
	mode_t open_mode = place->as_root ? 0755 : 0700;
	bool made = false;

	place->cluster.user = (struct service_user){ place->person, geteuid(), getegid(), false };
	place->keyd = place->cluster.user;
	if (!file_folder(place->state, open_mode, err))
		return false;
	if (place->as_root) {
		if (!service_user_need(server_user, &place->cluster.user, &made, err))
			return false;
		report->users_made = made;
		if (!service_user_need(keyd_user, &place->keyd, &made, err))
			return false;
		report->users_made = report->users_made || made;
	}
	return service_reaches(&place->cluster.user, place->state, err)
	       && file_folder(place->run, open_mode, err)
	       && file_folder(place->cluster.access, open_mode, err)
	       && file_folder(arena_print(place->arena, "%s/log", place->state), 0700, err)
	       && file_folder(place->cluster.sockets, open_mode, err)
	       && own(place->cluster.sockets, &place->cluster.user, err)
	       && file_folder(place->keys_folder, 0700, err)
	       && own(place->keys_folder, &place->keyd, err)
	       && file_folder(arena_print(place->arena, "%s/keys", place->run), open_mode, err)
	       && own(arena_print(place->arena, "%s/keys", place->run), &place->keyd, err);
}

/* What is there already, byte for byte, is not written again: *changed tells. */
static bool write_if_new(const char *path, const char *text, bool *changed, struct err *err)
{
	struct arena arena = { 0 };
	struct err ignored = { 0 };
	char *now;
	size_t size;
	bool same = file_read(path, 1 << 20, &arena, &now, &size, &ignored) && size == strlen(text)
	            && memcmp(now, text, size) == 0;

	arena_reset(&arena);
	*changed = *changed || !same;
	return same || file_write(path, 0644, text, strlen(text), err);
}

/* Who at this machine may be whom in the database.  `keyd` is NULL as long as
 * the database does not exist.  Lines of other persons stay as they are. */
static bool write_access(const struct embedded *place, const char *keyd, bool *changed,
                         struct err *err)
{
	static const char hba[] = "# written by senderctl up: only sockets, only by name\n"
				  "local all all peer map=sc\n";
	const char *ident_path = arena_print(place->arena, "%s/pg_ident.conf",
	                                     place->cluster.access);
	const char *hba_path = arena_print(place->arena, "%s/pg_hba.conf", place->cluster.access);
	const char *me = getpwuid(geteuid()) != NULL ? getpwuid(geteuid())->pw_name : "";
	struct text wanted = { 0 };
	struct text text = { 0 };
	struct err ignored = { 0 };
	char *now = NULL;
	size_t size = 0;

	text_addf(&wanted, "sc \"%s\" %s\n", me, admin);
	if (place->cluster.user.change)
		text_addf(&wanted, "sc %s %s\n", server_user, admin);
	text_addf(&wanted, "sc \"%s\" \"%s\"\n", me, place->person);
	if (keyd != NULL)
		text_addf(&wanted, "sc \"%s\" %s\n", place->keyd.change ? keyd_user : me, keyd);

	if (!file_exists(ident_path)
	    || !file_read(ident_path, 1 << 20, place->arena, &now, &size, &ignored))
		now = arena_copy(place->arena,
		                 "# who at this machine may be whom in the database\n"
		                 "# MAP USER ROLE; \"senderctl up\" adds lines, others are kept\n");
	text_add(&text, now);
	for (const char *line = text_string(&wanted); *line != '\0';
	     line = strchr(line, '\n') + 1) {
		const char *one = arena_copy_part(place->arena, line, strcspn(line, "\n") + 1);
		if (strstr(text_string(&text), one) == NULL)
			text_add(&text, one);
	}
	bool ok = write_if_new(hba_path, hba, changed, err)
	          && write_if_new(ident_path, text_string(&text), changed, err);
	text_free(&text);
	text_free(&wanted);
	return ok;
}

static bool make_database(const struct embedded *place, struct embedded_report *report,
                          struct err *err)
{
	struct db *db = NULL;
	const struct row *row;
	bool ok = false;

	if (!db_open(&db, conninfo(place, "postgres", admin), err)
	    || !db_one(db, STMT_EMBEDDED_DATABASE_KNOWN, DB_NO_PARAMS, &row, err))
		goto out;
	ok = true;
	if (!row_bool(row, "known")) {
		ok = db_run(db, STMT_EMBEDDED_DATABASE_CREATE, DB_NO_PARAMS, NULL, err);
		report->database_made = ok;
	}
out:
	db_close(db);
	return ok;
}

/* Schema, the calling person's role, and the key service's name for the map. */
static bool prepare_database(const struct embedded *place, struct embedded_report *report,
                             const char **keyd, struct err *err)
{
	struct db *db = NULL;
	const struct row *row;
	bool ok = false;

	if (!db_open(&db, embedded_admin_conninfo(place), err)
	    || !migrate_run(db, &report->migrations, err)
	    || !db_one(db, STMT_HOUSE_ROLE, DB_PARAMS("keyd"), &row, err))
		goto out;
	*keyd = arena_copy(place->arena, row_text(row, "role"));
	if (!db_one(db, STMT_EMBEDDED_PERSON_KNOWN, DB_PARAMS(place->person), &row, err))
		goto out;
	ok = true;
	if (!row_bool(row, "known")) {
		ok = db_run(db, STMT_EMBEDDED_PERSON_LET_IN, DB_PARAMS(place->person), NULL, err);
		report->person_let_in = ok;
	}
out:
	db_close(db);
	return ok;
}

/* The postmaster reads the map again soon, not at once: wait until it let us in. */
static bool reload_access(const struct embedded *place, struct err *err)
{
	int64_t since = clock_ticks();
	struct db *db = NULL;
	bool ok = db_open(&db, embedded_admin_conninfo(place), err)
	          && db_run(db, STMT_EMBEDDED_RELOAD, DB_NO_PARAMS, NULL, err);

	db_close(db);
	while (ok) {
		db = NULL;
		bool in = db_open(&db, embedded_conninfo(place), err);
		db_close(db);
		if (in)
			break;
		ok = clock_ticks() - since < RELOAD_PATIENCE;
		clock_wait(5);
	}
	if (ok)
		*err = (struct err){ 0 };
	return ok;
}

/* senderkeyd stands beside us: in the build folder, or installed, wherever the
 * installed tree was moved to. */
static int open_keyd(const struct embedded *place, struct err *err)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	self[length > 0 ? length : 0] = '\0';
	char *slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	const char *beside = arena_print(place->arena, "%s/senderkeyd", self);
	const char *installed = SBINDIR "/senderkeyd";
	const char *moved = arena_print(place->arena, "%s/../sbin/senderkeyd", self);
	const char *path = access(beside, X_OK) == 0  ? beside
	                   : access(moved, X_OK) == 0 ? moved
	                                              : installed;
	if (access(path, X_OK) != 0) {
		(void)err_set(err, ERR_KEYS, _("there is no senderkeyd at %s or %s"), beside,
		              installed);
		(void)err_hint(err, _("build or install it; it comes with senderctl"));
		return -1;
	}
	return service_program_open(path, err);
}

/* The master key is made by the service itself, as its own user: nobody else
 * ever has it in memory. */
static bool make_master(const struct embedded *place, int program, struct embedded_report *report,
                        struct err *err)
{
	const char *file = arena_print(place->arena, "%s/master.key", place->keys_folder);
	const char *const argv[] = { "senderkeyd", "--init", "--master-key", file, NULL };
	struct text said = { 0 };

	if (file_exists(file))
		return true;
	bool ok = service_run(&(struct service_program){ program, argv, &place->keyd,
	                                                 place->keys_folder },
	                      &said, err);
	text_free(&said);
	report->master_made = ok;
	return ok;
}

static bool wait_keys(const struct embedded *place, pid_t child, struct err *err)
{
	int64_t since = clock_ticks();
	char line[300];

	while (!embedded_keys_answer(place)) {
		bool ended = child > 0 && service_ended(child);
		if (ended || clock_ticks() - since > KEYS_PATIENCE) {
			service_log_tail(place->keys_log, line, sizeof line);
			(void)err_set(err, ERR_KEYS,
			              ended ? _("the key service does not start: %s")
			                    : _("the key service does not answer: %s"),
			              line[0] != '\0' ? line : _("it said nothing"));
			return err_hint(err, _("%s has the whole story"), place->keys_log);
		}
		clock_wait(3);
	}
	return true;
}

enum { MOST_WORDS = 20 };

static void add_word(const char *argv[], size_t *count, const char *word, const char *value)
{
	argv[(*count)++] = word;
	if (value != NULL)
		argv[(*count)++] = value;
}

static bool start_keys(const struct embedded *place, const char *role,
                       struct embedded_report *report, struct err *err)
{
	const char *officers = arena_print(place->arena, "%s/officers", place->keys_folder);
	const char *argv[MOST_WORDS] = {
		"senderkeyd",
		"--master-key",
		arena_print(place->arena, "%s/master.key", place->keys_folder),
		"--socket",
		place->keys_socket,
		"--database",
		conninfo(place, "senderctl", role),
		"--pool",
		db_number(place->arena, place->keys_pool),
		"--keygen",
		place->keys_keygen,
	};
	size_t count = 0;
	pid_t pid = 0;
	bool ok = false;

	if (embedded_keys_answer(place))
		return true;
	int program = open_keyd(place, err);
	if (program < 0)
		return false;
	int old = service_note_find(place->keys_note, &pid);
	if (old >= 0) {
		/* It lives and does not answer: give it the time that a start takes. */
		(void)close(old);
		ok = wait_keys(place, 0, err);
		goto out;
	}
	while (argv[count] != NULL)
		count++;
	if (place->ca_file != NULL)
		add_word(argv, &count, "--ca-file", place->ca_file);
	if (file_exists(officers))
		add_word(argv, &count, "--officers", officers);
	if (place->recover)
		add_word(argv, &count, "--recover", NULL);
	(void)unlink(place->keys_socket);
	if (!make_master(place, program, report, err)
	    || !service_start(&(struct service_program){ program, argv, &place->keyd,
	                                                 place->keys_folder },
	                      place->keys_log, &pid, err)
	    || !service_note_write(place->keys_note, pid, err) || !wait_keys(place, pid, err))
		goto out;
	report->keys_started = ok = true;
out:
	(void)close(program);
	return ok;
}

bool embedded_up(struct embedded *place, struct embedded_report *report, struct err *err)
{
	const char *keyd = NULL;
	bool changed = false;
	bool ok = false;

	*report = (struct embedded_report){ 0 };
	if (!file_folder(place->state, place->as_root ? 0755 : 0700, err))
		return false;
	int lock = take_lock(place, err);
	if (lock < 0)
		return false;
	if (!make_folders(place, report, err)
	    || !cluster_make(&place->cluster, &report->cluster_made, err)
	    || !write_access(place, NULL, &changed, err)
	    || !cluster_start(&place->cluster, &report->cluster_started, err)
	    || !make_database(place, report, err) || !prepare_database(place, report, &keyd, err)
	    || !write_access(place, keyd, &changed, err) || (changed && !reload_access(place, err))
	    || !start_keys(place, keyd, report, err))
		goto out;
	ok = true;
out:
	(void)close(lock);
	return ok;
}

bool embedded_down(struct embedded *place, struct embedded_report *report, struct err *err)
{
	pid_t pid = 0;
	bool ok = false;

	*report = (struct embedded_report){ 0 };
	if (!embedded_exists(place))
		return true;
	int lock = take_lock(place, err);
	if (lock < 0)
		return false;
	int keys = service_note_find(place->keys_note, &pid);
	if (keys >= 0) {
		if (!service_end(keys, SIGTERM, KEYS_PATIENCE)) {
			(void)err_set(err, ERR_KEYS, _("the key service (process %d) does not end"),
			              (int)pid);
			goto out;
		}
		(void)unlink(place->keys_note);
		report->keys_stopped = true;
	}
	ok = cluster_stop(&place->cluster, &report->cluster_stopped, err);
out:
	(void)close(lock);
	return ok;
}

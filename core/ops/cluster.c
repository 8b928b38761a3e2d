#include "core/ops/cluster.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/conf.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "sql/db.h"

enum {
	PACKAGED_FROM = 15,         /* the oldest server we are tested with */
	START_PATIENCE = 60 * 1000, /* ms without any answer */
	RECOVERY_PATIENCE = 15 * 60 * 1000,
	STOP_PATIENCE = 60 * 1000,
};

static const char packaged[] = "/usr/lib/postgresql";

static bool has_programs(const char *folder)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/initdb", folder);
	if (access(path, X_OK) != 0)
		return false;
	(void)snprintf(path, sizeof path, "%s/postgres", folder);
	return access(path, X_OK) == 0;
}

const char *cluster_version(const struct cluster *cluster, struct arena *arena)
{
	const char *path = arena_print(arena, "%s/PG_VERSION", cluster->folder);
	struct err ignored = { 0 };
	char *text;
	size_t size;

	if (!file_read(path, 64, arena, &text, &size, &ignored))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The newest of Debian's side by side installations. */
static const char *newest(struct arena *arena)
{
	DIR *folder = opendir(packaged);
	long best = 0;
	const struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		long version = strtol(entry->d_name, NULL, 10);
		if (version >= PACKAGED_FROM && version > best
		    && has_programs(arena_print(arena, "%s/%ld/bin", packaged, version)))
			best = version;
	}
	if (folder != NULL)
		(void)closedir(folder);
	return best > 0 ? arena_print(arena, "%s/%ld/bin", packaged, best) : NULL;
}

/* Elsewhere than on Debian the programs stand in PATH; the link is followed,
 * because initdb looks for the server beside itself. */
static const char *in_path(struct arena *arena)
{
	const char *path = conf_environment("PATH");
	char real[PATH_MAX];

	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		const char *program = arena_print(arena, "%.*s/postgres", (int)length, path);
		if (path[0] == '/' && realpath(program, real) != NULL) {
			char *slash = strrchr(real, '/');
			*slash = '\0';
			if (has_programs(real))
				return arena_copy(arena, real);
		}
		path += length;
		path += *path == ':';
	}
	return NULL;
}

bool cluster_programs(const struct cluster *cluster, struct arena *arena, const char **folder,
                      struct err *err)
{
	const char *version = cluster_version(cluster, arena);

	*folder = NULL;
	if (version == NULL)
		*folder = newest(arena);
	else if (has_programs(arena_print(arena, "%s/%s/bin", packaged, version)))
		*folder = arena_print(arena, "%s/%s/bin", packaged, version);
	if (*folder == NULL && newest(arena) == NULL)
		*folder = in_path(arena);
	if (*folder != NULL)
		return true;
	if (version != NULL) {
		(void)err_set(err, ERR_REFUSED,
		              _("the database in %s was made by PostgreSQL %s, which "
		                "is not installed here"),
		              cluster->folder, version);
		return err_hint(err,
		                _("install postgresql-%s, or move %s away and restore a dump into "
		                  "the new one that \"senderctl up\" makes"),
		                version, cluster->folder);
	}
	(void)err_set(err, ERR_DATABASE, _("there is no PostgreSQL server on this machine"));
	return err_hint(err, _("apt-get install postgresql; or set database.connection in the "
	                       "configuration to use one elsewhere"));
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	UNUSED(about);
	UNUSED(kind);
	UNUSED(where);
	return remove(path);
}

static void remove_folder(const char *folder)
{
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static bool run_initdb(const struct cluster *cluster, const char *programs, const char *folder,
                       struct err *err)
{
	struct arena arena = { 0 };
	struct text said = { 0 };
	/* The whole path: initdb looks for postgres beside its own argv[0]. */
	const char *path = arena_print(&arena, "%s/initdb", programs);
	const char *const argv[] = { path,
		                     "-D",
		                     folder,
		                     "-U",
		                     cluster->admin,
		                     "-A",
		                     "peer",
		                     "-E",
		                     "UTF8",
		                     "--locale=C.UTF-8",
		                     "-k",
		                     "--no-instructions",
		                     NULL };
	int fd = service_program_open(path, err);
	bool ok = false;

	if (fd < 0)
		goto out;
	ok = service_run(&(struct service_program){ fd, argv, &cluster->user, folder }, &said, err);
	(void)close(fd);
	if (!ok
	    && (service_disk_full(folder)
	        || strstr(text_string(&said), "No space left on device") != NULL)) {
		(void)err_set(err, ERR_SYSTEM,
		              _("the disk is full: there is no room for a database "
		                "in %s"),
		              cluster->folder);
		(void)err_hint(err,
		               _("make 60 MB of room and run \"senderctl up\" again; nothing is "
		                 "left behind"));
	}
out:
	text_free(&said);
	arena_reset(&arena);
	return ok;
}

bool cluster_make(const struct cluster *cluster, bool *made, struct err *err)
{
	struct arena arena = { 0 };
	const char *programs;
	const char *fresh = arena_print(&arena, "%s.new", cluster->folder);
	bool ok = false;

	*made = false;
	if (cluster_version(cluster, &arena) != NULL) {
		ok = cluster_programs(cluster, &arena, &programs, err);
		goto out;
	}
	if (file_exists(cluster->folder)) {
		(void)err_set(err, ERR_REFUSED, _("%s exists and is not a database"),
		              cluster->folder);
		(void)err_hint(err, _("move it away; \"senderctl up\" makes a new one"));
		goto out;
	}
	if (!cluster_programs(cluster, &arena, &programs, err))
		goto out;
	remove_folder(fresh);
	if (!file_folder(fresh, 0700, err))
		goto out;
	if (cluster->user.change && chown(fresh, cluster->user.uid, cluster->user.gid) != 0) {
		(void)err_errno(err, _("cannot give %s to %s"), fresh, cluster->user.name);
		goto out;
	}
	if (!run_initdb(cluster, programs, fresh, err))
		goto out;
	if (rename(fresh, cluster->folder) != 0) {
		(void)err_errno(err, _("cannot write %s"), cluster->folder);
		goto out;
	}
	*made = ok = true;
out:
	if (!ok)
		remove_folder(fresh);
	arena_reset(&arena);
	return ok;
}

bool cluster_answers(const struct cluster *cluster)
{
	return db_ping(cluster->probe) == DB_PING_READY;
}

/* The postmaster that its own file names, if that process really works in our
 * folder: the file outlives a kill -9, and its number may be a stranger's. */
static int process_by_file(const struct cluster *cluster, pid_t *pid)
{
	struct arena arena = { 0 };
	struct err ignored = { 0 };
	char *text;
	char real[PATH_MAX];
	char cwd[PATH_MAX];
	size_t size;
	int pidfd = -1;

	if (!file_read(arena_print(&arena, "%s/postmaster.pid", cluster->folder), 4096, &arena,
	               &text, &size, &ignored)
	    || realpath(cluster->folder, real) == NULL)
		goto out;
	*pid = (pid_t)strtol(text, NULL, 10);
	if (*pid <= 1)
		goto out;
	pidfd = pidfd_open(*pid, 0);
	ssize_t length = readlink(arena_print(&arena, "/proc/%d/cwd", (int)*pid), cwd,
	                          sizeof cwd - 1);
	if (length > 0)
		cwd[length] = '\0';
	if (pidfd >= 0 && (length <= 0 || strcmp(cwd, real) != 0)) {
		(void)close(pidfd);
		pidfd = -1;
	}
out:
	arena_reset(&arena);
	return pidfd;
}

static int process(const struct cluster *cluster, pid_t *pid)
{
	int pidfd = service_note_find(cluster->note, pid);

	return pidfd >= 0 ? pidfd : process_by_file(cluster, pid);
}

/* What a killed server left would stop the next one when its number was given
 * to another process.  Called only when nobody works in the folder. */
static void clear_traces(const struct cluster *cluster)
{
	static const char *const names[] = { ".s.PGSQL.5432", ".s.PGSQL.5432.lock" };
	struct arena arena = { 0 };

	for (size_t i = 0; i < LENGTH(names); i++)
		(void)unlink(arena_print(&arena, "%s/%s", cluster->sockets, names[i]));
	(void)unlink(arena_print(&arena, "%s/postmaster.pid", cluster->folder));
	arena_reset(&arena);
}

static bool say_why(const struct cluster *cluster, const char *what, struct err *err)
{
	char line[300];

	service_log_tail(cluster->log, line, sizeof line);
	if (service_disk_full(cluster->folder)) {
		(void)err_set(err, ERR_DATABASE,
		              _("the disk is full: the database in %s cannot start"),
		              cluster->folder);
		return err_hint(err,
		                _("make room and run \"senderctl up\" again; the data is safe"));
	}
	(void)err_set(err, ERR_DATABASE, "%s: %s", what,
	              line[0] != '\0' ? line : _("it said nothing"));
	return err_hint(err, _("%s has the whole story"), cluster->log);
}

/* What initdb found good for this machine, then what is ours to say.
 *
 * 0777: the key service has a user of its own; who may come in is decided by
 * the peer's identity.  mmap: logind clears away the shared memory of an
 * ordinary user who logs out. */
static bool write_settings(const struct cluster *cluster, struct arena *arena, struct err *err)
{
	const char *path = arena_print(arena, "%s/postgresql.conf", cluster->access);
	const char *text = arena_print(
		arena,
		"# written by senderctl up; ALTER SYSTEM still has the last word on tuning\n"
		"include '%s/postgresql.conf'\n"
		"hba_file = '%s/pg_hba.conf'\n"
		"ident_file = '%s/pg_ident.conf'\n"
		"listen_addresses = ''\n"
		"port = 5432\n"
		"unix_socket_directories = '%s'\n"
		"unix_socket_permissions = %s\n"
		"dynamic_shared_memory_type = mmap\n",
		cluster->folder, cluster->access, cluster->access, cluster->sockets,
		cluster->user.change ? "0777" : "0700");

	return file_write(path, 0644, text, strlen(text), err);
}

static bool launch(const struct cluster *cluster, pid_t *pid, struct err *err)
{
	struct arena arena = { 0 };
	const char *programs;
	bool ok = false;

	if (!write_settings(cluster, &arena, err)
	    || !cluster_programs(cluster, &arena, &programs, err))
		goto out;
	const char *path = arena_print(&arena, "%s/postgres", programs);
	int fd = service_program_open(path, err);
	if (fd < 0)
		goto out;
	const char *const argv[] = { path,
		                     "-D",
		                     cluster->folder,
		                     "-c",
		                     arena_print(&arena, "config_file=%s/postgresql.conf",
		                                 cluster->access),
		                     NULL };
	ok = service_start(&(struct service_program){ fd, argv, &cluster->user, cluster->folder },
	                   cluster->log, pid, err);
	(void)close(fd);
out:
	arena_reset(&arena);
	return ok;
}

/* Wait for the first answer.  A server that recovers after a crash says that it
 * is starting: then patience is long. */
static bool wait_ready(const struct cluster *cluster, pid_t child, struct err *err)
{
	int64_t since = clock_ticks();
	int64_t patience = START_PATIENCE;

	for (;;) {
		enum db_ping answer = db_ping(cluster->probe);
		if (answer == DB_PING_READY)
			return true;
		if (answer == DB_PING_STARTING)
			patience = RECOVERY_PATIENCE;
		if (child > 0 && service_ended(child))
			return say_why(cluster, _("the database server does not start"), err);
		if (clock_ticks() - since > patience)
			return say_why(cluster, _("the database server does not answer"), err);
		clock_wait(answer == DB_PING_STARTING ? 10 : 3);
	}
}

bool cluster_start(const struct cluster *cluster, bool *started, struct err *err)
{
	pid_t pid = 0;
	int pidfd;

	*started = false;
	if (cluster_answers(cluster))
		return true;
	pidfd = process(cluster, &pid);
	if (pidfd >= 0) {
		(void)close(pidfd);
		return wait_ready(cluster, 0, err);
	}
	/* Children of a killed server need a moment to notice; until then the next
	 * one refuses to start. */
	for (int attempt = 0; attempt < 3; attempt++) {
		clear_traces(cluster);
		if (!launch(cluster, &pid, err))
			return false;
		*err = (struct err){ 0 };
		if (wait_ready(cluster, pid, err)) {
			*started = true;
			return service_note_write(cluster->note, pid, err);
		}
		if (strstr(err->text, "shared memory") == NULL)
			return false;
		clock_wait(1000);
	}
	return false;
}

bool cluster_stop(const struct cluster *cluster, bool *stopped, struct err *err)
{
	pid_t pid = 0;
	int pidfd = process(cluster, &pid);

	*stopped = false;
	if (pidfd < 0 && cluster_answers(cluster)) {
		(void)err_set(err, ERR_DATABASE,
		              _("a server answers in %s that this program did not "
		                "start"),
		              cluster->sockets);
		return err_hint(err, _("stop it with pg_ctl stop -D %s"), cluster->folder);
	}
	if (pidfd < 0)
		return true;
	if (!service_end(pidfd, SIGINT, STOP_PATIENCE)) {
		(void)err_set(err, ERR_DATABASE, _("the database server (process %d) does not end"),
		              (int)pid);
		return err_hint(err, _("%s has the whole story"), cluster->log);
	}
	(void)unlink(cluster->note);
	*stopped = true;
	return true;
}

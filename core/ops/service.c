#include "core/ops/service.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/file.h"
#include "core/base/words.h"

/* Where a child got to when it could not go on. */
struct stumble {
	int number; /* errno */
	char where[28];
};

int service_program_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		(void)err_errno(err, _("cannot open the program %s"), path);
	return fd;
}

/* Not O_PATH and not the caller's streams: a server must not hold them open. */
static bool redirect(int output)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0
	       && dup2(output, STDERR_FILENO) >= 0;
}

/* Everything above the three streams ends with exec: locks, sockets and the
 * descriptors of whoever called us. */
static void leave_descriptors(void)
{
	enum { MANY = 4096 };

	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = 3; fd < MANY; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Give up all rights but that user's, and make sure they don't come back. */
static bool become(const struct service_user *user)
{
	if (!user->change)
		return true;
	return initgroups(user->name, user->gid) == 0 && setgid(user->gid) == 0
	       && setuid(user->uid) == 0 && setuid(0) != 0;
}

static void forget_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &plain, NULL);
}

static const char *keep(char *room, size_t size, const char *name)
{
	const char *value = conf_environment(name);

	if (value == NULL)
		return NULL;
	(void)snprintf(room, size, "%s=%s", name, value);
	return room;
}

/* exec promises in prose, not in its type, to leave the words alone. */
static char *const *exec_words(const char *const *words)
{
	union {
		const char *const *ours;
		char *const *theirs;
	} same = { .ours = words };

	return same.theirs;
}

/* In the child, up to exec; comes back only when something fails. */
static const char *child(const struct service_program *program, int output)
{
	static const char *const kept[] = { "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TZ" };
	static char rooms[LENGTH(kept)][512];
	static char home[4200];
	const char *environment[LENGTH(kept) + 4] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		                                      "LANG=C.UTF-8", home };
	size_t count = 3;

	for (size_t i = 0; i < LENGTH(kept); i++) {
		environment[count] = keep(rooms[i], sizeof rooms[i], kept[i]);
		count += environment[count] != NULL;
	}
	(void)snprintf(home, sizeof home, "HOME=%s", program->folder);
	forget_signals();
	if (setsid() < 0)
		return "setsid";
	if (!redirect(output))
		return "redirect";
	if (!become(program->user))
		return "change the user";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "prctl";
	(void)umask(077);
	if (chdir(program->folder) != 0)
		return "enter the folder";
	leave_descriptors();
	(void)fexecve(program->fd, exec_words(program->argv), exec_words(environment));
	return "exec";
}

/* Start the child; a stumble before exec arrives through a pipe that exec closes. */
static bool launch(const struct service_program *program, int output, pid_t *pid, struct err *err)
{
	struct stumble stumble = { 0 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(err, _("cannot start %s"), program->argv[0]);
	(void)fflush(NULL);
	*pid = fork();
	if (*pid == 0) {
		const char *where = child(program, output);
		stumble.number = errno;
		(void)snprintf(stumble.where, sizeof stumble.where, "%s", where);
		(void)!write(ends[1], &stumble, sizeof stumble);
		_exit(127);
	}
	(void)close(ends[1]);
	ssize_t got = *pid < 0 ? -1 : read(ends[0], &stumble, sizeof stumble);
	(void)close(ends[0]);
	if (*pid < 0)
		return err_errno(err, _("cannot start %s"), program->argv[0]);
	if (got == 0)
		return true;
	(void)waitpid(*pid, NULL, 0);
	errno = stumble.number;
	return err_errno(err, _("cannot start %s (%s)"), program->argv[0], stumble.where);
}

/* The last line that says something, without what a terminal would obey. */
static void last_line(const char *text, char *line, size_t room)
{
	const char *end = text + strlen(text);

	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	const char *start = end;
	while (start > text && start[-1] != '\n')
		start--;
	(void)snprintf(line, room, "%.*s", (int)(end - start), start);
}

static void collect(int fd, struct text *said)
{
	char piece[4096];
	ssize_t n;

	(void)lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, piece, sizeof piece)) > 0)
		text_add_bytes(said, piece, (size_t)n);
}

bool service_run(const struct service_program *program, struct text *said, struct err *err)
{
	int status = 0;
	pid_t pid;
	bool ok = false;
	/* In memory: what it says must be heard even when the disk is full. */
	int output = memfd_create("said", MFD_CLOEXEC);

	if (output < 0)
		return err_errno(err, _("cannot start %s"), program->argv[0]);
	if (!launch(program, output, &pid, err))
		goto out;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	collect(output, said);
	ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (!ok) {
		char line[256];
		last_line(text_string(said), line, sizeof line);
		(void)err_set(err, ERR_SYSTEM, _("%s failed: %s"), program->argv[0],
		              line[0] != '\0' ? line : _("it said nothing"));
	}
out:
	(void)close(output);
	return ok;
}

bool service_start(const struct service_program *program, const char *log, pid_t *pid,
                   struct err *err)
{
	int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (output < 0)
		return err_errno(err, _("cannot write %s"), log);
	bool ok = launch(program, output, pid, err);
	(void)close(output);
	return ok;
}

bool service_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}

/* When the process began, in ticks since boot: field 22 of its stat line,
 * counted behind the name, which may hold anything.  0: no such process, or
 * one that ended and that nobody has buried yet. */
static unsigned long long began(pid_t pid)
{
	char path[64];
	char line[1024];
	unsigned long long start = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fgets(line, sizeof line, file) != NULL) {
		char *p = strrchr(line, ')');
		if (p != NULL && strchr("ZX", p[1] == ' ' ? p[2] : 'Z') != NULL)
			p = NULL;
		for (int field = 2; p != NULL && field < 22; field++)
			p = strchr(p + 1, ' ');
		if (p != NULL)
			start = strtoull(p, NULL, 10);
	}
	(void)fclose(file);
	return start;
}

bool service_note_write(const char *path, pid_t pid, struct err *err)
{
	char line[64];
	int length = snprintf(line, sizeof line, "%d %llu\n", (int)pid, began(pid));

	return file_write(path, 0644, line, (size_t)length, err);
}

int service_note_find(const char *path, pid_t *pid)
{
	struct arena arena = { 0 };
	struct err ignored = { 0 };
	char *line;
	size_t size;
	int pidfd = -1;

	if (!file_read(path, 128, &arena, &line, &size, &ignored))
		goto out;
	char *rest;
	long number = strtol(line, &rest, 10);
	unsigned long long start = strtoull(rest, NULL, 10);
	if (number <= 0 || start == 0)
		goto out;
	*pid = (pid_t)number;
	pidfd = pidfd_open(*pid, 0);
	/* Compared after the pidfd is ours: from here on it is this process or none. */
	if (pidfd >= 0 && began(*pid) != start) {
		(void)close(pidfd);
		pidfd = -1;
	}
out:
	arena_reset(&arena);
	return pidfd;
}

bool service_end(int pidfd, int signal, long milliseconds)
{
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };
	bool ended = pidfd_send_signal(pidfd, signal, NULL, 0) != 0 && errno == ESRCH;

	if (!ended)
		ended = poll(&wait, 1, (int)milliseconds) > 0;
	(void)close(pidfd);
	return ended;
}

void service_log_tail(const char *path, char *line, size_t room)
{
	char piece[4097];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	line[0] = '\0';
	if (fd < 0)
		return;
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > (off_t)sizeof piece - 1 ? size - (off_t)sizeof piece + 1 : 0;
	ssize_t got = pread(fd, piece, sizeof piece - 1, from);
	if (got > 0) {
		piece[got] = '\0';
		last_line(piece, line, room);
	}
	(void)close(fd);
}

/* PostgreSQL does not start when there is no room for one segment of its log. */
#define SEGMENT (16ULL * 1024 * 1024)

bool service_disk_full(const char *path)
{
	struct statvfs about;

	return statvfs(path, &about) == 0
	       && (unsigned long long)about.f_bavail * about.f_frsize < SEGMENT;
}

bool service_reaches(const struct service_user *user, const char *folder, struct err *err)
{
	char way[4096];
	struct stat about;

	if (!user->change)
		return true;
	(void)snprintf(way, sizeof way, "%s", folder);
	for (char *p = way + 1;; p++) {
		char was = *p;
		if (was != '/' && was != '\0')
			continue;
		*p = '\0';
		if (stat(way, &about) == 0 && (about.st_mode & S_IXOTH) == 0
		    && about.st_uid != user->uid && about.st_gid != user->gid) {
			(void)err_set(err, ERR_SYSTEM, _("the system user %s may not enter %s"),
			              user->name, way);
			return err_hint(err,
			                _("chmod o+x %s, or choose another folder with "
			                  "embedded.state in the configuration"),
			                way);
		}
		if (was == '\0')
			return true;
		*p = was;
	}
}

static bool add_user(const char *name, struct err *err)
{
	static const struct service_user self = { .change = false };
	static const char *const places[] = { "/usr/sbin/useradd", "/sbin/useradd" };
	const char *const argv[] = { "useradd",      "--system",
		                     "--user-group", "--no-create-home",
		                     "--home-dir",   "/nonexistent",
		                     "--shell",      "/usr/sbin/nologin",
		                     name,           NULL };
	struct text said = { 0 };
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < LENGTH(places); i++)
		fd = open(places[i], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)err_set(err, ERR_SYSTEM,
		              _("there is no system user %s and no useradd to make "
		                "it"),
		              name);
		return err_hint(err, _("make a system user named %s without a login shell"), name);
	}
	bool ok = service_run(&(struct service_program){ fd, argv, &self, "/" }, &said, err);
	(void)close(fd);
	text_free(&said);
	return ok;
}

bool service_user_need(const char *name, struct service_user *user, bool *made, struct err *err)
{
	const struct passwd *found = getpwnam(name);

	*made = false;
	if (found == NULL) {
		if (!add_user(name, err))
			return false;
		*made = true;
		found = getpwnam(name);
	}
	if (found == NULL)
		return err_set(err, ERR_SYSTEM, _("there is no system user %s"), name);
	*user = (struct service_user){ name, found->pw_uid, found->pw_gid, true };
	return found->pw_uid != 0
	       || err_set(err, ERR_REFUSED, _("the system user %s is root; that protects nothing"),
	                  name);
}

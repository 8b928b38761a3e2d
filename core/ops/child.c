#include "core/ops/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/conf.h"
#include "core/base/words.h"

/* exec promises in prose, not in its type, to leave the words alone. */
static char *const *exec_words(const char *const *words)
{
	union {
		const char *const *ours;
		char *const *theirs;
	} same = { .ours = words };

	return same.theirs;
}

/* A text as a file that nobody else can see: no pipe that could fill up. */
static int text_file(const char *text, size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < size) {
		ssize_t n = write(fd, text + done, size - done);
		if (n <= 0) {
			(void)close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
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

static void in_child(const char *const argv[], int input, int output)
{
	static const char *const kept[] = { "TZ", "SSL_CERT_FILE", "ASAN_OPTIONS", "LSAN_OPTIONS" };
	static char rooms[LENGTH(kept)][512];
	const char *environment[LENGTH(kept) + 3] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		                                      "LANG=C.UTF-8" };
	size_t count = 2;

	for (size_t i = 0; i < LENGTH(kept); i++) {
		const char *value = conf_environment(kept[i]);
		if (value == NULL)
			continue;
		(void)snprintf(rooms[i], sizeof rooms[i], "%s=%s", kept[i], value);
		environment[count++] = rooms[i];
	}
	forget_signals();
	(void)setsid();
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0
	    || dup2(output, STDERR_FILENO) < 0 || close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
		return;
	(void)execve(argv[0], exec_words(argv), exec_words(environment));
	(void)dprintf(STDERR_FILENO, "%s\n", strerror(errno));
}

/* Wait for the end; when the time is over, make one. */
static int wait_end(pid_t pid, int milliseconds, bool *late)
{
	int fd = pidfd_open(pid, 0);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int status = -1;
	int seen = 0;

	do
		seen = poll(&wait, fd >= 0, milliseconds);
	while (seen < 0 && errno == EINTR);
	*late = fd >= 0 && seen == 0;
	if (*late)
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (fd >= 0)
		(void)close(fd);
	return status;
}

/* The last line that says something. */
static void last_line(int fd, char *line, size_t room)
{
	char said[2048];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > (off_t)sizeof said - 1 ? size - (off_t)sizeof said + 1 : 0;
	ssize_t got = pread(fd, said, sizeof said - 1, from);

	line[0] = '\0';
	if (got <= 0)
		return;
	while (got > 0 && (said[got - 1] == '\n' || said[got - 1] == ' '))
		got--;
	said[got] = '\0';
	const char *last = strrchr(said, '\n');
	(void)snprintf(line, room, "%.*s", (int)room - 1, last != NULL ? last + 1 : said);
}

static bool judge(const char *program, int status, bool late, int output, struct err *err)
{
	char line[160];

	if (late)
		return err_set(err, ERR_SYSTEM, _("%s took too long and was ended"), program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	last_line(output, line, sizeof line);
	return err_set(err, ERR_SYSTEM, _("%s failed: %s"), program,
	               line[0] != '\0' ? line : _("it said nothing"));
}

bool child_run(const char *const argv[], const char *input, size_t size, int milliseconds,
               struct err *err)
{
	int in = text_file(input, size);
	int out = memfd_create("said", MFD_CLOEXEC);
	bool late = false;
	bool ok = false;
	pid_t pid = -1;

	if (in < 0 || out < 0) {
		(void)err_errno(err, _("cannot start %s"), argv[0]);
		goto end;
	}
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		in_child(argv, in, out);
		_exit(127);
	}
	if (pid < 0) {
		(void)err_errno(err, _("cannot start %s"), argv[0]);
		goto end;
	}
	int status = wait_end(pid, milliseconds, &late);
	ok = judge(argv[0], status, late, out, err);
end:
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
	return ok;
}

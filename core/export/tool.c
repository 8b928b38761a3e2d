#include "core/export/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/words.h"

enum { SAID_LIMIT = 1 << 20, NOT_THERE = 127 };

/* In the child: nothing that needs memory, and never back. */
static void become(const char *const argv[], int in, int out, int said)
{
	static const char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C",
		NULL,
	};
	int null = open("/dev/null", O_RDWR);

	if (dup2(in >= 0 ? in : null, STDIN_FILENO) >= 0
	    && dup2(out >= 0 ? out : said, STDOUT_FILENO) >= 0 && dup2(said, STDERR_FILENO) >= 0) {
		(void)umask(022);
		/* execvpe() takes arrays of char * and changes neither */
		union {
			const char *const *ours;
			char *const *theirs;
		} words = { argv }, names = { environment };
		(void)execvpe(argv[0], words.theirs, names.theirs);
	}
	_exit(NOT_THERE);
}

/* Read to the end, keep the first part. */
static void listen_to(int fd, struct text *said)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && said->length + (size_t)n <= SAID_LIMIT)
			text_add_bytes(said, bytes, (size_t)n);
}

bool tool_run(const char *const argv[], int in, int out, struct tool_result *result,
              struct err *err)
{
	int pipes[2], status;

	*result = (struct tool_result){ 0 };
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return err_errno(err, _("cannot start %s"), argv[0]);
	(void)fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		become(argv, in, out, pipes[1]);
	(void)close(pipes[1]);
	if (child > 0)
		listen_to(pipes[0], &result->said);
	(void)close(pipes[0]);
	if (child < 0)
		return err_errno(err, _("cannot start %s"), argv[0]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, _("lost sight of %s"), argv[0]);
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (result->status != NOT_THERE || result->said.length > 0)
		return true;
	(void)err_set(err, ERR_SYSTEM, _("there is no program %s on this machine"), argv[0]);
	return err_hint(err, _("on Debian: apt install postfix postfix-cdb opendkim db5.3-util"));
}

bool tool_must(const char *const argv[], int in, int out, bool silent, struct err *err)
{
	struct tool_result result;

	if (!tool_run(argv, in, out, &result, err))
		return false;
	const char *said = text_string(&result.said);
	bool ok = result.status == 0 && (!silent || said[0] == '\0');
	if (!ok && result.status != 0)
		(void)err_set(err, ERR_REFUSED, _("%s failed with status %d: %.*s"), argv[0],
		              result.status, (int)strcspn(said, "\n"), said);
	else if (!ok)
		(void)err_set(err, ERR_REFUSED, _("%s complains: %.*s"), argv[0],
		              (int)strcspn(said, "\n"), said);
	tool_drop(&result);
	return ok;
}

void tool_drop(struct tool_result *result)
{
	text_free(&result->said);
	*result = (struct tool_result){ 0 };
}

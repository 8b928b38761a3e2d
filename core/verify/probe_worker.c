#include "core/verify/probe_worker.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/tree.h"
#include "core/base/words.h"
#include "core/verify/smtp_probe.h"
#include "core/verify/url_probe.h"

/* The first argument of a program that shall be a worker. */
static char call[] = "--be-probe-worker";

static bool welcome; /* our main() knows the call */

static const struct {
	const char *kind;
	struct tree *(*answer)(const struct tree *question);
} kinds[] = {
	{ "smtp", smtp_probe_answer },
	{ "url", url_probe_answer },
};

/* In the worker. */

static bool read_line(char *line, size_t *length)
{
	*length = 0;
	while (*length < PROBE_WORKER_LINE) {
		ssize_t got = read(0, line + *length, PROBE_WORKER_LINE - *length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		*length += (size_t)got;
		if (line[*length - 1] == '\n')
			return true;
	}
	return false;
}

static bool write_line(const struct tree *answer)
{
	struct text text = { 0 };
	size_t put = 0;

	tree_render(answer, false, &text);
	text_add_char(&text, '\n');
	while (put < text.length) {
		ssize_t some = send(0, text.data + put, text.length - put, MSG_NOSIGNAL);

		if (some < 0 && errno != EINTR)
			break;
		put += some > 0 ? (size_t)some : 0;
	}
	text_free(&text);
	return put > 0;
}

static struct tree *answer_to(const struct tree *question)
{
	const char *kind = tree_find_text(question, "kind");

	for (size_t i = 0; kind && i < LENGTH(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].answer(question);
	return tree_map();
}

static bool work(char *line)
{
	struct tree *question = NULL;
	struct tree *answer = NULL;
	struct err err = { 0 };
	size_t length = 0;
	bool ok = false;

	if (!read_line(line, &length) || !tree_parse(line, length, &question, &err))
		return false;
	answer = answer_to(question);
	ok = write_line(answer);
	tree_drop(answer);
	tree_drop(question);
	return ok;
}

/* No file grows, no process begins, no right is gained, no core is left. */
static bool limit(void)
{
	const struct rlimit none = { 0, 0 };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0
	       && setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0
	       && setrlimit(RLIMIT_NPROC, &none) == 0;
}

void probe_worker_main(int argc, char **argv)
{
	char *line = NULL;

	welcome = true;
	if (argc != 2 || strcmp(argv[1], call) != 0)
		return;
	line = malloc(PROBE_WORKER_LINE);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!line || close_range(1, ~0U, 0) < 0 || !limit())
		_exit(2);
	while (work(line))
		;
	_exit(0);
}

/* In the process that starts it. */

static int spawn(pid_t *process, int socket)
{
	static char name[] = "senderctl-probe";
	char *const arguments[] = { name, call, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int fault = posix_spawn_file_actions_init(&actions);

	if (fault != 0)
		return fault;
	fault = posix_spawn_file_actions_adddup2(&actions, socket, 0);
	if (fault == 0)
		fault = posix_spawn_file_actions_addclosefrom_np(&actions, 1);
	if (fault == 0)
		fault = posix_spawn(process, "/proc/self/exe", &actions, NULL, arguments,
		                    environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return fault;
}

bool probe_worker_start(pid_t *process, int *socket, struct err *err)
{
	int ends[2];
	int fault = 0;

	/* It would run our main() from the start, which would start another one. */
	if (!welcome) {
		(void)fputs("probe_worker_main() must be called first in main()\n", stderr);
		abort();
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, _("cannot make a socket"));
	fault = spawn(process, ends[1]);
	(void)close(ends[1]);
	if (fault != 0) {
		(void)close(ends[0]);
		errno = fault;
		return err_errno(err, _("cannot start a process"));
	}
	*socket = ends[0];
	return true;
}

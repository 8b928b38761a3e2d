#include "core/verify/probe_crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/verify/probe_worker.h"

enum { WAITING, UNDER_WAY, DONE };
enum { TICK = 500 };

struct worker {
	pid_t process; /* 0: not started */
	int socket;
	struct probe_task *task; /* NULL: idle */
	int64_t deadline;
	struct text said;
};

struct crew {
	struct worker workers[PROBE_CREW];
	struct probe_task *tasks;
	size_t count;
	size_t done;
	size_t first; /* no task before this one is waiting */
	bool broken;  /* no worker can be started */
};

static void dismiss(struct worker *worker)
{
	if (worker->process > 0) {
		(void)close(worker->socket);
		(void)kill(worker->process, SIGKILL);
		while (waitpid(worker->process, NULL, 0) < 0 && errno == EINTR)
			;
	}
	text_free(&worker->said);
	*worker = (struct worker){ 0 };
}

static void finish(struct crew *crew, struct worker *worker, struct tree *answer)
{
	worker->task->answer = answer;
	worker->task->state = DONE;
	worker->task = NULL;
	text_clear(&worker->said);
	crew->done++;
}

/* It died, hangs or talks nonsense: its task has no answer, the next one gets
 * a new worker. */
static void give_up(struct crew *crew, struct worker *worker)
{
	finish(crew, worker, NULL);
	dismiss(worker);
}

static bool may_begin(const struct crew *crew, const struct probe_task *task)
{
	size_t same = 0;
	size_t logins = 0;

	for (size_t i = 0; i < PROBE_CREW; i++) {
		const struct probe_task *other = crew->workers[i].task;

		if (!other)
			continue;
		same += strcmp(other->server, task->server) == 0;
		logins += other->login;
	}
	return same < PROBE_CREW_EACH && (!task->login || logins < PROBE_CREW_LOGINS);
}

static struct probe_task *next_task(struct crew *crew)
{
	while (crew->first < crew->count && crew->tasks[crew->first].state != WAITING)
		crew->first++;
	for (size_t i = crew->first; i < crew->count; i++)
		if (crew->tasks[i].state == WAITING && may_begin(crew, &crew->tasks[i]))
			return &crew->tasks[i];
	return NULL;
}

static bool ask(struct worker *worker)
{
	struct text line = { 0 };
	bool ok = false;

	tree_render(worker->task->question, false, &line);
	text_add_char(&line, '\n');
	/* a question is small against the room that a fresh socket has */
	ok = send(worker->socket, line.data, line.length, MSG_NOSIGNAL | MSG_DONTWAIT)
	     == (ssize_t)line.length;
	text_free(&line);
	return ok;
}

static void begin(struct crew *crew, struct worker *worker, struct probe_task *task)
{
	struct err err = { 0 };

	task->state = UNDER_WAY;
	worker->task = task;
	if (worker->process == 0 && !probe_worker_start(&worker->process, &worker->socket, &err)) {
		worker->process = 0;
		crew->broken = true;
		finish(crew, worker, NULL);
		return;
	}
	worker->deadline = clock_ticks() + task->timeout;
	if (!ask(worker))
		give_up(crew, worker);
}

static void order(struct crew *crew)
{
	for (size_t i = 0; i < PROBE_CREW; i++) {
		struct probe_task *task = NULL;

		if (crew->workers[i].task)
			continue;
		task = next_task(crew);
		if (!task)
			return;
		begin(crew, &crew->workers[i], task);
	}
}

static void hear(struct crew *crew, struct worker *worker)
{
	char part[16384];
	ssize_t got = recv(worker->socket, part, sizeof(part), MSG_DONTWAIT);
	struct tree *answer = NULL;
	struct err err = { 0 };

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got > 0)
		text_add_bytes(&worker->said, part, (size_t)got);
	if (got <= 0 || worker->said.length > PROBE_WORKER_LINE) {
		give_up(crew, worker);
		return;
	}
	if (part[got - 1] != '\n')
		return;
	if (tree_parse(worker->said.data, worker->said.length, &answer, &err))
		finish(crew, worker, answer);
	else
		give_up(crew, worker);
}

static void listen_once(struct crew *crew)
{
	struct pollfd wait[PROBE_CREW];
	struct worker *who[PROBE_CREW];
	nfds_t count = 0;

	for (size_t i = 0; i < PROBE_CREW; i++) {
		if (!crew->workers[i].task)
			continue;
		who[count] = &crew->workers[i];
		wait[count++] = (struct pollfd){ .fd = crew->workers[i].socket, .events = POLLIN };
	}
	if (poll(wait, count, TICK) < 0)
		return;
	for (nfds_t i = 0; i < count; i++) {
		if (wait[i].revents != 0)
			hear(crew, who[i]);
		else if (who[i]->deadline <= clock_ticks())
			give_up(crew, who[i]);
	}
}

void probe_crew_run(struct probe_task tasks[], size_t count, probe_progress_fn progress,
                    void *context)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew)
		return;
	crew->tasks = tasks;
	crew->count = count;
	while (crew->done < count && !crew->broken) {
		order(crew);
		if (!crew->broken)
			listen_once(crew);
		if (progress)
			progress(context, crew->done, count);
	}
	for (size_t i = 0; i < PROBE_CREW; i++)
		dismiss(&crew->workers[i]);
	free(crew);
}

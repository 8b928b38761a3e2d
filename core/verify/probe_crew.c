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

struct worker {
	pid_t process; /* 0: not started */
	int socket;
	struct probe_task *task; /* NULL: idle */
	int64_t deadline;
	struct text said;
};

struct probe_crew {
	struct worker workers[PROBE_CREW];
	struct probe_task *first; /* that wait, in the order they came */
	struct probe_task **last;
	struct probe_task *finished; /* that nobody has fetched yet */
	bool broken;                 /* no worker can be started */
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

static void finish(struct probe_crew *crew, struct probe_task *task, struct tree *answer)
{
	task->answer = answer;
	task->next = crew->finished;
	crew->finished = task;
}

static void release(struct probe_crew *crew, struct worker *worker, struct tree *answer)
{
	finish(crew, worker->task, answer);
	worker->task = NULL;
	text_clear(&worker->said);
}

/* It died, hangs or talks nonsense: its task has no answer, the next one gets
 * a new worker. */
static void give_up(struct probe_crew *crew, struct worker *worker)
{
	release(crew, worker, NULL);
	dismiss(worker);
}

static bool may_begin(const struct probe_crew *crew, const struct probe_task *task)
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

/* Take the first that may begin out of the queue. */
static struct probe_task *next_task(struct probe_crew *crew)
{
	for (struct probe_task **place = &crew->first; *place; place = &(*place)->next) {
		struct probe_task *task = *place;

		if (!may_begin(crew, task))
			continue;
		*place = task->next;
		if (!*place)
			crew->last = place;
		return task;
	}
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

static void begin(struct probe_crew *crew, struct worker *worker, struct probe_task *task)
{
	struct err err = { 0 };

	worker->task = task;
	if (worker->process == 0 && !probe_worker_start(&worker->process, &worker->socket, &err)) {
		worker->process = 0;
		crew->broken = true;
		release(crew, worker, NULL);
		return;
	}
	worker->deadline = clock_ticks() + task->timeout;
	if (!ask(worker))
		give_up(crew, worker);
}

static void order(struct probe_crew *crew)
{
	for (size_t i = 0; i < PROBE_CREW && !crew->broken; i++) {
		struct probe_task *task = NULL;

		if (crew->workers[i].task)
			continue;
		task = next_task(crew);
		if (!task)
			return;
		begin(crew, &crew->workers[i], task);
	}
}

static void hear(struct probe_crew *crew, struct worker *worker)
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
		release(crew, worker, answer);
	else
		give_up(crew, worker);
}

static void listen_once(struct probe_crew *crew, int milliseconds)
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
	if (poll(wait, count, milliseconds) < 0)
		return;
	for (nfds_t i = 0; i < count; i++) {
		if (wait[i].revents != 0)
			hear(crew, who[i]);
		else if (who[i]->deadline <= clock_ticks())
			give_up(crew, who[i]);
	}
}

/* Without workers nobody can be asked: no answers, and no waiting. */
static void let_go(struct probe_crew *crew)
{
	for (size_t i = 0; i < PROBE_CREW; i++)
		if (crew->workers[i].task)
			give_up(crew, &crew->workers[i]);
	while (crew->first) {
		struct probe_task *task = crew->first;

		crew->first = task->next;
		finish(crew, task, NULL);
	}
	crew->last = &crew->first;
	crew->broken = false;
}

struct probe_crew *probe_crew_open(void)
{
	struct probe_crew *crew = calloc(1, sizeof(*crew));

	if (crew)
		crew->last = &crew->first;
	return crew;
}

void probe_crew_add(struct probe_crew *crew, struct probe_task *task)
{
	task->next = NULL;
	*crew->last = task;
	crew->last = &task->next;
}

struct probe_task *probe_crew_turn(struct probe_crew *crew, int milliseconds)
{
	struct probe_task *task = NULL;

	if (!crew->finished) {
		order(crew);
		listen_once(crew, milliseconds);
	}
	if (crew->broken)
		let_go(crew);
	task = crew->finished;
	if (task)
		crew->finished = task->next;
	return task;
}

void probe_crew_close(struct probe_crew *crew)
{
	if (!crew)
		return;
	for (size_t i = 0; i < PROBE_CREW; i++)
		dismiss(&crew->workers[i]);
	free(crew);
}

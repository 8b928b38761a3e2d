#include "core/verify/spf_worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_exchange.h"
#include "core/verify/spf_packet.h"

enum {
	STALL = 5,        /* seconds without a word: it hangs */
	ASKED_MOST = 400, /* questions of one evaluation; a sane one needs 130 */
	TRIES_MOST = 64,  /* evaluations in one packet: each stays far below a stall */
	REQUESTS_MOST = 8 /* the same, with all that a verdict says */
};

struct spf_worker {
	pid_t process;
	int socket;
	size_t deaths;
	size_t asked; /* questions */
	struct spf_memory *memory;
	uint8_t packet[SPF_PACKET_MOST];
};

/* False when nothing comes: the socket has a time limit. */
static bool next_packet(struct spf_worker *worker, struct spf_packet *packet, char *kind)
{
	return spf_packet_receive(worker->socket, worker->packet, packet, kind);
}

static void stop(struct spf_worker *worker)
{
	if (worker->process <= 0)
		return;
	(void)close(worker->socket);
	(void)kill(worker->process, SIGKILL);
	while (waitpid(worker->process, NULL, 0) < 0 && errno == EINTR)
		;
	worker->process = 0;
}

static bool start(struct spf_worker *worker, struct err *err)
{
	const struct timeval stall = { .tv_sec = STALL };
	struct spf_packet packet;
	char kind = 0;

	if (!spf_evaluator_start(&worker->process, &worker->socket, err))
		return false;
	(void)setsockopt(worker->socket, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	if (next_packet(worker, &packet, &kind) && kind == 'H')
		return true;
	stop(worker);
	return err_set(err, ERR_SYSTEM, _("cannot start the SPF evaluator"));
}

bool spf_worker_open(struct spf_worker **opened, struct err *err)
{
	struct spf_worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return err_errno(err, _("cannot start the SPF evaluator"));
	worker->memory = spf_memory_open();
	if (!worker->memory || !start(worker, err)) {
		if (!worker->memory)
			(void)err_errno(err, _("cannot start the SPF evaluator"));
		spf_worker_close(worker);
		return false;
	}
	*opened = worker;
	return true;
}

void spf_worker_close(struct spf_worker *worker)
{
	if (!worker)
		return;
	stop(worker);
	spf_memory_close(worker->memory);
	free(worker);
}

struct spf_memory *spf_worker_memory(struct spf_worker *worker)
{
	return worker->memory;
}

size_t spf_worker_deaths(const struct spf_worker *worker)
{
	return worker->deaths;
}

pid_t spf_worker_process(const struct spf_worker *worker)
{
	return worker->process;
}

static bool give_answer(struct spf_worker *worker, const struct dns_answer *answer)
{
	struct spf_packet packet = spf_packet_begin(worker->packet, 'R');

	spf_exchange_put_answer(&packet, answer);
	return spf_packet_send(worker->socket, worker->packet, &packet);
}

/* What is known of what they will ask, as far as it fits; for the rest they ask. */
static void put_known(struct spf_packet *packet, const struct spf_worker_job *job)
{
	struct spf_packet count_place = *packet;
	uint32_t count = 0;

	spf_packet_put_number(packet, 0);
	for (size_t i = 0; job->foresight && i < job->foresight->count; i++) {
		struct spf_packet before = *packet;

		spf_packet_put_text(packet, job->foresight->names[i]);
		spf_packet_put_number(packet, DNS_TXT);
		spf_exchange_put_answer(packet, job->foresight->answers[i]);
		if (packet->bad)
			*packet = before;
		else
			count++;
	}
	spf_packet_put_number(&count_place, count);
}

static bool send_job(struct spf_worker *worker, const struct spf_worker_job *job)
{
	struct spf_packet packet = spf_packet_begin(worker->packet, 'J');

	spf_packet_put_number(&packet, (uint32_t)job->count);
	for (size_t i = 0; i < job->count; i++)
		spf_exchange_put_request(&packet, &job->requests[i]);
	put_known(&packet, job);
	return spf_packet_send(worker->socket, worker->packet, &packet);
}

/* Answer the child's questions until it says what we wait for. */
static bool answer_until(struct spf_worker *worker, const struct spf_check_source *source,
                         char wanted, size_t most, struct spf_packet *packet)
{
	struct arena names = { 0 };
	char kind = 0;
	bool ok = true;

	for (size_t asked = 0; ok && asked < most && next_packet(worker, packet, &kind); asked++) {
		const char *name = NULL;
		uint32_t type = 0;

		if (kind == wanted)
			break;
		name = spf_packet_get_text(packet, &names);
		type = spf_packet_get_number(packet);
		worker->asked++;
		ok = kind == 'A' && name && !packet->bad && type <= UINT16_MAX
		     && give_answer(worker, source->ask(source->context, name, (int)type));
	}
	arena_reset(&names);
	return ok && kind == wanted;
}

static bool converse(struct spf_worker *worker, struct arena *arena,
                     const struct spf_worker_job *job, struct spf_check_verdict verdicts[])
{
	struct spf_packet packet;

	if (!send_job(worker, job)
	    || !answer_until(worker, job->source, 'V', ASKED_MOST * job->count, &packet))
		return false;
	for (size_t i = 0; i < job->count; i++)
		spf_exchange_get_verdict(&packet, arena, &verdicts[i]);
	return !packet.bad;
}

static void count_death(struct spf_worker *worker)
{
	stop(worker);
	worker->deaths++;
}

/* True: the verdicts are there, be it that nobody can give one. */
static bool check_together(struct spf_worker *worker, struct arena *arena,
                           const struct spf_worker_job *job, struct spf_check_verdict verdicts[])
{
	struct err err = { 0 };
	const char *problem = _("internal error: the evaluation of this record died");

	if (worker->process == 0 && !start(worker, &err))
		problem = arena_copy(arena, err.text);
	else if (converse(worker, arena, job, verdicts))
		return true;
	else
		count_death(worker);
	for (size_t i = 0; i < job->count; i++)
		verdicts[i] = (struct spf_check_verdict){ .result = SPF_UNKNOWN,
			                                  .problem = problem };
	return false;
}

/* What kills the evaluator costs its own verdict only: the others are asked for apart. */
size_t spf_worker_check_all(struct spf_worker *worker, struct arena *arena,
                            const struct spf_worker_job *job, struct spf_check_verdict verdicts[])
{
	struct spf_worker_job part = *job;
	size_t before = worker->asked;

	for (size_t at = 0; at < job->count; at += part.count) {
		part.requests = job->requests + at;
		part.count = job->count - at < REQUESTS_MOST ? job->count - at : REQUESTS_MOST;
		if (check_together(worker, arena, &part, verdicts + at) || part.count == 1)
			continue;
		for (size_t i = 0; i < part.count; i++) {
			struct spf_worker_job lone = part;

			lone.requests = part.requests + i;
			lone.count = 1;
			(void)check_together(worker, arena, &lone, verdicts + at + i);
		}
	}
	return worker->asked - before;
}

void spf_worker_check(struct spf_worker *worker, struct arena *arena,
                      const struct spf_check_request *request,
                      const struct spf_check_source *source, struct spf_check_verdict *verdict)
{
	struct spf_worker_job job = { .requests = request, .count = 1, .source = source };

	(void)spf_worker_check_all(worker, arena, &job, verdict);
}

/* ---- trials ------------------------------------------------------------------------ */

static bool send_trial(struct spf_worker *worker, const struct spf_trial *trial)
{
	struct spf_packet packet = spf_packet_begin(worker->packet, 'T');

	spf_packet_put_text(&packet, trial->domain);
	spf_packet_put_text(&packet, trial->mail_from);
	spf_packet_put_text(&packet, trial->helo);
	spf_packet_put_bytes(&packet, &trial->now, sizeof(trial->now));
	spf_packet_put_number(&packet, (uint32_t)trial->view_count);
	for (size_t v = 0; v < trial->view_count; v++) {
		const struct spf_trial_view *view = &trial->views[v];

		spf_packet_put_number(&packet, (uint32_t)view->count);
		for (size_t i = 0; i < view->count; i++)
			spf_packet_put_text(&packet, view->texts[i]);
	}
	return spf_packet_send(worker->socket, worker->packet, &packet);
}

static bool try_together(struct spf_worker *worker, const struct spf_check_source *source,
                         struct spf_trial_try tries[], size_t count)
{
	struct spf_packet packet = spf_packet_begin(worker->packet, 'E');

	spf_packet_put_number(&packet, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		spf_packet_put_number(&packet, (uint32_t)tries[i].view);
		spf_packet_put_text(&packet, tries[i].address);
	}
	if (!spf_packet_send(worker->socket, worker->packet, &packet)
	    || !answer_until(worker, source, 'W', ASKED_MOST * count, &packet))
		return false;
	for (size_t i = 0; i < count; i++) {
		tries[i].result = spf_exchange_get_result(&packet);
	}
	return !packet.bad;
}

/* The world of one evaluation of a trial that died. */
struct lone_view {
	const struct spf_check_source *source;
	const char *domain;
	const struct dns_answer *answer;
};

static const struct dns_answer *ask_lone_view(void *context, const char *name, int type)
{
	const struct lone_view *view = context;

	if (type == DNS_TXT && strcmp(name, view->domain) == 0)
		return view->answer;
	return view->source->ask(view->source->context, name, type);
}

/* One by one, so that whatever kills the evaluator costs its own result only. */
static void try_apart(struct spf_worker *worker, const struct spf_trial *trial,
                      const struct spf_check_source *source, struct spf_trial_try tries[],
                      size_t count)
{
	struct arena arena = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct lone_view view = { source, trial->domain,
			                  spf_trial_answer(&arena, &trial->views[tries[i].view]) };
		struct spf_check_source lone = { ask_lone_view, &view };
		struct spf_check_request request = { .address = tries[i].address,
			                             .mail_from = trial->mail_from,
			                             .helo = trial->helo,
			                             .now = trial->now };
		struct spf_check_verdict verdict;

		spf_worker_check(worker, &arena, &request, &lone, &verdict);
		tries[i].result = verdict.result;
		arena_reset(&arena);
	}
}

void spf_worker_try(struct spf_worker *worker, const struct spf_trial *trial,
                    const struct spf_check_source *source, struct spf_trial_try tries[],
                    size_t count)
{
	struct err ignored = { 0 };
	bool begun = false;

	for (size_t at = 0; at < count; at += TRIES_MOST) {
		size_t some = count - at < TRIES_MOST ? count - at : TRIES_MOST;

		if (!begun)
			begun = (worker->process != 0 || start(worker, &ignored))
			        && send_trial(worker, trial);
		if (begun && try_together(worker, source, tries + at, some))
			continue;
		if (begun)
			count_death(worker);
		begun = false;
		try_apart(worker, trial, source, tries + at, some);
	}
}

static const struct dns_answer *ask_inquiry(void *context, const char *name, int type)
{
	return inquiry_ask(context, name, type);
}

struct spf_check_source spf_worker_source(struct inquiry *inquiry)
{
	return (struct spf_check_source){ ask_inquiry, inquiry };
}

#include "core/verify/spf_worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_packet.h"

enum {
	STALL = 5000,     /* milliseconds without a word: it hangs */
	ASKED_MOST = 400, /* questions of one evaluation; a sane one needs 130 */
	TRIES_MOST = 64   /* evaluations in one packet: each stays far below a stall */
};

struct spf_worker {
	pid_t process;
	int socket;
	size_t deaths;
	uint8_t packet[SPF_PACKET_MOST];
};

static bool next_packet(struct spf_worker *worker, struct spf_packet *packet, char *kind)
{
	struct pollfd wait = { .fd = worker->socket, .events = POLLIN };
	int ready = 0;

	do
		ready = poll(&wait, 1, STALL);
	while (ready < 0 && errno == EINTR);
	return ready > 0 && spf_packet_receive(worker->socket, worker->packet, packet, kind);
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
	struct spf_packet packet;
	char kind = 0;

	if (!spf_evaluator_start(&worker->process, &worker->socket, err))
		return false;
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
	if (!start(worker, err)) {
		free(worker);
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
	free(worker);
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

	spf_packet_put_number(&packet, answer != NULL);
	if (answer) {
		spf_packet_put_number(&packet, answer->outcome);
		spf_packet_put_number(&packet, (uint32_t)answer->record_count);
		for (size_t i = 0; i < answer->record_count; i++) {
			spf_packet_put_part(&packet, answer->records[i].text,
			                    answer->records[i].text_length);
			spf_packet_put_bytes(&packet, answer->records[i].address,
			                     sizeof(answer->records[i].address));
		}
	}
	return spf_packet_send(worker->socket, worker->packet, &packet);
}

static bool read_verdict(struct spf_packet *packet, struct arena *arena,
                         struct spf_check_verdict *verdict)
{
	uint32_t result = spf_packet_get_number(packet);
	struct spf_check_step *steps = NULL;

	verdict->result = result < SPF_RESULTS ? (enum spf_result)result : SPF_UNKNOWN;
	verdict->domain = spf_packet_get_text(packet, arena);
	verdict->text = spf_packet_get_text(packet, arena);
	verdict->mechanism = spf_packet_get_text(packet, arena);
	verdict->record = spf_packet_get_text(packet, arena);
	verdict->column = spf_packet_get_number(packet);
	verdict->explanation = spf_packet_get_text(packet, arena);
	verdict->lookups = spf_packet_get_number(packet);
	verdict->voids = spf_packet_get_number(packet);
	verdict->problem = spf_packet_get_text(packet, arena);
	verdict->problem_record = spf_packet_get_text(packet, arena);
	verdict->problem_column = spf_packet_get_number(packet);
	verdict->step_count = spf_packet_get_number(packet);
	if (packet->bad || verdict->step_count > SPF_PACKET_MOST)
		return false;
	steps = arena_take(arena, (verdict->step_count + 1) * sizeof(*steps));
	verdict->steps = steps;
	for (size_t i = 0; i < verdict->step_count; i++) {
		steps[i].record = spf_packet_get_text(packet, arena);
		steps[i].column = spf_packet_get_number(packet);
		steps[i].term = spf_packet_get_text(packet, arena);
		steps[i].target = spf_packet_get_text(packet, arena);
		steps[i].note = spf_packet_get_text(packet, arena);
		steps[i].depth = spf_packet_get_number(packet);
		steps[i].matched = spf_packet_get_number(packet) != 0;
	}
	return !packet->bad;
}

static bool send_job(struct spf_worker *worker, const struct spf_check_request *request)
{
	struct spf_packet packet = spf_packet_begin(worker->packet, 'J');

	spf_packet_put_text(&packet, request->address);
	spf_packet_put_text(&packet, request->mail_from ? request->mail_from : "");
	spf_packet_put_text(&packet, request->helo ? request->helo : "");
	spf_packet_put_text(&packet, request->receiver);
	spf_packet_put_bytes(&packet, &request->now, sizeof(request->now));
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
		ok = kind == 'A' && name && !packet->bad && type <= UINT16_MAX
		     && give_answer(worker, source->ask(source->context, name, (int)type));
	}
	arena_reset(&names);
	return ok && kind == wanted;
}

static bool converse(struct spf_worker *worker, struct arena *arena,
                     const struct spf_check_request *request, const struct spf_check_source *source,
                     struct spf_check_verdict *verdict)
{
	struct spf_packet packet;

	return send_job(worker, request) && answer_until(worker, source, 'V', ASKED_MOST, &packet)
	       && read_verdict(&packet, arena, verdict);
}

static void count_death(struct spf_worker *worker)
{
	stop(worker);
	worker->deaths++;
}

void spf_worker_check(struct spf_worker *worker, struct arena *arena,
                      const struct spf_check_request *request,
                      const struct spf_check_source *source, struct spf_check_verdict *verdict)
{
	struct err err = { 0 };

	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN };
	if (worker->process == 0 && !start(worker, &err)) {
		verdict->problem = arena_copy(arena, err.text);
		return;
	}
	if (converse(worker, arena, request, source, verdict))
		return;
	count_death(worker);
	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN,
		                               .problem = _(
						       "internal error: the evaluation of this "
						       "record died") };
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
		uint32_t result = spf_packet_get_number(&packet);

		tries[i].result = result < SPF_RESULTS ? (enum spf_result)result : SPF_UNKNOWN;
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

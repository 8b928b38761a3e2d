#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/verify/spf_worker.h"

/*
 * One message is one packet.  Numbers are 4 octets of this machine; a text is
 * its length and its octets, NO_TEXT for none.
 *
 *   us -> child   'J' address mail-from helo receiver now      evaluate this
 *                 'R' known outcome count *( text octets[16] ) the answer asked for
 *   child -> us   'A' name type                                what does DNS say?
 *                 'V' result ... steps                         the verdict
 */

enum {
	PACKET_MOST = 160 * 1024,
	STALL = 5000,     /* milliseconds without a word: it hangs */
	ASKED_MOST = 400, /* questions of one evaluation; a sane one needs 130 */
	MEMORY = 256 * 1024 * 1024,
	CPU_SECONDS = 600,
};

static const uint32_t NO_TEXT = UINT32_MAX;

struct spf_worker {
	pid_t process;
	int socket;
	size_t deaths;
	uint8_t packet[PACKET_MOST];
};

/* A packet being written or read; `bad` is remembered until the end. */
struct packet {
	uint8_t *at;
	uint8_t *end;
	bool bad;
};

static void put_bytes(struct packet *packet, const void *bytes, size_t size)
{
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		return;
	}
	if (size > 0)
		memcpy(packet->at, bytes, size);
	packet->at += size;
}

static void put_number(struct packet *packet, uint32_t number)
{
	put_bytes(packet, &number, sizeof(number));
}

static void put_part(struct packet *packet, const char *text, size_t length)
{
	put_number(packet, (uint32_t)length);
	put_bytes(packet, text, length);
}

static void put_text(struct packet *packet, const char *text)
{
	if (text)
		put_part(packet, text, strlen(text));
	else
		put_number(packet, NO_TEXT);
}

static void get_bytes(struct packet *packet, void *bytes, size_t size)
{
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		memset(bytes, 0, size);
		return;
	}
	memcpy(bytes, packet->at, size);
	packet->at += size;
}

static uint32_t get_number(struct packet *packet)
{
	uint32_t number = 0;

	get_bytes(packet, &number, sizeof(number));
	return number;
}

static const char *get_part(struct packet *packet, struct arena *arena, size_t *length)
{
	uint32_t size = get_number(packet);
	char *text = NULL;

	*length = 0;
	if (size == NO_TEXT || packet->bad)
		return NULL;
	if ((size_t)(packet->end - packet->at) < size) {
		packet->bad = true;
		return NULL;
	}
	text = arena_copy_part(arena, (const char *)packet->at, size);
	packet->at += size;
	*length = size;
	return text;
}

static const char *get_text(struct packet *packet, struct arena *arena)
{
	size_t length = 0;

	return get_part(packet, arena, &length);
}

/* In the child. */

struct child {
	int socket;
	struct arena arena;
	uint8_t packet[PACKET_MOST];
};

static struct packet packet_to_write(uint8_t *bytes, char kind)
{
	struct packet packet = { bytes, bytes + PACKET_MOST, false };

	put_bytes(&packet, &kind, 1);
	return packet;
}

static bool send_packet(int fd, const uint8_t *bytes, const struct packet *packet)
{
	size_t size = (size_t)(packet->at - bytes);

	return !packet->bad && send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* The next packet, of which `kind` is the first octet. */
static bool receive_packet(int fd, uint8_t *bytes, struct packet *packet, char *kind)
{
	ssize_t size = recv(fd, bytes, PACKET_MOST, 0);

	if (size < 1)
		return false;
	*kind = (char)bytes[0];
	*packet = (struct packet){ bytes + 1, bytes + size, false };
	return true;
}

static const struct dns_answer *ask_parent(void *context, const char *name, int type)
{
	struct child *child = context;
	struct dns_answer *answer = arena_take(&child->arena, sizeof(*answer));
	struct packet packet = packet_to_write(child->packet, 'A');
	struct dns_record *records = NULL;
	char kind = 0;

	put_text(&packet, name);
	put_number(&packet, (uint32_t)type);
	if (!send_packet(child->socket, child->packet, &packet)
	    || !receive_packet(child->socket, child->packet, &packet, &kind) || kind != 'R')
		_exit(1);
	if (get_number(&packet) == 0)
		return NULL;
	answer->outcome = (enum dns_outcome)get_number(&packet);
	answer->record_count = get_number(&packet);
	records = arena_take(&child->arena, (answer->record_count + 1) * sizeof(*records));
	answer->records = records;
	for (size_t i = 0; i < answer->record_count; i++) {
		records[i].text = get_part(&packet, &child->arena, &records[i].text_length);
		get_bytes(&packet, records[i].address, sizeof(records[i].address));
	}
	return answer;
}

static void put_verdict(struct packet *packet, const struct spf_check_verdict *verdict)
{
	put_number(packet, verdict->result);
	put_text(packet, verdict->domain);
	put_text(packet, verdict->text);
	put_text(packet, verdict->mechanism);
	put_text(packet, verdict->record);
	put_number(packet, (uint32_t)verdict->column);
	put_text(packet, verdict->explanation);
	put_number(packet, verdict->lookups);
	put_number(packet, verdict->voids);
	put_text(packet, verdict->problem);
	put_text(packet, verdict->problem_record);
	put_number(packet, (uint32_t)verdict->problem_column);
	put_number(packet, (uint32_t)verdict->step_count);
	for (size_t i = 0; i < verdict->step_count; i++) {
		const struct spf_check_step *step = &verdict->steps[i];

		put_text(packet, step->record);
		put_number(packet, (uint32_t)step->column);
		put_text(packet, step->term);
		put_text(packet, step->target);
		put_text(packet, step->note);
		put_number(packet, step->depth);
		put_number(packet, step->matched);
	}
}

static void work(struct child *child)
{
	struct spf_check_source source = { ask_parent, child };
	struct spf_check_request request;
	struct spf_check_verdict verdict;
	struct packet packet;
	char kind = 0;

	while (receive_packet(child->socket, child->packet, &packet, &kind) && kind == 'J') {
		request = (struct spf_check_request){ 0 };
		request.address = get_text(&packet, &child->arena);
		request.mail_from = get_text(&packet, &child->arena);
		request.helo = get_text(&packet, &child->arena);
		request.receiver = get_text(&packet, &child->arena);
		get_bytes(&packet, &request.now, sizeof(request.now));
		spf_check_run(&child->arena, &request, &source, &verdict);
		packet = packet_to_write(child->packet, 'V');
		put_verdict(&packet, &verdict);
		if (!send_packet(child->socket, child->packet, &packet))
			return;
		arena_reset(&child->arena);
	}
}

/* What computing and one socket need, and what a sanitizer needs to complain. */
static const int allowed[] = {
	SCMP_SYS(recvfrom),      SCMP_SYS(sendto),         SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),       SCMP_SYS(read),           SCMP_SYS(write),
	SCMP_SYS(brk),           SCMP_SYS(mmap),           SCMP_SYS(munmap),
	SCMP_SYS(mremap),        SCMP_SYS(madvise),        SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),   SCMP_SYS(uname),
	SCMP_SYS(getrandom),     SCMP_SYS(exit),           SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),   SCMP_SYS(getpid),         SCMP_SYS(gettid),
	SCMP_SYS(tgkill),        SCMP_SYS(sched_yield),
};

static bool limit(int what, rlim_t most)
{
	struct rlimit limits = { most, most };

	return setrlimit((__rlimit_resource_t)what, &limits) == 0;
}

static bool shut_in(void)
{
	scmp_filter_ctx filter = NULL;
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0
	          && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0)
	          && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CPU, CPU_SECONDS);

#if !defined(__SANITIZE_ADDRESS__)
	/* A sanitizer reserves terabytes that it does not use. */
	ok = ok && limit(RLIMIT_AS, MEMORY);
#endif
	filter = ok ? seccomp_init(SCMP_ACT_KILL_PROCESS) : NULL;
	for (size_t i = 0; filter && i < LENGTH(allowed); i++)
		ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	ok = ok && filter && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

static void be_child(int fd)
{
	static struct child child;

	(void)signal(SIGINT, SIG_IGN);
	if (dup2(fd, 0) < 0 || close_range(1, ~0U, 0) < 0 || !shut_in())
		_exit(2);
	child.socket = 0;
	work(&child);
	_exit(0);
}

/* In the parent. */

static bool start(struct spf_worker *worker, struct err *err)
{
	int ends[2];
	int room = 2 * PACKET_MOST;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, _("cannot start the SPF evaluator"));
	for (size_t i = 0; i < 2; i++)
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	/* Its sentences must be in memory: it will not be able to read them. */
	(void)_("there is no such name");
	worker->process = fork();
	if (worker->process == 0)
		be_child(ends[1]);
	(void)close(ends[1]);
	if (worker->process < 0) {
		(void)close(ends[0]);
		worker->process = 0;
		return err_errno(err, _("cannot start the SPF evaluator"));
	}
	worker->socket = ends[0];
	return true;
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

static bool next_packet(struct spf_worker *worker, struct packet *packet, char *kind)
{
	struct pollfd wait = { .fd = worker->socket, .events = POLLIN };
	int ready = 0;

	do
		ready = poll(&wait, 1, STALL);
	while (ready < 0 && errno == EINTR);
	return ready > 0 && receive_packet(worker->socket, worker->packet, packet, kind);
}

static bool give_answer(struct spf_worker *worker, const struct dns_answer *answer)
{
	struct packet packet = packet_to_write(worker->packet, 'R');

	put_number(&packet, answer != NULL);
	if (answer) {
		put_number(&packet, answer->outcome);
		put_number(&packet, (uint32_t)answer->record_count);
		for (size_t i = 0; i < answer->record_count; i++) {
			put_part(&packet, answer->records[i].text, answer->records[i].text_length);
			put_bytes(&packet, answer->records[i].address,
			          sizeof(answer->records[i].address));
		}
	}
	return send_packet(worker->socket, worker->packet, &packet);
}

static bool read_verdict(struct packet *packet, struct arena *arena,
                         struct spf_check_verdict *verdict)
{
	uint32_t result = get_number(packet);
	struct spf_check_step *steps = NULL;

	verdict->result = result < SPF_RESULTS ? (enum spf_result)result : SPF_UNKNOWN;
	verdict->domain = get_text(packet, arena);
	verdict->text = get_text(packet, arena);
	verdict->mechanism = get_text(packet, arena);
	verdict->record = get_text(packet, arena);
	verdict->column = get_number(packet);
	verdict->explanation = get_text(packet, arena);
	verdict->lookups = get_number(packet);
	verdict->voids = get_number(packet);
	verdict->problem = get_text(packet, arena);
	verdict->problem_record = get_text(packet, arena);
	verdict->problem_column = get_number(packet);
	verdict->step_count = get_number(packet);
	if (packet->bad || verdict->step_count > PACKET_MOST)
		return false;
	steps = arena_take(arena, (verdict->step_count + 1) * sizeof(*steps));
	verdict->steps = steps;
	for (size_t i = 0; i < verdict->step_count; i++) {
		steps[i].record = get_text(packet, arena);
		steps[i].column = get_number(packet);
		steps[i].term = get_text(packet, arena);
		steps[i].target = get_text(packet, arena);
		steps[i].note = get_text(packet, arena);
		steps[i].depth = get_number(packet);
		steps[i].matched = get_number(packet) != 0;
	}
	return !packet->bad;
}

static bool send_job(struct spf_worker *worker, const struct spf_check_request *request)
{
	struct packet packet = packet_to_write(worker->packet, 'J');

	put_text(&packet, request->address);
	put_text(&packet, request->mail_from ? request->mail_from : "");
	put_text(&packet, request->helo ? request->helo : "");
	put_text(&packet, request->receiver);
	put_bytes(&packet, &request->now, sizeof(request->now));
	return send_packet(worker->socket, worker->packet, &packet);
}

/* Answer the child's questions until it gives its verdict. */
static bool converse(struct spf_worker *worker, struct arena *arena,
                     const struct spf_check_request *request, const struct spf_check_source *source,
                     struct spf_check_verdict *verdict)
{
	struct packet packet;
	char kind = 0;

	if (!send_job(worker, request))
		return false;
	for (size_t asked = 0; asked < ASKED_MOST && next_packet(worker, &packet, &kind); asked++) {
		const char *name = NULL;
		uint32_t type = 0;

		if (kind == 'V')
			return read_verdict(&packet, arena, verdict);
		name = get_text(&packet, arena);
		type = get_number(&packet);
		if (kind != 'A' || !name || packet.bad || type > UINT16_MAX)
			return false;
		if (!give_answer(worker, source->ask(source->context, name, (int)type)))
			return false;
	}
	return false;
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
	stop(worker);
	worker->deaths++;
	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN,
		                               .problem = _(
						       "internal error: the evaluation of this "
						       "record died") };
}

static const struct dns_answer *ask_inquiry(void *context, const char *name, int type)
{
	return inquiry_ask(context, name, type);
}

struct spf_check_source spf_worker_source(struct inquiry *inquiry)
{
	return (struct spf_check_source){ ask_inquiry, inquiry };
}

#include "core/verify/spf_evaluator.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/verify/spf_check.h"
#include "core/verify/spf_exchange.h"
#include "core/verify/spf_packet.h"
#include "core/verify/spf_trial.h"

/* gcc says by a macro that a sanitizer is at work, clang by a feature. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

enum { MEMORY = 256 * 1024 * 1024, CPU_SECONDS = 600 };

/* The first argument of a program that shall be an evaluator; the second is
 * the language.  Nothing else reaches it. */
static char call[] = "--be-spf-evaluator";

static bool welcome; /* our main() knows the call */

/* In the evaluator. */

/* What the worker said about a name: an answer, or that it is not known yet (NULL). */
struct known {
	struct known *next;
	const char *name;
	int type;
	const struct dns_answer *answer;
};

struct evaluator {
	int socket;
	struct arena arena; /* of the job, or of the trial */
	struct spf_check_source source;
	struct known *known;
	struct spf_trial trial;
	struct spf_trial_run *run;
	uint8_t packet[SPF_PACKET_MOST];
};

static struct known *add_known(struct evaluator *evaluator, const char *name, int type)
{
	struct known *known = arena_take(&evaluator->arena, sizeof(*known));

	*known = (struct known){ evaluator->known, name, type, NULL };
	evaluator->known = known;
	return known;
}

static const struct dns_answer *ask_worker(struct evaluator *evaluator, const char *name, int type)
{
	struct spf_packet packet = spf_packet_begin(evaluator->packet, 'A');
	char kind = 0;

	spf_packet_put_text(&packet, name);
	spf_packet_put_number(&packet, (uint32_t)type);
	if (!spf_packet_send(evaluator->socket, evaluator->packet, &packet)
	    || !spf_packet_receive(evaluator->socket, evaluator->packet, &packet, &kind)
	    || kind != 'R')
		_exit(1);
	return spf_exchange_get_answer(&packet, &evaluator->arena);
}

static const struct dns_answer *ask(void *context, const char *name, int type)
{
	struct evaluator *evaluator = context;
	struct known *known = evaluator->known;

	while (known && (known->type != type || strcmp(known->name, name) != 0))
		known = known->next;
	if (!known) {
		known = add_known(evaluator, arena_copy(&evaluator->arena, name), type);
		known->answer = ask_worker(evaluator, name, type);
	}
	return known->answer;
}

static void get_known(struct evaluator *evaluator, struct spf_packet *packet)
{
	size_t count = spf_packet_get_number(packet);

	for (size_t i = 0; i < count && !packet->bad; i++) {
		const char *name = spf_packet_get_text(packet, &evaluator->arena);
		int type = (int)spf_packet_get_number(packet);

		add_known(evaluator, name, type)->answer =
			spf_exchange_get_answer(packet, &evaluator->arena);
	}
}

/* All share what they read: a record is parsed once and not once per client. */
static bool evaluate_job(struct evaluator *evaluator, struct spf_packet *packet)
{
	struct arena *arena = &evaluator->arena;
	size_t count = spf_packet_get_number(packet);
	struct spf_check_request *requests = arena_take(arena, (count + 1) * sizeof(*requests));
	struct spf_check_job *job = spf_check_job_open(arena, false);

	if (!job)
		return false;
	for (size_t i = 0; i < count; i++)
		spf_exchange_get_request(packet, arena, &requests[i]);
	get_known(evaluator, packet);
	if (packet->bad)
		_exit(1);
	struct spf_check_verdict *verdicts = arena_take(arena, (count + 1) * sizeof(*verdicts));
	for (size_t i = 0; i < count; i++)
		spf_check_job_run(job, arena, &requests[i], &evaluator->source, &verdicts[i]);
	spf_check_job_close(job);
	*packet = spf_packet_begin(evaluator->packet, 'V');
	for (size_t i = 0; i < count; i++)
		spf_exchange_put_verdict(packet, &verdicts[i]);
	return spf_packet_send(evaluator->socket, evaluator->packet, packet);
}

static struct spf_trial_view get_view(struct spf_packet *packet, struct arena *arena)
{
	size_t count = spf_packet_get_number(packet);
	const char **texts = arena_take(arena, (count + 1) * sizeof(char *));

	for (size_t i = 0; i < count; i++)
		texts[i] = spf_packet_get_text(packet, arena);
	return (struct spf_trial_view){ texts, count };
}

static void begin_trial(struct evaluator *evaluator, struct spf_packet *packet)
{
	struct arena *arena = &evaluator->arena;
	struct spf_trial *trial = &evaluator->trial;
	struct spf_trial_view *views = NULL;

	*trial = (struct spf_trial){ 0 };
	trial->domain = spf_packet_get_text(packet, arena);
	trial->mail_from = spf_packet_get_text(packet, arena);
	trial->helo = spf_packet_get_text(packet, arena);
	spf_packet_get_bytes(packet, &trial->now, sizeof(trial->now));
	trial->view_count = spf_packet_get_number(packet);
	views = arena_take(arena, (trial->view_count + 1) * sizeof(*views));
	for (size_t i = 0; i < trial->view_count; i++)
		views[i] = get_view(packet, arena);
	trial->views = views;
	evaluator->run = spf_trial_open(arena, trial, &evaluator->source);
}

static bool evaluate_tries(struct evaluator *evaluator, struct spf_packet *packet)
{
	size_t count = spf_packet_get_number(packet);
	struct spf_trial_try *tries = arena_take(&evaluator->arena, (count + 1) * sizeof(*tries));

	for (size_t i = 0; i < count; i++) {
		tries[i].view = spf_packet_get_number(packet);
		tries[i].address = spf_packet_get_text(packet, &evaluator->arena);
	}
	for (size_t i = 0; i < count; i++)
		tries[i].result = spf_trial_evaluate(evaluator->run, tries[i].view,
		                                     tries[i].address);
	*packet = spf_packet_begin(evaluator->packet, 'W');
	for (size_t i = 0; i < count; i++)
		spf_packet_put_number(packet, tries[i].result);
	return spf_packet_send(evaluator->socket, evaluator->packet, packet);
}

/* A new job or trial begins with nothing of the last one. */
static void forget(struct evaluator *evaluator)
{
	spf_trial_close(evaluator->run);
	evaluator->run = NULL;
	evaluator->known = NULL;
	arena_reset(&evaluator->arena);
}

static void work(struct evaluator *evaluator)
{
	struct spf_packet packet;
	char kind = 0;
	bool ok = true;

	evaluator->source = (struct spf_check_source){ ask, evaluator };
	while (ok && spf_packet_receive(evaluator->socket, evaluator->packet, &packet, &kind)) {
		if (kind != 'E')
			forget(evaluator);
		if (kind == 'J')
			ok = evaluate_job(evaluator, &packet);
		else if (kind == 'T')
			begin_trial(evaluator, &packet);
		else
			ok = kind == 'E' && evaluator->run && evaluate_tries(evaluator, &packet);
	}
	forget(evaluator);
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

#if !defined(SANITIZED)
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

/* Its sentences must be in memory before: later it cannot read them. */
static void evaluate(const char *language)
{
	static struct evaluator evaluator;
	struct spf_packet hello = spf_packet_begin(evaluator.packet, 'H');

	(void)signal(SIGINT, SIG_IGN);
	words_setup(language);
	(void)_("there is no such name");
	if (close_range(1, ~0U, 0) < 0 || !shut_in()
	    || !spf_packet_send(evaluator.socket, evaluator.packet, &hello))
		_exit(2);
	work(&evaluator);
	_exit(0);
}

void spf_evaluator_main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], call) == 0)
		evaluate(argv[2]);
	welcome = true;
}

/* In the worker's process. */

/* /proc/self/exe is this very file even when another one has taken its name, or
 * when it lies where our user cannot look. */
static int spawn(pid_t *process, int socket)
{
	static char name[] = "senderctl-spf";
	char language[8];
	char *const arguments[] = { name, call, language, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int fault = posix_spawn_file_actions_init(&actions);

	(void)snprintf(language, sizeof(language), "%s", words_language());
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

bool spf_evaluator_start(pid_t *process, int *socket, struct err *err)
{
	int ends[2];
	int room = 2 * SPF_PACKET_MOST;
	int fault = 0;

	/* It would run our main() from the start, which would start another one. */
	if (!welcome) {
		(void)fputs("spf_evaluator_main() must be called first in main()\n", stderr);
		abort();
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, _("cannot start the SPF evaluator"));
	for (size_t i = 0; i < 2; i++)
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	fault = spawn(process, ends[1]);
	(void)close(ends[1]);
	if (fault != 0) {
		(void)close(ends[0]);
		*process = 0;
		errno = fault;
		return err_errno(err, _("cannot start the SPF evaluator"));
	}
	*socket = ends[0];
	return true;
}

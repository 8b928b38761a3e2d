#include "keys/envoy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/base/words.h"
#include "core/wire/smtp_talk.h"
#include "keys/cage.h"
#include "keys/protocol.h"

enum { TALK_MS = 45 * 1000 };

/* ---- the child of a visit ---- */

static const char **senders_of(struct arena *arena, const struct tree *task, size_t *count)
{
	const struct tree *list = tree_get(task, "senders");
	size_t there = tree_is_list(list) ? tree_count(list) : 0;
	const char **senders = arena_take(arena, (there + 1) * sizeof *senders);

	*count = 0;
	for (size_t i = 0; i < there; i++) {
		const char *address = tree_as_text(tree_at(list, i));
		if (address != NULL)
			senders[(*count)++] = address;
	}
	return senders;
}

static bool take_password(int socket, struct secret *password, struct err *err)
{
	if (!secret_take(password, SMTP_TALK_PASSWORD, err))
		return false;
	ssize_t got = recv(socket, password->bytes, password->size, 0);
	if (got <= 0)
		return err_errno(err, _("cannot read %s"), _("the password"));
	secret_shorten(password, (size_t)got);
	return true;
}

static bool talk(const struct tree *task, const struct secret *password, const struct secret *line,
                 const struct tls_trust *trust, int server, int socket, struct err *err)
{
	struct arena arena = { 0 };
	struct smtp_result result;
	struct wire wire;
	struct smtp_talk_request request = {
		.host = tree_find_text(task, "host"),
		.implicit_tls = tree_as_bool(tree_get(task, "implicit"), false),
		.helo = tree_find_text(task, "helo"),
		.trust = trust,
		.user = tree_find_text(task, "user"),
		.password = password->bytes,
		.password_size = password->size,
		.line = (char *)line->bytes,
		.test_to = tree_find_text(task, "test_to"),
	};

	request.senders = senders_of(&arena, task, &request.sender_count);
	wire_adopt(&wire, server);
	wire_hurry(&wire, TALK_MS);
	smtp_talk_run(&arena, &wire, &request, &result);
	struct tree *answer = smtp_result_tree(&result);
	bool ok = protocol_send(socket, answer, NULL, true, err);
	tree_drop(answer);
	wire_close(&wire);
	arena_reset(&arena);
	return ok;
}

/* Everything that needs the system comes before the cage: the authorities,
 * guarded memory, the time zone. */
static bool visit(int socket, int server, const char *ca_file)
{
	struct secret password = { 0 }, line = { 0 };
	struct tls_trust *trust = NULL;
	struct protocol_fds fds;
	struct tree *task = NULL;
	struct err err = { 0 };
	int flags = fcntl(server, F_GETFL);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	tzset();
	/* without authorities the talk says that there are none */
	bool trusts = tls_trust_open(&trust, ca_file);
	bool ok = flags >= 0 && fcntl(server, F_SETFL, flags | O_NONBLOCK) == 0
	          && protocol_receive(socket, &task, &fds, &err) && task != NULL
	          && secret_take(&line, SMTP_TALK_LINE, &err)
	          && take_password(socket, &password, &err) && cage_lock(ENVOY_SECONDS)
	          && talk(task, &password, &line, trusts ? trust : NULL, server, socket, &err);
	secret_drop(&password);
	secret_drop(&line);
	return ok;
}

/* ---- the process ---- */

static bool receive_pair(int socket, int fds[2])
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr packet = { .msg_iov = &part,
		                 .msg_iovlen = 1,
		                 .msg_control = control.bytes,
		                 .msg_controllen = sizeof control.bytes };
	ssize_t got;

	do
		got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	const struct cmsghdr *header = got == 1 ? CMSG_FIRSTHDR(&packet) : NULL;
	if (header == NULL || header->cmsg_len != CMSG_LEN(2 * sizeof(int)))
		return false;
	memcpy(fds, CMSG_DATA(header), 2 * sizeof(int));
	return true;
}

/* The process. */
static void work(int socket, const void *ca_file)
{
	int fds[2];

	(void)cage_lock_helper(CAGE_READS_FILES); /* each visit locks itself in, or ends */
	while (receive_pair(socket, fds)) {
		if (fork() == 0) {
			(void)close(socket);
			_exit(visit(fds[0], fds[1], ca_file) ? 0 : 1);
		}
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
}

bool envoy_start(struct envoy *envoy, const char *ca_file, struct err *err)
{
	return helper_start(&envoy->helper, work, ca_file, err);
}

void envoy_stop(struct envoy *envoy)
{
	helper_stop(&envoy->helper);
}

static bool send_pair(int socket, int ours, int server, struct err *err)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	char byte = 'v';
	struct iovec part = { &byte, 1 };
	struct msghdr packet = { .msg_iov = &part,
		                 .msg_iovlen = 1,
		                 .msg_control = control.bytes,
		                 .msg_controllen = sizeof control.bytes };
	const int fds[2] = { ours, server };

	struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(header), fds, sizeof fds);
	return sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT) == 1
	       || err_errno(err, _("the process that logs in does not listen"));
}

bool envoy_send(struct envoy *envoy, const struct tree *task, const struct secret *password,
                int server, int *visit_socket, struct err *err)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, _("cannot make a socket"));
	bool ok = send_pair(envoy->helper.socket, pair[1], server, err)
	          && protocol_send(pair[0], task, NULL, false, err)
	          && (send(pair[0], password->bytes, password->size, MSG_NOSIGNAL | MSG_DONTWAIT)
	                      == (ssize_t)password->size
	              || err_errno(err, _("the process that logs in does not listen")));
	(void)close(pair[1]);
	if (!ok) {
		(void)close(pair[0]);
		return false;
	}
	*visit_socket = pair[0];
	return true;
}

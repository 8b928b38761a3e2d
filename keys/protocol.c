#include "keys/protocol.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/words.h"

/* Room for the descriptors of one packet, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * PROTOCOL_FDS)];
};

bool protocol_send(int socket, const struct tree *message, const struct protocol_fds *fds,
                   bool patient, struct err *err)
{
	struct text text = { 0 };
	union control control = { 0 };
	struct iovec part = { 0 };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	bool ok = false;
	ssize_t sent;

	tree_render(message, false, &text);
	if (text.length > PROTOCOL_PACKET) {
		(void)err_set(err, ERR_INPUT, _("a question to the key service is too long"));
		goto out;
	}
	part = (struct iovec){ .iov_base = text.data, .iov_len = text.length };
	if (fds != NULL && fds->count > 0) {
		size_t size = sizeof(int) * fds->count;
		packet.msg_control = control.bytes;
		packet.msg_controllen = CMSG_SPACE(size);
		struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(header), fds->fd, size);
	}
	do
		sent = sendmsg(socket, &packet, MSG_NOSIGNAL | (patient ? 0 : MSG_DONTWAIT));
	while (sent < 0 && errno == EINTR);
	if (sent < 0) {
		(void)err_errno(err, _("the key service does not listen"));
		err->code = ERR_KEYS;
		goto out;
	}
	ok = true;
out:
	text_free(&text);
	return ok;
}

/* Whatever descriptors came, also more than we asked for: none may leak. */
static void collect(struct msghdr *packet, struct protocol_fds *fds)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(packet); h != NULL; h = CMSG_NXTHDR(packet, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
			if (fds->count < PROTOCOL_FDS)
				fds->fd[fds->count++] = fd;
			else
				(void)close(fd);
		}
	}
}

bool protocol_receive(int socket, struct tree **message, struct protocol_fds *fds, struct err *err)
{
	union control control = { 0 };
	char *bytes = malloc(PROTOCOL_PACKET + 1);
	struct iovec part = { .iov_base = bytes, .iov_len = PROTOCOL_PACKET + 1 };
	struct msghdr packet = { .msg_iov = &part,
		                 .msg_iovlen = 1,
		                 .msg_control = control.bytes,
		                 .msg_controllen = sizeof control.bytes };
	bool ok = false;
	ssize_t got;

	*message = NULL;
	*fds = (struct protocol_fds){ 0 };
	if (bytes == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	do
		got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		collect(&packet, fds);
	if (got == 0 || (got < 0 && errno == ECONNRESET)) {
		ok = true;
		goto out;
	}
	if (got < 0) {
		(void)err_errno(err, _("the key service does not answer"));
		err->code = ERR_KEYS;
		goto out;
	}
	if ((packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || got > PROTOCOL_PACKET) {
		(void)err_set(err, ERR_KEYS, _("a packet on the key service's socket is too long"));
		goto out;
	}
	if (!tree_parse(bytes, (size_t)got, message, err)) {
		err->code = ERR_KEYS;
		goto out;
	}
	ok = true;
out:
	if (!ok)
		protocol_close_fds(fds);
	free(bytes);
	return ok;
}

void protocol_close_fds(struct protocol_fds *fds)
{
	for (size_t i = 0; i < fds->count; i++)
		if (fds->fd[i] >= 0)
			(void)close(fds->fd[i]);
	fds->count = 0;
}

struct tree *protocol_error(const struct err *err)
{
	struct tree *error = tree_map();

	tree_put_text(error, "code", err_word(err->code));
	tree_put_text(error, "message", err->text);
	tree_put_text(error, "hint", err->hint[0] != '\0' ? err->hint : NULL);
	return error;
}

bool protocol_failed(const struct tree *answer, struct err *err)
{
	const struct tree *error = tree_get(answer, "error");
	const char *word = tree_find_text(error, "code");
	const char *message = tree_find_text(error, "message");
	const char *hint = tree_find_text(error, "hint");
	enum err_code code = ERR_KEYS;

	if (tree_as_bool(tree_get(answer, "ok"), false))
		return false;
	for (int i = ERR_NONE + 1; word != NULL && i < ERR_CODES; i++)
		if (strcmp(word, err_word((enum err_code)i)) == 0)
			code = (enum err_code)i;
	(void)err_set(err, code, "%s", message != NULL ? message : _("the key service said no"));
	if (hint != NULL)
		(void)err_hint(err, "%s", hint);
	return true;
}

#include "cli/typing.h"

#include <poll.h>
#include <stdio.h>

#include "core/base/words.h"

bool typing_begin(struct typing *typing, int fd, const char *prompt, struct err *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	*typing = (struct typing){ .fd = fd };
	typing->terminal = tcgetattr(fd, &typing->before) == 0;
	if (typing->terminal) {
		struct termios silent = typing->before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(fd, TCSAFLUSH, &silent);
		(void)fprintf(stderr, "%s ", prompt);
		(void)fflush(stderr);
	}
	return poll(&wait, 1, -1) == 1 || err_errno(err, _("cannot read %s"), prompt);
}

void typing_end(struct typing *typing)
{
	if (!typing->terminal)
		return;
	(void)tcsetattr(typing->fd, TCSAFLUSH, &typing->before);
	(void)fputc('\n', stderr);
	*typing = (struct typing){ .fd = -1 };
}

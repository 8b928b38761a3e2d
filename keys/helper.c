#include "keys/helper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/words.h"

enum { OURS = 3 };

static void run(int socket, pid_t parent, helper_work_fn work, const void *context)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)signal(SIGCHLD, SIG_IGN); /* nobody waits for the children */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGINT, SIG_IGN); /* a terminal's ^C is for the service */
	/* nothing else that is open here is any business of a helper's */
	if (getppid() != parent || dup2(socket, OURS) < 0 || close_range(OURS + 1, ~0U, 0) != 0)
		_exit(1);
	work(OURS, context);
	_exit(0);
}

bool helper_start(struct helper *helper, helper_work_fn work, const void *context, struct err *err)
{
	int pair[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, _("cannot make a socket"));
	pid_t process = fork();
	if (process < 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return err_errno(err, _("cannot start a process"));
	}
	if (process == 0)
		run(pair[1], parent, work, context);
	(void)close(pair[1]);
	*helper = (struct helper){ .socket = pair[0], .process = process };
	return true;
}

void helper_stop(struct helper *helper)
{
	if (helper->process == 0)
		return;
	(void)close(helper->socket); /* it reads the end, and ends */
	(void)waitpid(helper->process, NULL, 0);
	*helper = (struct helper){ 0 };
}

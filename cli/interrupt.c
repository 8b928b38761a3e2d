#include "cli/interrupt.h"

#include "core/base/words.h"

static volatile sig_atomic_t told;

static void note(int number)
{
	told = number;
}

/* Who started us may have decided that a signal means nothing to us: nohup, or a
 * shell for what runs in the background. */
static bool watch(int number)
{
	/* SA_RESETHAND: who asks twice does not want to wait. */
	struct sigaction action = { .sa_handler = note,
		                    .sa_flags = (int)(SA_RESTART | SA_RESETHAND) };
	struct sigaction before;

	return sigaction(number, NULL, &before) == 0
	       && (before.sa_handler == SIG_IGN || sigaction(number, &action, NULL) == 0);
}

bool interrupt_watch(const volatile sig_atomic_t **stop, struct err *err)
{
	*stop = &told;
	return (watch(SIGINT) && watch(SIGTERM)) || err_errno(err, _("cannot hear signals"));
}

#include "keys/cage.h"

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* What a conversation over open descriptors needs, and what a sanitizer needs
 * to complain. */
static const int allowed[] = {
	SCMP_SYS(recvfrom),       SCMP_SYS(sendto),
	SCMP_SYS(recvmsg),        SCMP_SYS(sendmsg),
	SCMP_SYS(read),           SCMP_SYS(write),
	SCMP_SYS(poll),           SCMP_SYS(ppoll),
	SCMP_SYS(close),          SCMP_SYS(brk),
	SCMP_SYS(mmap),           SCMP_SYS(munmap),
	SCMP_SYS(mremap),         SCMP_SYS(madvise),
	SCMP_SYS(mprotect),       SCMP_SYS(munlock),
	SCMP_SYS(futex),          SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),   SCMP_SYS(time),
	SCMP_SYS(getrandom),      SCMP_SYS(exit),
	SCMP_SYS(exit_group),     SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(sigaltstack),    SCMP_SYS(getpid),
	SCMP_SYS(gettid),         SCMP_SYS(tgkill),
	SCMP_SYS(sched_yield),    SCMP_SYS(mlock),
};

static bool limit(int what, rlim_t most)
{
	struct rlimit limits = { most, most };

	return setrlimit((__rlimit_resource_t)what, &limits) == 0;
}

bool cage_lock(int seconds)
{
	scmp_filter_ctx filter = NULL;
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0
	          && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0)
	          && limit(RLIMIT_CPU, (rlim_t)seconds);

	(void)alarm((unsigned)seconds);
	filter = ok ? seccomp_init(SCMP_ACT_KILL_PROCESS) : NULL;
	for (size_t i = 0; filter && i < LENGTH(allowed); i++)
		ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	ok = ok && filter && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

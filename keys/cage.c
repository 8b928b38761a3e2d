#include "keys/cage.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/attr.h"

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

/* What it takes to start another, and for that one to lock itself in. */
static const int beside[] = {
	SCMP_SYS(clone),           SCMP_SYS(clone3),    SCMP_SYS(fork),
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),      SCMP_SYS(set_tid_address),
	SCMP_SYS(prctl),           SCMP_SYS(seccomp),   SCMP_SYS(prlimit64),
	SCMP_SYS(setrlimit),       SCMP_SYS(getrlimit), SCMP_SYS(setpriority),
	SCMP_SYS(alarm),           SCMP_SYS(fcntl),     SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),      SCMP_SYS(ioctl),     SCMP_SYS(getppid),
	SCMP_SYS(wait4),
};

/* What reads certificates and the time zone. */
static const int reading[] = {
	SCMP_SYS(open),       SCMP_SYS(openat), SCMP_SYS(stat),     SCMP_SYS(statx),
	SCMP_SYS(lstat),      SCMP_SYS(access), SCMP_SYS(lseek),    SCMP_SYS(pread64),
	SCMP_SYS(getdents64), SCMP_SYS(readv),  SCMP_SYS(readlink),
};

static bool allow(scmp_filter_ctx filter, const int calls[], size_t count)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
	return ok;
}

static bool limit(int what, rlim_t most)
{
	struct rlimit limits = { most, most };

	return setrlimit((__rlimit_resource_t)what, &limits) == 0;
}

/* What whatever is not allowed ends; NULL: there is no memory. */
static scmp_filter_ctx narrow(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter != NULL && allow(filter, allowed, LENGTH(allowed)))
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* To compile the list takes 0.4 ms, half of what a key may cost beside its
 * primes: a helper does it once, for all its children. */
static struct sock_filter compiled[256];
static struct sock_fprog program = { .filter = compiled };

static void compile(void)
{
	scmp_filter_ctx filter = narrow();
	int fd = filter != NULL ? memfd_create("cage", MFD_CLOEXEC) : -1;
	ssize_t got = 0;

	if (fd >= 0 && seccomp_export_bpf(filter, fd) == 0)
		got = pread(fd, compiled, sizeof compiled, 0);
	/* one that fills the room may be cut: then each compiles its own */
	if (got > 0 && (size_t)got < sizeof compiled)
		program.len = (unsigned short)((size_t)got / sizeof *compiled);
	if (fd >= 0)
		(void)close(fd);
	seccomp_release(filter);
}

static bool load_narrow(void)
{
	if (program.len > 0)
		return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
	scmp_filter_ctx filter = narrow();
	bool ok = filter != NULL && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

bool cage_lock(int seconds)
{
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0
	          && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0)
	          && limit(RLIMIT_CPU, (rlim_t)seconds);

	(void)alarm((unsigned)seconds);
	return ok && load_narrow();
}

/* Refused, not deadly: it must outlive what a library tries by chance. */
bool cage_lock_helper(enum cage_files files)
{
	scmp_filter_ctx filter = NULL;
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0);

	compile(); /* into a file of memory, which the next limit would not let grow */
	ok = ok && limit(RLIMIT_FSIZE, 0);
	filter = ok ? seccomp_init(SCMP_ACT_ERRNO(EPERM)) : NULL;
	ok = filter != NULL && allow(filter, allowed, LENGTH(allowed))
	     && allow(filter, beside, LENGTH(beside))
	     && (files == CAGE_NO_FILES || allow(filter, reading, LENGTH(reading)))
	     && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

#include "keys/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "core/base/conf.h"
#include "core/base/log.h"

/* ---- files ---- */

/* What a kernel calls by a number of its own that these headers may not know. */
enum { ABI_REFER = 2, ABI_TRUNCATE = 3, ABI_NET = 4, ABI_DEVICES = 5, ABI_SCOPE = 6 };

#define FS_READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_FIRST ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
/* by their numbers: older headers lack the words */
#define FS_REFER      (UINT64_C(1) << 13)
#define FS_TRUNCATE   (UINT64_C(1) << 14)
#define FS_IOCTL      (UINT64_C(1) << 15)
#define NET_BIND      (UINT64_C(1) << 0)
#define NET_CONNECT   (UINT64_C(1) << 1)
#define SCOPE_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS (UINT64_C(1) << 1)

/* The kernel's struct as of version 6; it takes as much of it as it knows. */
struct rules {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

static uint64_t known_rights(int abi)
{
	return FS_FIRST | (abi >= ABI_REFER ? FS_REFER : 0)
	       | (abi >= ABI_TRUNCATE ? FS_TRUNCATE : 0) | (abi >= ABI_DEVICES ? FS_IOCTL : 0);
}

static int take_rules(int abi, bool network)
{
	struct rules rules = { .fs = known_rights(abi) };
	size_t size = sizeof rules.fs;

	if (abi >= ABI_NET) {
		rules.net = NET_BIND | (network ? 0 : NET_CONNECT);
		size = sizeof rules.fs + sizeof rules.net;
	}
	if (abi >= ABI_SCOPE) {
		rules.scope = SCOPE_SIGNALS | (network ? 0 : SCOPE_SOCKETS);
		size = sizeof rules;
	}
	return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

/* One that is not there needs no rule. */
static bool allow(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	struct stat is;

	if (path == NULL)
		return true;
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
	/* a file has no right that only folders have */
	if (fstat(rule.parent_fd, &is) == 0 && !S_ISDIR(is.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE;
	bool ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)
	          == 0;
	(void)close(rule.parent_fd);
	return ok;
}

static bool allow_usual(int ruleset)
{
	/* names of users, hosts and time zones, translations, authorities */
	static const char *const usual[] = { "/etc",         "/usr",         "/lib",   "/lib64",
		                             "/var/lib/sss", "/dev/urandom", LOCALEDIR };
	const char *home = conf_environment("HOME");
	char path[512];
	bool ok = true;

	for (size_t i = 0; ok && i < LENGTH(usual); i++)
		ok = allow(ruleset, usual[i], FS_READ);
	if (home == NULL)
		return ok;
	/* where libpq looks for certificates and passwords */
	(void)snprintf(path, sizeof path, "%s/.postgresql", home);
	ok = ok && allow(ruleset, path, FS_READ);
	(void)snprintf(path, sizeof path, "%s/.pgpass", home);
	return ok && allow(ruleset, path, FS_READ);
}

static int lock_files(const struct confine_plan *plan)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* which version? */);
	int ruleset = abi > 0 ? take_rules(abi, plan->network) : -1;
	const uint64_t writing = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE
	                         | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;

	if (ruleset < 0)
		return 0;
	bool ok = allow_usual(ruleset) && allow(ruleset, plan->master_folder, writing)
	          && allow(ruleset, plan->socket_folder, LANDLOCK_ACCESS_FS_REMOVE_FILE);
	for (size_t i = 0; ok && i < plan->read_count; i++)
		ok = allow(ruleset, plan->read[i], FS_READ);
	ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	(void)close(ruleset);
	return ok ? abi : 0;
}

/* ---- system calls ---- */

static const int allowed[] = {
	/* speaking */
	SCMP_SYS(accept4),
	SCMP_SYS(connect),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* files */
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(lseek),
	SCMP_SYS(ftruncate),
	SCMP_SYS(dup),
	SCMP_SYS(fsync),
	SCMP_SYS(fcntl),
	SCMP_SYS(close),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getcwd),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(fchmod),
	SCMP_SYS(umask),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(mlock),
	SCMP_SYS(mlock2),
	SCMP_SYS(munlock),
	SCMP_SYS(futex),
	/* time, numbers, itself */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(getrusage),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(tgkill),
	SCMP_SYS(rseq),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* What no library tries by chance. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(bpf),
	SCMP_SYS(setuid),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
};

static bool allow_sockets(scmp_filter_ctx filter, bool network)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	size_t count = network ? LENGTH(families) : 1;
	bool ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
	                           SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0))
	          == 0;

	for (size_t i = 0; ok && i < count; i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
		                      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0))
		     == 0;
	return ok;
}

/* No page is made executable any more; a resolver of names, for a database
 * elsewhere, is loaded at its first use. */
static bool allow_pages(scmp_filter_ctx filter, bool network)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	bool ok = true;

	for (size_t i = 0; ok && i < LENGTH(calls); i++)
		ok = (network ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0)
		              : seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)))
		     == 0;
	return ok;
}

static bool lock_calls(const struct confine_plan *plan)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = filter != NULL && allow_sockets(filter, plan->network)
	          && allow_pages(filter, plan->network)
	          && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
	                              SCMP_A1(SCMP_CMP_EQ, TCGETS, 0))
	                     == 0;

	for (size_t i = 0; ok && i < LENGTH(allowed); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	for (size_t i = 0; ok && i < LENGTH(deadly); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0) == 0;
	ok = ok && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
/* The search for leaks at the end needs a second process, which we can't have. */
static bool alone;
int __lsan_is_turned_off(void)
{
	return alone;
}
#define LEAKS_ARE_NOT_SEARCHED() (alone = true)
#else
#define LEAKS_ARE_NOT_SEARCHED() ((void)0)
#endif

struct confinement confine(const struct confine_plan *plan)
{
	struct confinement got = { .seccomp = false };

	/* whatever finds the names of users is loaded by asking for one that nobody has */
	(void)getpwuid((uid_t)-2);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
		got.landlock = lock_files(plan);
		got.seccomp = lock_calls(plan);
	}
	if (got.seccomp)
		LEAKS_ARE_NOT_SEARCHED();
	if (got.landlock == 0)
		log_warn("confine",
		         "this kernel has no Landlock; any file of our user can be opened");
	if (!got.seccomp)
		log_warn("confine", "this kernel has no seccomp; every system call is open to us");
	return got;
}

#include "keys/cage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/attr.h"

/* What is tried inside; 0: it could.  Raw where the C library has ways around. */
static int result_of(long got)
{
	return got >= 0 ? 0 : errno;
}
static int compute(void)
{
	static char room[1 << 16];

	memset(room, 1, sizeof room);
	return getpid() > 0 && room[77] == 1 ? 0 : 1;
}
static int speak(void)
{
	return result_of(syscall(SYS_sendto, -1, "", 0, MSG_NOSIGNAL, NULL, 0)) == EBADF ? 0 : 1;
}
static int take_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
	                       == MAP_FAILED
	               ? errno
	               : 0;
}
static int read_file(void)
{
	return result_of(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0));
}
static int write_file(void)
{
	return result_of(syscall(SYS_openat, AT_FDCWD, "/tmp/cage.new", O_WRONLY | O_CREAT, 0600));
}
static int remove_file(void)
{
	return result_of(syscall(SYS_unlinkat, AT_FDCWD, "/tmp/cage.none", 0));
}
static int take_socket(void)
{
	return result_of(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
}
static int take_inet(void)
{
	return result_of(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
}
static int take_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : errno;
}
static int exchange_program(void)
{
	char *const words[] = { NULL };

	(void)execve("/bin/true", words, words);
	return errno;
}
static int look_into_another(void)
{
	return result_of(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
}
static int end_another(void)
{
	return result_of(kill(getppid(), 0));
}
static int have_more_time(void)
{
	const struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };

	return result_of(setrlimit(RLIMIT_CPU, &more));
}
static int lock_in_again(void)
{
	return cage_lock(5) ? 0 : 1;
}
/* What a helper is for: by the list that it compiled, the child is as narrow. */
static int lock_in_a_child(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(cage_lock(5) ? read_file() : 1);
	if (waitpid(pid, &status, 0) != pid)
		return errno;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : 1;
}

enum { ENDED = 1000, NOT_LOCKED = 200 };

static bool lock_work(void)
{
	return cage_lock(20);
}
static bool lock_helper(void)
{
	return cage_lock_helper(CAGE_NO_FILES);
}
static bool lock_reading_helper(void)
{
	return cage_lock_helper(CAGE_READS_FILES);
}

/* In a child: what came of it, or ENDED when the kernel ended it. */
static int locked(bool (*lock)(void), int (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(lock() ? act() : NOT_LOCKED);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? ENDED : -1;
	return WEXITSTATUS(status);
}

static void each_can_what_its_work_needs(void **state)
{
	static const struct {
		const char *what;
		int (*act)(void);
		int work, helper, reading;
	} rows[] = {
		{ "compute", compute, 0, 0, 0 },
		{ "speak", speak, 0, 0, 0 },
		{ "take memory", take_memory, 0, 0, 0 },
		{ "read a file", read_file, ENDED, EPERM, 0 },
		{ "write a file", write_file, ENDED, EPERM, 0 },
		{ "remove a file", remove_file, ENDED, EPERM, EPERM },
		{ "take a socket", take_socket, ENDED, EPERM, EPERM },
		{ "reach another machine", take_inet, ENDED, EPERM, EPERM },
		{ "start a process", take_process, ENDED, 0, 0 },
		{ "become another program", exchange_program, ENDED, EPERM, EPERM },
		{ "look into another process", look_into_another, ENDED, EPERM, EPERM },
		{ "end another process", end_another, ENDED, EPERM, EPERM },
		{ "have more time", have_more_time, ENDED, 0, 0 },
		{ "lock itself in", lock_in_again, ENDED, 0, 0 },
		{ "start one that locks itself in", lock_in_a_child, ENDED, 0, 0 },
	};

	UNUSED(state);
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const int got[] = { locked(lock_work, rows[i].act),
			            locked(lock_helper, rows[i].act),
			            locked(lock_reading_helper, rows[i].act) };
		const int expected[] = { rows[i].work, rows[i].helper, rows[i].reading };
		for (size_t k = 0; k < LENGTH(got); k++)
			if (got[k] != expected[k])
				fail_msg("%s, %zu: %d instead of %d", rows[i].what, k, got[k],
				         expected[k]);
	}
}

/* Time that it uses, and time that it only waits. */
static void its_time_is_limited(void **state)
{
	int status = 0;

	UNUSED(state);
	for (int busy = 0; busy < 2; busy++) {
		pid_t pid = fork();
		if (pid == 0) {
			volatile bool on = cage_lock(1);
			while (on)
				if (busy == 0)
					(void)poll(NULL, 0, 1000);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_true(WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGXCPU);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_can_what_its_work_needs),
		cmocka_unit_test(its_time_is_limited),
	};

	return cmocka_run_group_tests_name("cage", tests, NULL, NULL);
}

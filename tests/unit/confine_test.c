#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/attr.h"
#include "keys/confine.h"
#include "sql/db.h"

static char folder[64];

static const char *path(const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

/* What a confined process does; 0: it could. */
static int read_word(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? close(fd) : errno;
}

static int write_word(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 ? close(fd) : errno;
}

static int read_users(void)
{
	return read_word("/etc/passwd");
}
static int read_elsewhere(void)
{
	return read_word(path("elsewhere/secret"));
}
static int read_more(void)
{
	return read_word(path("more/authority"));
}
static int write_more(void)
{
	return write_word(path("more/authority"));
}
static int write_elsewhere(void)
{
	return write_word(path("elsewhere/new"));
}
static int write_master(void)
{
	return write_word(path("master/new"));
}
static int remove_socket(void)
{
	return unlink(path("socket/socket")) == 0 ? 0 : errno;
}
static int make_beside_socket(void)
{
	return write_word(path("socket/new"));
}
static int socket_of(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 ? close(fd) : errno;
}
static int take_unix(void)
{
	return socket_of(AF_UNIX);
}
static int take_inet(void)
{
	return socket_of(AF_INET);
}
static int take_inet6(void)
{
	return socket_of(AF_INET6);
}
static int take_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : errno;
}
static int take_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
	                       == MAP_FAILED
	               ? errno
	               : 0;
}
static int exchange_program(void)
{
	char *const words[] = { NULL };

	(void)execve("/bin/true", words, words);
	return errno;
}
static int look_into_another(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 ? 0 : errno;
}

enum { ENDED = 1000 };

/* In a child: what came of it, or ENDED when the kernel ended it. */
static int confined(bool network, int (*act)(void))
{
	struct confine_plan plan = { .network = network, .read_count = 1 };
	char names[3][128];
	int status = 0;
	pid_t pid;

	(void)snprintf(names[0], sizeof names[0], "%s/master", folder);
	(void)snprintf(names[1], sizeof names[1], "%s/socket", folder);
	(void)snprintf(names[2], sizeof names[2], "%s/more", folder);
	plan.master_folder = names[0];
	plan.socket_folder = names[1];
	plan.read[0] = names[2];
	pid = fork();
	if (pid == 0) {
		struct confinement got = confine(&plan);
		if (!got.seccomp || got.landlock == 0)
			_exit(200);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? ENDED : -1;
	return WEXITSTATUS(status);
}

static void it_does_what_it_must_and_nothing_else(void **state)
{
	static const struct {
		const char *what;
		int (*act)(void);
		bool network;
		int expected;
	} rows[] = {
		{ "read the names of users", read_users, false, 0 },
		{ "read what it was told to", read_more, false, 0 },
		{ "write there", write_more, false, EACCES },
		{ "read elsewhere", read_elsewhere, false, EACCES },
		{ "write elsewhere", write_elsewhere, false, EACCES },
		{ "write a master key", write_master, false, 0 },
		{ "remove its socket", remove_socket, false, 0 },
		{ "make something beside it", make_beside_socket, false, EACCES },
		{ "reach this machine", take_unix, false, 0 },
		{ "reach another", take_inet, false, EPERM },
		{ "reach another by IPv6", take_inet6, false, EPERM },
		{ "reach another when the database is there", take_inet, true, 0 },
		{ "start a process", take_process, false, EPERM },
		{ "run what was written to memory", take_code, false, EPERM },
		{ "become another program", exchange_program, false, ENDED },
		{ "look into another process", look_into_another, false, ENDED },
		{ "become another program, with a network", exchange_program, true, ENDED },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		int got = confined(rows[i].network, rows[i].act);
		if (got == 200)
			skip();
		if (got != rows[i].expected)
			fail_msg("%s: %d instead of %d", rows[i].what, got, rows[i].expected);
	}
}

static void a_database_is_local_when_its_socket_has_a_path(void **state)
{
	static const struct {
		const char *conninfo;
		bool local;
	} rows[] = {
		{ "host=/run/postgresql dbname=x", true },
		{ "dbname=x", true },
		{ "host=/run/a,/run/b", true },
		{ "postgresql:///x?host=/run/postgresql", true },
		{ "host=db.example", false },
		{ "host=/run/a,db.example", false },
		{ "host=/run/a hostaddr=192.0.2.1", false },
		{ "postgresql://db.example/x", false },
		{ "host=@abstract", false },
		{ "service=mine", false },
		{ "nonsense", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		if (db_is_local(rows[i].conninfo) != rows[i].local)
			fail_msg("%s", rows[i].conninfo);
}

static void make(const char *name, bool is_folder)
{
	int fd;

	if (is_folder) {
		assert_int_equal(mkdir(path(name), 0700), 0);
		return;
	}
	fd = open(path(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
}

static const char *const names[] = { "master",        "socket",           "more",
	                             "elsewhere",     "elsewhere/secret", "more/authority",
	                             "socket/socket", "master/new" };

static int setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/confine.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	for (size_t i = 0; i < LENGTH(names) - 1; i++)
		make(names[i], i < 4);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = LENGTH(names); i-- > 0;)
		(void)(i < 4 ? rmdir(path(names[i])) : unlink(path(names[i])));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_what_it_must_and_nothing_else),
		cmocka_unit_test(a_database_is_local_when_its_socket_has_a_path),
	};

	return cmocka_run_group_tests_name("confine", tests, setup, teardown);
}

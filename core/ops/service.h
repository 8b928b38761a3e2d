#pragma once

/*
 * service -- start programs as the right user, know them again, end them.
 *
 * A program that runs on after us is recognised by its process id together
 * with the moment it started: an id alone may belong to a stranger by the
 * time we look.  Signals go through a pidfd, so that the process that was
 * checked is the one that gets it.
 *
 * Owner:   texts of struct service_user and notes are the caller's.
 * Failure: ERR_SYSTEM, with what the program said where it said something.
 * Secrets: none; the environment of what is started is made new, and files
 *          that we have open are not passed on.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"

/* As whom a program runs.  `change` false: as ourselves. */
struct service_user {
	const char *name;
	uid_t uid;
	gid_t gid;
	bool change;
};

/* The system user of that name, made with useradd when it is missing (root
 * only); *made tells. */
bool service_user_need(const char *name, struct service_user *user, bool *made,
                       struct err *err) CHECKED;

/* What to run. */
struct service_program {
	int fd;                  /* the opened executable; so its folder need not be
	                                 * readable by that user */
	const char *const *argv; /* ends with NULL */
	const struct service_user *user;
	const char *folder; /* where it runs */
};

/* Open an executable for .fd; -1 with err set. */
int service_program_open(const char *path, struct err *err) CHECKED;

/* Run to its end; `said` collects both of its streams.  An exit status other
 * than 0 is an error with the last line it said. */
bool service_run(const struct service_program *program, struct text *said, struct err *err) CHECKED;

/* Start, detached, in a session of its own, writing to the file `log`. */
bool service_start(const struct service_program *program, const char *log, pid_t *pid,
                   struct err *err) CHECKED;

/* Did the child we started end already? */
bool service_ended(pid_t pid);

/* Keep and find "PID START" in a file.  service_note_find gives a pidfd of
 * that very process, or -1 when it is gone. */
bool service_note_write(const char *path, pid_t pid, struct err *err) CHECKED;
int service_note_find(const char *path, pid_t *pid);

/* Send the signal and wait for the end; false when it is still there after
 * `milliseconds`.  Closes the pidfd. */
bool service_end(int pidfd, int signal, long milliseconds);

/* The last line with something on it of a log file, "" when there is none. */
void service_log_tail(const char *path, char *line, size_t room);

/* Less than a megabyte left where this path lies. */
bool service_disk_full(const char *path);

/* May that user walk down to this folder?  Says which one of the way is shut. */
bool service_reaches(const struct service_user *user, const char *folder, struct err *err) CHECKED;

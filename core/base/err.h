#pragma once

/*
 * err -- what went wrong, said once, for the person at the keyboard.
 *
 * A function that can fail returns bool and takes `struct err *err` last:
 * true means done; false means err holds a code, one sentence and perhaps a
 * hint.  The sentence is written where the fault is first seen; callers on
 * the way up may put context in front with err_within(), nobody rewrites it,
 * and only cli/ prints it.
 *
 * Owner:   the caller, on its stack.  {0} means "no error".
 * Memory:  none; long sentences are cut at a whole character, never lost.
 * Safety:  control characters that came with foreign text leave as '?'.
 * Secrets: never pass one to these functions.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"

enum err_code {
	ERR_NONE,
	ERR_USAGE, /* the command line is wrong */
	ERR_INPUT, /* a value or a file breaks a rule of the domain */
	ERR_NOT_FOUND,
	ERR_CONFLICT, /* exists already, or changed under us */
	ERR_REFUSED,  /* a guard says no */
	ERR_DENIED,   /* no permission */
	ERR_CRYPTO,   /* a seal does not open, a key does not fit */
	ERR_AGAIN,    /* the database asks us to repeat the transaction */
	ERR_DATABASE, /* not reachable, or it failed */
	ERR_KEYS,     /* the key service is not reachable */
	ERR_DNS,      /* no answer: could not tell */
	ERR_SYSTEM,   /* the kernel said no */
	ERR_CODES     /* how many there are */
};

struct err {
	enum err_code code;
	char text[768];
	char hint[512];
};

/* Record code and sentence; always returns false, so that one can write
 * `return err_set(...)`.  No final full stop, no newline. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same for a failed system call: appends ": " and strerror(errno). */
bool err_errno(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Add what the reader can do about it.  Keeps code and sentence; returns false. */
bool err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Put "while ..." in front of the sentence; always returns false. */
bool err_within(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The stable word of a code, for JSON: "conflict". */
const char *err_word(enum err_code code);

/* product.md: 2 usage, 3 could not tell, 4 refused. */
int err_exit_status(enum err_code code);

/* A static analyser reads one file at a time; this is what always holds. */
#if defined(__clang_analyzer__) && !defined(ERR_ITSELF)
#define err_set(...)    ((void)err_set(__VA_ARGS__), false)
#define err_errno(...)  ((void)err_errno(__VA_ARGS__), false)
#define err_hint(...)   ((void)err_hint(__VA_ARGS__), false)
#define err_within(...) ((void)err_within(__VA_ARGS__), false)
#endif

#pragma once

/*
 * db -- the one door to PostgreSQL.
 *
 * Knows statements, rows and transactions; knows nothing of clients or keys.
 * <libpq-fe.h> is included in db.c and nowhere else.
 *
 * Owner:   cli/session (or senderkeyd) opens and closes; everyone else borrows.
 * Failure: ERR_DATABASE; ERR_CONFLICT or ERR_REFUSED for a broken rule of the
 *          schema, with the sentence that sql/complaint.c has for it;
 *          ERR_DENIED where row-level security or a grant says no; ERR_AGAIN
 *          when PostgreSQL asks for the transaction to be repeated;
 *          ERR_NOT_FOUND where exactly one row was asked for.
 * Memory:  rows are valid inside the callback, or until the next call on this
 *          db; texts that must live longer are copied into an arena.
 * Secrets: only sealed ones pass here.  A connection string is never quoted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "sql/statement.h"

struct db;
struct row;

enum db_mode {
	DB_READ,
	DB_WRITE,
	DB_TRY, /* written and not kept: a dry run */
};

/* The parameters of a statement: DB_PARAMS("lms", NULL, "42").  Texts; NULL is SQL NULL. */
#define DB_PARAMS(...) ((const char *const[]){ __VA_ARGS__ })
#define DB_NO_PARAMS   ((const char *const *)0)

/* Connect.  `conninfo` is a libpq connection string; "" takes PGHOST and friends. */
bool db_open(struct db **db, const char *conninfo, struct err *err) CHECKED;

/* Is a server there?  Cheap: no login, no password. */
enum db_ping { DB_PING_READY, DB_PING_STARTING, DB_PING_SILENT };
enum db_ping db_ping(const char *conninfo);

/* Is it reached through a Unix socket with a name in the file system? */
bool db_is_local(const char *conninfo);

/* Roll back what was not committed, and close.  NULL is fine. */
void db_close(struct db *db);

/* DB_READ: REPEATABLE READ READ ONLY.  DB_WRITE, DB_TRY: SERIALIZABLE. */
bool db_begin(struct db *db, enum db_mode mode, struct err *err) CHECKED;
bool db_commit(struct db *db, struct err *err) CHECKED;
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/* In a transaction of its own, of which only DB_WRITE is committed: false with err
 * set rolls back.  Called again from the start, a few times, as long as it fails
 * with ERR_AGAIN: what an earlier call left in its context is stale by then. */
typedef bool (*db_work_fn)(struct db *db, void *context, struct err *err);
bool db_again(struct db *db, enum db_mode mode, db_work_fn work, void *context,
              struct err *err) CHECKED;

/* Exactly one row.  As many params as the statement declares. */
bool db_one(struct db *db, enum statement_id id, const char *const params[], const struct row **row,
            struct err *err) CHECKED;

/* One row or none; *row is NULL when there is none. */
bool db_find(struct db *db, enum statement_id id, const char *const params[],
             const struct row **row, struct err *err) CHECKED;

/* Run for its effect; *affected may be NULL. */
bool db_run(struct db *db, enum statement_id id, const char *const params[], long long *affected,
            struct err *err) CHECKED;

/* Called for each row; false with err set stops. */
typedef bool (*row_fn)(const struct row *row, void *context, struct err *err);

/* All rows, loaded first: the callback may use the same db. */
bool db_each(struct db *db, enum statement_id id, const char *const params[], row_fn call,
             void *context, struct err *err) CHECKED;

/* All rows, one at a time in constant memory: the callback must not use this db. */
bool db_stream(struct db *db, enum statement_id id, const char *const params[], row_fn call,
               void *context, struct err *err) CHECKED;

/* COPY ... FROM STDIN: begin, then any number of puts (bytes in COPY text
 * format, lines may be cut anywhere), then end.  A failed put or end has ended
 * the COPY. */
bool db_copy_begin(struct db *db, enum statement_id id, struct err *err) CHECKED;
bool db_copy_put(struct db *db, const char *bytes, size_t size, struct err *err) CHECKED;
bool db_copy_end(struct db *db, long long *rows, struct err *err) CHECKED;

/* A column of a row by name; a name the statement does not declare is a
 * mistake of ours and ends the process.  NULL for SQL NULL. */
const char *row_text(const struct row *row, const char *column);
long long row_number(const struct row *row, const char *column); /* NULL gives 0 */
bool row_bool(const struct row *row, const char *column);        /* NULL gives false */
bool row_is_null(const struct row *row, const char *column);
/* A text[] column: its items copied into the arena, ended by NULL. */
const char **row_list(const struct row *row, const char *column, struct arena *arena);
/* A bytea column, decoded into the arena. */
const unsigned char *row_bytes(const struct row *row, const char *column, struct arena *arena,
                               size_t *size);
/* By position, for streams of a million rows: 0 is the first declared column. */
const char *row_at(const struct row *row, int position, size_t *size);

/* Values as parameters, in the arena. */
const char *db_number(struct arena *arena, long long number);
const char *db_bytes(struct arena *arena, const void *bytes, size_t size);
const char *db_bool(bool value);
/* A text[] literal from a list of texts. */
const char *db_list(struct arena *arena, const char *const items[], size_t count);

/* Run a whole script of several commands (migrations only). */
bool db_script(struct db *db, const char *script, struct err *err) CHECKED;

/* Wait until something that was listened for happens (*told), `other` can be
 * read (a file descriptor, -1: none), or the time is over. */
bool db_wait(struct db *db, int other, int64_t milliseconds, bool *told, struct err *err) CHECKED;

/* Session role for what follows, by SET ROLE; NULL goes back. The name is quoted here. */
bool db_become(struct db *db, const char *role, struct err *err) CHECKED;

/* The role this session logged in as; the server's version number (150018). */
const char *db_user(const struct db *db);
int db_server_version(const struct db *db);

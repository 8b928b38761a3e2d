#include "sql/db.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "sql/complaint.h"

struct row {
	const PGresult *result;
	int index;
};

struct db {
	PGconn *conn;
	PGresult *result; /* what db_one() and db_find() hand out */
	struct row row;
	unsigned char used[STATEMENTS]; /* once, or often enough to be prepared */
};

static const char *const begin_words[] = {
	[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	[DB_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE",
	[DB_TRY] = "BEGIN ISOLATION LEVEL SERIALIZABLE",
};

/* Said once per connection: no other schema may slip a function of the same
 * name between us and ours.  (The language of messages is the server's choice:
 * only a superuser may set it, and we match on codes and rules, not on words.) */
static const char hygiene[] =
	"SELECT set_config('search_path', 'senderctl, pg_catalog, pg_temp', false),"
	"       set_config('client_min_messages', 'warning', false) "
	" WHERE pg_is_in_recovery() IS NOT NULL";

static void ignore_notice(void *context, const PGresult *result)
{
	UNUSED(context);
	UNUSED(result);
}

static bool fault(const struct db *db, const PGresult *result, const char *what, struct err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *rule = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	/* The first sentence only: DETAIL quotes whole rows, sealed keys included. */
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (state == NULL) {
		if (PQstatus(db->conn) != CONNECTION_OK) {
			(void)err_set(err, ERR_DATABASE,
			              _("the connection to the database was lost"));
			return err_hint(err,
			                _("nothing was changed unless \"senderctl history\" shows "
			                  "it; try again"));
		}
		return err_set(err, ERR_DATABASE, "%s: %s", what,
		               primary != NULL ? primary : PQerrorMessage(db->conn));
	}
	return complaint_set(err, state, rule, what, primary != NULL ? primary : "");
}

static bool simple(struct db *db, const char *command, struct err *err)
{
	PGresult *result = PQexec(db->conn, command);
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok)
		(void)fault(db, result, _("database"), err);
	PQclear(result);
	return ok;
}

bool db_open(struct db **db, const char *conninfo, struct err *err)
{
	static const char *const keywords[] = { "dbname", "fallback_application_name",
		                                "client_encoding", NULL };
	const char *const values[] = { conninfo, "senderctl", "UTF8", NULL };
	struct db *opened = calloc(1, sizeof *opened);
	bool ok = false;

	if (opened == NULL) {
		(void)err_set(err, ERR_SYSTEM, _("out of memory"));
		goto out;
	}
	opened->conn = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(opened->conn) != CONNECTION_OK) {
		/* libpq's sentence names host, socket or role, never the password */
		const char *why = PQerrorMessage(opened->conn);
		(void)err_set(err, ERR_DATABASE, _("cannot reach the database: %.*s"),
		              (int)strcspn(why, "\n"), why);
		(void)err_hint(err, _("\"senderctl up\" starts the embedded one; for another, set "
		                      "database.connection in the configuration"));
		goto out;
	}
	(void)PQsetNoticeReceiver(opened->conn, ignore_notice, NULL);
	if (!simple(opened, hygiene, err))
		goto out;
	*db = opened;
	opened = NULL;
	ok = true;
out:
	db_close(opened);
	return ok;
}

enum db_ping db_ping(const char *conninfo)
{
	switch (PQping(conninfo)) {
	case PQPING_OK:
		return DB_PING_READY;
	case PQPING_REJECT:
		return DB_PING_STARTING;
	case PQPING_NO_RESPONSE:
	case PQPING_NO_ATTEMPT:
		break;
	}
	return DB_PING_SILENT;
}

/* What an option says; NULL when it says nothing. */
static const char *option_value(const PQconninfoOption *options, const char *keyword)
{
	for (; options != NULL && options->keyword != NULL; options++)
		if (strcmp(options->keyword, keyword) == 0)
			return options->val != NULL && options->val[0] != '\0' ? options->val
			                                                       : NULL;
	return NULL;
}

/* Several hosts are tried one after the other: "host=/run/a,/run/b". */
static bool all_are_paths(const char *hosts)
{
	bool all = true;

	while (hosts != NULL && all) {
		all = hosts[0] == '/';
		hosts = strchr(hosts, ',');
		hosts += hosts != NULL;
	}
	return all;
}

bool db_is_local(const char *conninfo)
{
	PQconninfoOption *said = PQconninfoParse(conninfo, NULL);
	PQconninfoOption *usual = PQconndefaults();
	const char *host = option_value(said, "host");
	const char *address = option_value(said, "hostaddr");

	/* a service file may say anything */
	bool local = said != NULL && option_value(said, "service") == NULL
	             && option_value(usual, "service") == NULL;
	if (host == NULL)
		host = option_value(usual, "host");
	if (address == NULL)
		address = option_value(usual, "hostaddr");
	local = local && address == NULL && all_are_paths(host);
	PQconninfoFree(said);
	PQconninfoFree(usual);
	return local;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	PQclear(db->result);
	PQfinish(db->conn);
	free(db);
}

bool db_begin(struct db *db, enum db_mode mode, struct err *err)
{
	return simple(db, begin_words[mode], err);
}

bool db_commit(struct db *db, struct err *err)
{
	/* COMMIT of a failed transaction answers ROLLBACK, and succeeds. */
	if (PQtransactionStatus(db->conn) == PQTRANS_INERROR) {
		db_rollback(db);
		return err_set(err, ERR_DATABASE,
		               _("the transaction had failed and was rolled back"));
	}
	return simple(db, "COMMIT", err);
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		PQclear(PQexec(db->conn, "ROLLBACK"));
}

bool db_in_transaction(const struct db *db)
{
	PGTransactionStatusType status = PQtransactionStatus(db->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

enum { USED_ONCE = 1, PREPARED };

/* What comes a second time comes often: the server reads and plans it once for
 * this connection.  NULL: it is prepared. */
static PGresult *prepare(struct db *db, enum statement_id id)
{
	const struct statement *stmt = &statements[id];
	PGresult *result = NULL;

	if (db->used[id] == PREPARED)
		return NULL;
	result = PQprepare(db->conn, stmt->name, stmt->text, stmt->params, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return result;
	PQclear(result);
	db->used[id] = PREPARED;
	return NULL;
}

static PGresult *execute(struct db *db, enum statement_id id, const char *const params[])
{
	const struct statement *stmt = &statements[id];

	if (db->used[id] != 0) {
		PGresult *failed = prepare(db, id);

		if (failed != NULL)
			return failed;
		return PQexecPrepared(db->conn, stmt->name, stmt->params, params, NULL, NULL, 0);
	}
	db->used[id] = USED_ONCE;
	return PQexecParams(db->conn, stmt->text, stmt->params, NULL, params, NULL, NULL, 0);
}

bool db_find(struct db *db, enum statement_id id, const char *const params[],
             const struct row **row, struct err *err)
{
	PQclear(db->result);
	db->result = execute(db, id, params);
	if (PQresultStatus(db->result) != PGRES_TUPLES_OK)
		return fault(db, db->result, statements[id].name, err);
	int count = PQntuples(db->result);
	if (count > 1)
		return err_set(err, ERR_DATABASE, _("%s: %d rows instead of one"),
		               statements[id].name, count);
	db->row = (struct row){ .result = db->result, .index = 0 };
	*row = count == 1 ? &db->row : NULL;
	return true;
}

bool db_one(struct db *db, enum statement_id id, const char *const params[], const struct row **row,
            struct err *err)
{
	if (!db_find(db, id, params, row, err))
		return false;
	if (*row == NULL)
		return err_set(err, ERR_NOT_FOUND, _("%s: nothing found"), statements[id].name);
	return true;
}

bool db_run(struct db *db, enum statement_id id, const char *const params[], long long *affected,
            struct err *err)
{
	PGresult *result = execute(db, id, params);
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok)
		(void)fault(db, result, statements[id].name, err);
	else if (affected != NULL)
		*affected = strtoll(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return ok;
}

bool db_each(struct db *db, enum statement_id id, const char *const params[], row_fn call,
             void *context, struct err *err)
{
	PGresult *result = execute(db, id, params);
	bool ok = PQresultStatus(result) == PGRES_TUPLES_OK
	          || fault(db, result, statements[id].name, err);

	for (int i = 0; ok && i < PQntuples(result); i++) {
		struct row row = { .result = result, .index = i };
		ok = call(&row, context, err);
	}
	PQclear(result);
	return ok;
}

bool db_stream(struct db *db, enum statement_id id, const char *const params[], row_fn call,
               void *context, struct err *err)
{
	const struct statement *stmt = &statements[id];
	bool ok = PQsendQueryParams(db->conn, stmt->text, stmt->params, NULL, params, NULL, NULL, 0)
	                  == 1
	          && PQsetSingleRowMode(db->conn) == 1;

	if (!ok)
		(void)fault(db, NULL, stmt->name, err);
	for (PGresult *result; (result = PQgetResult(db->conn)) != NULL; PQclear(result)) {
		ExecStatusType status = PQresultStatus(result);
		struct row row = { .result = result, .index = 0 };

		if (!ok)
			continue; /* drain what is still on its way */
		if (status == PGRES_SINGLE_TUPLE)
			ok = call(&row, context, err);
		else if (status != PGRES_TUPLES_OK)
			ok = fault(db, result, stmt->name, err);
		if (!ok) {
			PGcancel *cancel = PQgetCancel(db->conn);
			char why[256];
			if (cancel != NULL)
				(void)PQcancel(cancel, why, sizeof why);
			PQfreeCancel(cancel);
		}
	}
	return ok;
}

bool db_copy_begin(struct db *db, enum statement_id id, struct err *err)
{
	PGresult *result = PQexec(db->conn, statements[id].text);
	bool ok = PQresultStatus(result) == PGRES_COPY_IN
	          || fault(db, result, statements[id].name, err);

	PQclear(result);
	return ok;
}

/* Read what the server says at the end of a COPY, and leave nothing behind. */
static bool copy_result(struct db *db, long long *rows, struct err *err)
{
	bool ok = true;

	for (PGresult *result; (result = PQgetResult(db->conn)) != NULL; PQclear(result)) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			ok = fault(db, result, "copy", err);
		else if (rows != NULL)
			*rows = strtoll(PQcmdTuples(result), NULL, 10);
	}
	return ok;
}

bool db_copy_put(struct db *db, const char *bytes, size_t size, struct err *err)
{
	enum { PIECE = 1 << 20 };

	while (size > 0) {
		size_t piece = size < PIECE ? size : PIECE;
		if (PQputCopyData(db->conn, bytes, (int)piece) != 1) {
			if (copy_result(db, NULL, err))
				(void)fault(db, NULL, "copy", err);
			return false;
		}
		bytes += piece;
		size -= piece;
	}
	return true;
}

bool db_copy_end(struct db *db, long long *rows, struct err *err)
{
	if (PQputCopyEnd(db->conn, NULL) != 1)
		return fault(db, NULL, "copy", err);
	return copy_result(db, rows, err);
}

static int column_number(const struct row *row, const char *column)
{
	int number = PQfnumber(row->result, column);

	if (number < 0) {
		(void)fprintf(stderr, "senderctl: no column \"%s\" here; this is a bug\n", column);
		abort();
	}
	return number;
}

const char *row_text(const struct row *row, const char *column)
{
	int number = column_number(row, column);

	if (PQgetisnull(row->result, row->index, number))
		return NULL;
	return PQgetvalue(row->result, row->index, number);
}

const char *row_at(const struct row *row, int position, size_t *size)
{
	if (PQgetisnull(row->result, row->index, position)) {
		if (size != NULL)
			*size = 0;
		return NULL;
	}
	if (size != NULL)
		*size = (size_t)PQgetlength(row->result, row->index, position);
	return PQgetvalue(row->result, row->index, position);
}

bool db_script(struct db *db, const char *script, struct err *err)
{
	return simple(db, script, err);
}

/* Notifications that arrived, all of one kind: that there was one is enough. */
static bool notified(struct db *db)
{
	bool any = false;

	for (PGnotify *notify; (notify = PQnotifies(db->conn)) != NULL; PQfreemem(notify))
		any = true;
	return any;
}

bool db_wait(struct db *db, int other, int64_t milliseconds, bool *told, struct err *err)
{
	struct pollfd wait[] = { { .fd = PQsocket(db->conn), .events = POLLIN },
		                 { .fd = other, .events = POLLIN } };

	*told = notified(db);
	if (*told)
		return true;
	if (poll(wait, LENGTH(wait), (int)milliseconds) <= 0 || wait[0].revents == 0)
		return true;
	if (PQconsumeInput(db->conn) != 1 || PQstatus(db->conn) != CONNECTION_OK)
		return fault(db, NULL, _("database"), err);
	*told = notified(db);
	return true;
}

bool db_become(struct db *db, const char *role, struct err *err)
{
	if (role == NULL)
		return simple(db, "RESET ROLE", err);
	char *quoted = PQescapeIdentifier(db->conn, role, strlen(role));
	if (quoted == NULL)
		return err_set(err, ERR_INPUT, _("\"%s\" cannot be a role name"), role);
	struct text command = { 0 };
	text_addf(&command, "SET ROLE %s", quoted);
	bool ok = simple(db, text_string(&command), err);
	text_free(&command);
	PQfreemem(quoted);
	return ok;
}

const char *db_user(const struct db *db)
{
	return PQuser(db->conn);
}

int db_server_version(const struct db *db)
{
	return PQserverVersion(db->conn);
}

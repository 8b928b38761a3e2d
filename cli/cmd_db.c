#include "cli/commands.h"

#include <string.h>

#include "cli/print.h"
#include "core/base/words.h"
#include "core/ops/embedded.h"
#include "sql/migrate.h"

struct db_args {
	const char *connection;
	struct option_list users;
};

static const struct option_row init_options[] = {
	ALLOWED(struct db_args, connection, "--connection", "CONNINFO",
	        N_("libpq connection string of a role that may create roles; several hosts are fine")),
	LIST(struct db_args, users, "--user", "ROLE",
	     N_("let this person in as manager, operator and exporter")),
	OPTIONS_END,
};

static const struct option_row connection_options[] = {
	ALLOWED(struct db_args, connection, "--connection", "CONNINFO",
	        N_("libpq connection string; several hosts are fine")),
	OPTIONS_END,
};

/* Everybody can read the arguments of a running program. */
static bool refuse_password(const char *connection, struct err *err)
{
	if (connection == NULL
	    || (strstr(connection, "password=") == NULL
	        && strstr(connection, "password =") == NULL))
		return true;
	(void)err_set(err, ERR_USAGE, _("a password does not belong on the command line"));
	return err_hint(err, _("put it into ~/.pgpass (see the PostgreSQL manual)"));
}

/* For changes of the schema: what was named, what is configured, or the
 * embedded cluster's own superuser. */
static bool master_conninfo(struct session *session, const struct db_args *args,
                            const char **conninfo, struct err *err)
{
	struct embedded place;

	*conninfo = args->connection != NULL ? args->connection : session->conf->connection;
	if (!refuse_password(args->connection, err))
		return false;
	if (*conninfo != NULL)
		return true;
	if (!embedded_place(session->conf, &session->arena, &place, err))
		return false;
	*conninfo = embedded_admin_conninfo(&place);
	return true;
}

static bool report_only(struct session *session, struct db *db, struct err *err)
{
	struct migrate_status status;

	if (!migrate_look(db, &session->arena, &status, err))
		return false;
	print_line(session, _("would apply %d migrations"), status.missing);
	struct tree *answer = tree_map();
	tree_put_bool(answer, "initialised", status.initialised);
	tree_put_number(answer, "applied", status.applied);
	tree_put_number(answer, "missing", status.missing);
	print_json(session, answer);
	return true;
}

static bool let_in(struct db *db, const struct option_list *users, struct err *err)
{
	const struct row *row;

	for (size_t i = 0; i < users->count; i++) {
		const char *who = users->items[i];
		if (!db_one(db, STMT_EMBEDDED_PERSON_KNOWN, DB_PARAMS(who), &row, err))
			return false;
		if (!row_bool(row, "known")
		    && !db_run(db, STMT_EMBEDDED_PERSON_LET_IN, DB_PARAMS(who), NULL, err))
			return false;
	}
	return true;
}

static void say_result(struct session *session, int applied, const char *keyd)
{
	struct tree *answer = tree_map();

	if (applied > 0)
		print_line(session, _("applied %d migrations; the schema is up to date"), applied);
	else
		print_line(session, _("the schema is up to date; nothing was changed"));
	print_line(session, _("the key service logs in as %s"), keyd);
	tree_put_number(answer, "applied", applied);
	tree_put_text(answer, "keyd_role", keyd);
	print_json(session, answer);
}

/* init and migrate differ in what they accept to find. */
static bool bring_up_to_date(struct session *session, const struct db_args *args, bool may_be_empty,
                             struct err *err)
{
	struct db *db = NULL;
	const struct row *row;
	const char *conninfo;
	struct migrate_status status;
	int applied = 0;
	bool ok = false;

	if (!master_conninfo(session, args, &conninfo, err) || !db_open(&db, conninfo, err)
	    || !migrate_look(db, &session->arena, &status, err))
		goto out;
	if (!status.initialised && !may_be_empty) {
		(void)err_set(err, ERR_REFUSED, _("this database is empty"));
		(void)err_hint(err, _("\"senderctl db init\" prepares it"));
		goto out;
	}
	if (session->options->dry_run) {
		ok = report_only(session, db, err);
		goto out;
	}
	if (!migrate_run(db, &applied, err) || !let_in(db, &args->users, err)
	    || !db_one(db, STMT_HOUSE_ROLE, DB_PARAMS("keyd"), &row, err))
		goto out;
	say_result(session, applied, arena_copy(&session->arena, row_text(row, "role")));
	ok = true;
out:
	db_close(db);
	return ok;
}

static bool init_run(struct session *session, const void *given, struct err *err)
{
	return bring_up_to_date(session, given, true, err);
}

static bool migrate_command_run(struct session *session, const void *given, struct err *err)
{
	return bring_up_to_date(session, given, false, err);
}

static const struct print_column status_columns[] = {
	{ "server", N_("PostgreSQL"), PRINT_LEFT },
	{ "user", N_("logged in as"), PRINT_LEFT },
	{ "initialised", N_("initialised"), PRINT_LEFT },
	{ "applied", N_("migrations applied"), PRINT_LEFT },
	{ "missing", N_("migrations missing"), PRINT_LEFT },
	{ "last", N_("last one"), PRINT_LEFT },
	PRINT_COLUMNS_END,
};

static bool status_run(struct session *session, const void *given, struct err *err)
{
	const struct db_args *args = given;
	const char *conninfo = args->connection;
	struct migrate_status status;
	struct db *db = NULL;
	bool ok = false;

	if (!refuse_password(conninfo, err)
	    || (conninfo == NULL && !session_conninfo(session, &conninfo, err))
	    || !db_open(&db, conninfo, err) || !migrate_look(db, &session->arena, &status, err))
		goto out;
	struct tree *answer = tree_map();
	int version = db_server_version(db);
	tree_put_text(answer, "server",
	              arena_print(&session->arena, "%d.%d", version / 10000, version % 10000));
	tree_put_text(answer, "user", db_user(db));
	tree_put_bool(answer, "initialised", status.initialised);
	tree_put_number(answer, "applied", status.applied);
	tree_put_number(answer, "missing", status.missing);
	tree_put_text(answer, "last", status.last);
	session->status = status.missing > 0;
	print_map(session, answer, status_columns);
	ok = true;
out:
	db_close(db);
	return ok;
}

const struct command cmd_db[] = {
	{ "db init", N_("make schema and roles in an empty database"), ACCESS_NOTHING, init_options,
	  sizeof(struct db_args), init_run,
	  "senderctl db init --connection \"host=db1,db2 dbname=senderctl "
	  "target_session_attrs=read-write\" --user alice\n" },
	{ "db migrate", N_("bring the schema up to date"), ACCESS_NOTHING, connection_options,
	  sizeof(struct db_args), migrate_command_run, "senderctl db migrate\n" },
	{ "db status", N_("say which database is in use, and whether its schema is up to date"),
	  ACCESS_NOTHING, connection_options, sizeof(struct db_args), status_run,
	  "senderctl db status\n" },
	COMMANDS_END,
};

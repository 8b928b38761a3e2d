#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/asking.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "core/model/channel.h"
#include "core/model/watch.h"
#include "core/ops/monitor.h"

struct monitor_args {
	bool once;
	bool status;
	const char *seconds;
};

static const struct option_row monitor_options[] = {
	FLAG(struct monitor_args, once, "--once",
	     N_("look at what is due, tell what changed, end: for a timer")),
	ALLOWED(struct monitor_args, seconds, "--for", "SECONDS", N_("end after that time")),
	FLAG(struct monitor_args, status, "--status",
	     N_("how far the monitors are, and what hinders them")),
	OPTIONS_END,
};

/* ---- how it is -------------------------------------------------------------------- */

static const struct print_column channel_columns[] = {
	{ "provider", N_("provider"), PRINT_LEFT }, { "channel", N_("way"), PRINT_LEFT },
	{ "waiting", N_("waiting"), PRINT_RIGHT },  { "told_at", N_("last told"), PRINT_LEFT },
	{ "problem", N_("problem"), PRINT_WRAP },   PRINT_COLUMNS_END,
};

static void say_state(struct session *session, const struct watch_state *state)
{
	print_line(session,
	           ngettext("%lld domain is watched", "%lld domains are watched",
	                    (unsigned long)state->domains),
	           state->domains);
	print_line(session, _("%lld are due now, %lld are being looked at by %lld monitors"),
	           state->due, state->claimed, state->monitors);
	if (state->never > 0)
		print_line(session, _("%lld were never looked at"), state->never);
	if (state->next_at != NULL)
		print_line(session, _("the next look is due at %s"), state->next_at);
	if (state->oldest_at != NULL)
		print_line(session, _("the oldest look was at %s"), state->oldest_at);
}

static struct tree *state_tree(const struct watch_state *state)
{
	struct tree *map = tree_map();

	tree_put_number(map, "domains", state->domains);
	tree_put_number(map, "due", state->due);
	tree_put_number(map, "late", state->late);
	tree_put_number(map, "claimed", state->claimed);
	tree_put_number(map, "never", state->never);
	tree_put_number(map, "monitors", state->monitors);
	tree_put_text(map, "next_at", state->next_at);
	tree_put_text(map, "oldest_at", state->oldest_at);
	return map;
}

static bool status_run(struct session *session, struct err *err)
{
	struct watch_state state;
	struct tree *channels = NULL;

	if (!session_connect(session, err) || !db_begin(session->db, DB_READ, err)
	    || !watch_state(session->db, &session->arena, &state, err)
	    || !channel_states(session->db, &channels, err))
		return false;
	say_state(session, &state);
	if (tree_count(channels) > 0)
		print_table(session, channels, channel_columns);
	for (size_t i = 0; i < tree_count(channels); i++)
		if (tree_find_text(tree_at(channels, i), "problem") != NULL)
			session->status = 1;
	struct tree *answer = state_tree(&state);
	tree_put(answer, "channels", channels);
	print_json(session, answer);
	return true;
}

/* ---- the work --------------------------------------------------------------------- */

/* A signal becomes something that poll() sees, whatever was under way. */
static int stop_pipe[2] = { -1, -1 };

static void stop(int number)
{
	int kept = errno;

	UNUSED(number);
	(void)!write(stop_pipe[1], "", 1);
	errno = kept;
}

static bool hear_signals(struct err *err)
{
	struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };

	if (pipe2(stop_pipe, O_CLOEXEC | O_NONBLOCK) != 0 || sigaction(SIGTERM, &action, NULL) != 0
	    || sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGHUP, &action, NULL) != 0)
		return err_errno(err, _("cannot hear signals"));
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &action, NULL);
	return true;
}

static bool read_seconds(const char *text, int64_t *seconds, struct err *err)
{
	char *end = NULL;

	*seconds = 0;
	if (text == NULL)
		return true;
	*seconds = strtoll(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || *seconds < 1 || *seconds > 31536000)
		return err_set(err, ERR_USAGE, _("--for takes whole seconds, for example 3600"));
	return true;
}

static void answer(struct session *session, const struct monitor *monitor)
{
	struct tree *map = tree_map();

	print_line(session,
	           ngettext("%zu domain looked at", "%zu domains looked at", monitor->looked),
	           monitor->looked);
	if (monitor->keys.steps > 0)
		print_line(session,
		           ngettext("%zu key moved on", "%zu keys moved on", monitor->keys.steps),
		           monitor->keys.steps);
	if (monitor->delivery.told > 0)
		print_line(session,
		           ngettext("%zu change told", "%zu changes told", monitor->delivery.told),
		           monitor->delivery.told);
	if (monitor->failed > 0)
		print_line(session, _("%zu domains could not be stored; the log says why"),
		           monitor->failed);
	if (monitor->delivery.failed > 0)
		print_line(session, "%s",
		           _("something could not be told; senderctl monitor --status says why"));
	tree_put_number(map, "checked", (long long)monitor->looked);
	tree_put_number(map, "taken_over", (long long)monitor->lost);
	tree_put_number(map, "keys_moved", (long long)monitor->keys.steps);
	tree_put_number(map, "told", (long long)monitor->delivery.told);
	tree_put_number(map, "failed",
	                (long long)monitor->failed + (long long)monitor->delivery.failed);
	tree_put_number(map, "internal_errors", monitor->faults);
	print_json(session, map);
	/* A service that was asked to end has told its troubles to the log. */
	session->status = monitor->once && monitor->failed + monitor->delivery.failed > 0;
}

static bool work(struct session *session, const struct monitor_args *args, struct err *err)
{
	struct progress progress = progress_begin(session, _("asking DNS"));
	struct monitor monitor = {
		.conf = session->conf,
		.language = words_language(),
		.once = args->once,
		.progress = progress.shown ? progress_step : NULL,
		.context = &progress,
	};
	char language[3];

	(void)snprintf(language, sizeof language, "%s", words_language());
	monitor.language = language;
	if (!session_conninfo(session, &monitor.conninfo, err)
	    || !session_keys_socket(session, &monitor.keys_socket, err)
	    || !asking_settings(session, &monitor.resolver, err)
	    || !read_seconds(args->seconds, &monitor.seconds, err) || !hear_signals(err))
		return false;
	log_setup("senderctl", session->options->quiet ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO);
	monitor.stop = stop_pipe[0];
	bool ok = monitor_run(&monitor, err);
	progress_end(&progress);
	if (ok)
		answer(session, &monitor);
	return ok;
}

static bool monitor_run_command(struct session *session, const void *given, struct err *err)
{
	const struct monitor_args *args = given;

	/* A dry run changes nothing: it says what there would be to do. */
	if (args->status || session->options->dry_run)
		return status_run(session, err);
	return work(session, args, err);
}

const struct command cmd_monitor[] = {
	{ "monitor", N_("look again and again, and tell what changed"), ACCESS_NOTHING,
	  monitor_options, sizeof(struct monitor_args), monitor_run_command,
	  "senderctl monitor\n"
	  "senderctl monitor --once\n"
	  "senderctl monitor --status --json\n" },
	COMMANDS_END,
};

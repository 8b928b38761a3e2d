/*
 * senderkeyd -- the key service.
 *
 * The only process that opens what the vault holds.  It answers on a Unix
 * socket (keys/protocol.h), stores through a database role of its own, and
 * lets a helper that never saw a secret make the keys (keys/foundry.h).
 *
 *	senderkeyd --init --master-key FILE [--passphrase-fd N]
 *	senderkeyd --master-key FILE --socket PATH
 *	           (--database CONNINFO | --database-file FILE)
 *	           [--passphrase-fd N] [--peers FILE] [--allow-uid UID]...
 *	           [--socket-group GROUP] [--ca-file FILE] [--allow-swap]
 *
 * One loop, one thread: a question is read, answered and forgotten; only the
 * search for primes, and logins at customers' servers, run beside it.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/harden.h"
#include "keys/keyd_answer.h"
#include "keys/selfcheck.h"

enum {
	CONNECTIONS = 128,
	CONNECTIONS_EACH = 48, /* of one user: nobody shuts the others out */
	QUESTIONS_EACH = 16,   /* under way per connection; more are not read yet */
	JOBS = CONNECTIONS * QUESTIONS_EACH,
	CASTS = 64,
	VISITS = 40,
};

struct connection {
	int fd;               /* 0: free */
	unsigned long serial; /* so that a late answer finds nobody else */
	int under_way;
	struct peer peer;
};

/* A key that was asked for and is not there yet. */
struct job {
	bool used;
	bool ordered;
	unsigned long order; /* first come, first served */
	size_t connection;
	unsigned long serial;
	long long number;
	struct key_wish wish;
	struct cast cast;
};

/* A login under way at a customer's server. */
struct visit {
	int fd; /* 0: free */
	size_t connection;
	unsigned long serial;
	long long number;
	int64_t deadline;
};

struct options {
	bool init;
	bool allow_swap;
	const char *master_key;
	const char *socket;
	const char *socket_group;
	const char *database;
	const char *database_file;
	const char *peers;
	const char *ca_file;
	int passphrase_fd;
};

struct service {
	struct keyd keyd;
	struct arena arena;
	int listening;
	int signals;
	int casts_at_once;
	int casts_running;
	unsigned long serial;
	struct connection connections[CONNECTIONS];
	struct job jobs[JOBS];
	struct visit visits[VISITS];
};

/* ---- answers ---- */

static void hang_up(struct service *service, size_t index)
{
	(void)close(service->connections[index].fd);
	service->connections[index] = (struct connection){ 0 };
	/* what nobody waits for and nobody began is not begun */
	for (size_t i = 0; i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		if (job->used && !job->ordered && job->connection == index)
			*job = (struct job){ 0 };
	}
}

/* Takes the answer over. */
static void reply(struct service *service, size_t index, long long number, struct tree *answer,
                  bool ok, const struct err *failed)
{
	struct err err = { 0 };

	tree_put_number(answer, "n", number);
	tree_put_bool(answer, "ok", ok);
	if (!ok) {
		tree_put(answer, "error", protocol_error(failed));
		log_info(service->connections[index].peer.name, "%s", failed->text);
	}
	/* who does not read his answers has to go */
	if (!protocol_send(service->connections[index].fd, answer, NULL, false, &err))
		hang_up(service, index);
	tree_drop(answer);
}

static struct job *free_job(struct service *service)
{
	for (size_t i = 0; i < JOBS; i++)
		if (!service->jobs[i].used)
			return &service->jobs[i];
	return NULL; /* cannot be: QUESTIONS_EACH bounds them */
}

/* False: answered (or refused) at once. */
static bool begin_key(struct service *service, size_t index, const struct tree *question,
                      long long number, struct tree *answer, bool *ok, struct err *err)
{
	static unsigned long order;
	struct connection *connection = &service->connections[index];
	struct job *job = free_job(service);
	bool done = false;

	if (job == NULL) {
		*ok = err_set(err, ERR_AGAIN, _("the key service has too much to do"));
		return false;
	}
	*ok = keyd_answer_generate(&service->keyd, &connection->peer, question, &job->wish, answer,
	                           &done, err);
	if (!*ok || done)
		return false;
	job->used = true;
	job->order = ++order;
	job->connection = index;
	job->serial = connection->serial;
	job->number = number;
	/* the actor's text moved with the struct */
	job->wish.asked.request.actor = job->wish.asked.actor;
	job->wish.asked.request.operation = "generate";
	connection->under_way++;
	service->keyd.waiting++;
	return true;
}

/* False: refused at once; nothing was said to the server. */
static bool begin_visit(struct service *service, size_t index, const struct tree *question,
                        const struct protocol_fds *fds, long long number, struct err *err)
{
	struct connection *connection = &service->connections[index];
	struct visit *visit = NULL;
	int fd = -1;

	for (size_t i = 0; visit == NULL && i < VISITS; i++)
		if (service->visits[i].fd == 0)
			visit = &service->visits[i];
	if (visit == NULL)
		return err_set(err, ERR_AGAIN, _("the key service has too much to do"));
	if (!keyd_answer_login(&service->keyd, &connection->peer, question, fds, &fd, err))
		return false;
	*visit = (struct visit){ .fd = fd,
		                 .connection = index,
		                 .serial = connection->serial,
		                 .number = number,
		                 .deadline = clock_ticks() + ENVOY_SECONDS * 1000 };
	connection->under_way++;
	service->keyd.waiting++;
	return true;
}

static bool dispatch(struct service *service, size_t index, const struct tree *question,
                     const struct protocol_fds *fds, struct tree *answer, struct err *err)
{
	struct keyd *keyd = &service->keyd;
	const struct peer *peer = &service->connections[index].peer;
	const char *operation = tree_find_text(question, "op");

	if (operation == NULL)
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "op");
	if (strcmp(operation, "status") == 0)
		return keyd_answer_status(keyd, answer, err);
	if (strcmp(operation, "smarthost-secret") == 0)
		return keyd_answer_password(keyd, peer, question, fds, answer, err);
	if (strcmp(operation, "relay-enrol") == 0)
		return keyd_answer_enrol(keyd, peer, question, answer, err);
	if (strcmp(operation, "bundle") == 0)
		return keyd_answer_bundle(keyd, peer, question, fds, answer, err);
	if (strcmp(operation, "notice") == 0)
		return keyd_answer_notice(keyd, peer, question, answer, err);
	if (strcmp(operation, "destroy") == 0)
		return keyd_answer_destroy(keyd, peer, question, answer, err);
	return err_set(err, ERR_INPUT, _("the key service knows no \"%s\""), operation);
}

/* Answer in the language of the question. */
static void speak(const struct tree *question)
{
	const char *language = tree_find_text(question, "lang");

	if (language != NULL && strncmp(language, words_language(), 2) != 0)
		words_setup(language);
}

static void hear(struct service *service, size_t index)
{
	struct connection *connection = &service->connections[index];
	struct protocol_fds fds;
	struct tree *question = NULL;
	struct tree *answer = tree_map();
	struct err err = { 0 };
	bool ok = false;

	if (!protocol_receive(connection->fd, &question, &fds, &err)) {
		log_warn(connection->peer.name, "hung up: %s", err.text);
		hang_up(service, index);
		goto out;
	}
	if (question == NULL) {
		hang_up(service, index);
		goto out;
	}
	speak(question);
	long long number = tree_as_number(tree_get(question, "n"), 0);
	const char *operation = tree_find_text(question, "op");
	/* a database that was away at the start, or came back with another content */
	if (!service->keyd.signer_known && (operation == NULL || strcmp(operation, "status") != 0)
	    && !keyd_answer_setup(&service->keyd, &err))
		ok = false;
	else if (operation != NULL && strcmp(operation, "generate") == 0) {
		if (begin_key(service, index, question, number, answer, &ok, &err))
			goto out;
	} else if (operation != NULL && strcmp(operation, "probe-login") == 0) {
		if (begin_visit(service, index, question, &fds, number, &err))
			goto out;
	} else {
		ok = dispatch(service, index, question, &fds, answer, &err);
	}
	reply(service, index, number, answer, ok, &err);
	answer = NULL;
out:
	protocol_close_fds(&fds);
	tree_drop(question);
	tree_drop(answer);
}

/* ---- keys under way ---- */

static void end_job(struct service *service, struct job *job, const struct keypair *pair,
                    struct err *err)
{
	struct connection *connection = &service->connections[job->connection];
	bool there = connection->fd != 0 && connection->serial == job->serial;
	struct tree *answer = tree_map();
	bool ok = pair != NULL
	          && keyd_answer_generated(&service->keyd, &job->wish, pair, answer, err);

	if (there) {
		connection->under_way--;
		reply(service, job->connection, job->number, answer, ok, err);
	} else {
		tree_drop(answer);
	}
	service->keyd.waiting--;
	if (job->ordered)
		service->casts_running--;
	cast_drop(&job->cast);
	*job = (struct job){ 0 };
}

static void order_casts(struct service *service)
{
	while (service->casts_running < service->casts_at_once) {
		struct job *next = NULL;
		struct err err = { 0 };

		for (size_t i = 0; i < JOBS; i++) {
			struct job *job = &service->jobs[i];
			if (job->used && !job->ordered
			    && (next == NULL || job->order < next->order))
				next = job;
		}
		if (next == NULL)
			return;
		if (!foundry_order(&service->keyd.foundry, next->wish.kind, next->wish.bits,
		                   &next->cast, &err)) {
			end_job(service, next, NULL, &err);
			continue;
		}
		next->ordered = true;
		service->casts_running++;
	}
}

static bool take_delivery(struct service *service)
{
	struct delivery *delivery = malloc(sizeof *delivery);
	struct keypair pair = { 0 };
	struct err err = { 0 };
	bool ok = delivery != NULL && foundry_receive(&service->keyd.foundry, delivery, &err);

	for (size_t i = 0; ok && i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		if (!job->ordered || job->cast.number != delivery->number)
			continue;
		bool made = foundry_take(&job->cast, delivery, &pair, &err);
		end_job(service, job, made ? &pair : NULL, &err);
		keypair_drop(&pair);
		break;
	}
	if (!ok)
		log_error("foundry", "%s", err.text);
	free(delivery);
	return ok;
}

/* A child that was killed never answers. */
static void drop_overdue(struct service *service)
{
	for (size_t i = 0; i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		struct err err = { 0 };
		if (!job->ordered || job->cast.deadline > clock_ticks())
			continue;
		(void)err_set(&err, ERR_SYSTEM, _("a key took too long to make"));
		end_job(service, job, NULL, &err);
	}
}

/* ---- logins under way ---- */

/* What the child said, or that it said nothing. */
static void end_visit(struct service *service, struct visit *visit, bool overdue)
{
	struct connection *connection = &service->connections[visit->connection];
	struct tree *answer = tree_map();
	struct tree *result = NULL;
	struct protocol_fds fds = { 0 };
	struct err err = { 0 };

	bool ok = !overdue && protocol_receive(visit->fd, &result, &fds, &err) && result != NULL;
	protocol_close_fds(&fds);
	if (ok)
		tree_put(answer, "result", result);
	else
		(void)err_set(&err, ERR_SYSTEM, _("the login did not come to an end"));
	if (connection->fd != 0 && connection->serial == visit->serial) {
		connection->under_way--;
		reply(service, visit->connection, visit->number, answer, ok, &err);
	} else {
		tree_drop(answer);
	}
	service->keyd.waiting--;
	(void)close(visit->fd);
	*visit = (struct visit){ 0 };
}

static void drop_overdue_visits(struct service *service)
{
	for (size_t i = 0; i < VISITS; i++)
		if (service->visits[i].fd != 0 && service->visits[i].deadline <= clock_ticks())
			end_visit(service, &service->visits[i], true);
}

static nfds_t add_visits(const struct service *service, struct pollfd *wait, size_t *who,
                         nfds_t count)
{
	for (size_t i = 0; i < VISITS; i++) {
		if (service->visits[i].fd == 0)
			continue;
		who[count] = i;
		wait[count++] = (struct pollfd){ .fd = service->visits[i].fd, .events = POLLIN };
	}
	return count;
}

/* ---- the loop ---- */

static void admit(struct service *service)
{
	struct peer peer;
	struct err err = { 0 };
	size_t index = CONNECTIONS;
	int same = 0;
	int fd = accept4(service->listening, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (!peer_look(fd, &peer, &err) || !peer_known(&service->keyd.peers, &peer)) {
		log_warn(peer.name, "may not talk to this service");
		(void)close(fd);
		return;
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (service->connections[i].fd == 0)
			index = i;
		else if (service->connections[i].peer.uid == peer.uid)
			same++;
	}
	if (index == CONNECTIONS || same >= CONNECTIONS_EACH) {
		log_warn(peer.name, "too many connections");
		(void)close(fd);
		return;
	}
	service->connections[index] =
		(struct connection){ .fd = fd, .serial = ++service->serial, .peer = peer };
}

static bool serve(struct service *service)
{
	struct pollfd wait[CONNECTIONS + VISITS + 3];
	size_t who[CONNECTIONS + VISITS + 3] = { 0 };

	for (;;) {
		nfds_t count = 3;
		nfds_t callers = 0;

		wait[0] = (struct pollfd){ .fd = service->signals, .events = POLLIN };
		wait[1] = (struct pollfd){ .fd = service->listening, .events = POLLIN };
		wait[2] = (struct pollfd){ .fd = service->keyd.foundry.socket, .events = POLLIN };
		for (size_t i = 0; i < CONNECTIONS; i++) {
			const struct connection *c = &service->connections[i];
			if (c->fd == 0 || c->under_way >= QUESTIONS_EACH)
				continue;
			who[count] = i;
			wait[count++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		}
		callers = count;
		count = add_visits(service, wait, who, count);
		if (poll(wait, count, service->keyd.waiting > 0 ? 1000 : -1) < 0 && errno != EINTR)
			return false;
		if (wait[0].revents != 0)
			return true;
		if (wait[2].revents != 0 && !take_delivery(service))
			return false;
		for (nfds_t i = callers; i < count; i++)
			if (wait[i].revents != 0)
				end_visit(service, &service->visits[who[i]], false);
		for (nfds_t i = 3; i < callers; i++)
			if (wait[i].revents != 0 && service->connections[who[i]].fd == wait[i].fd)
				hear(service, who[i]);
		if (wait[1].revents != 0)
			admit(service);
		drop_overdue(service);
		drop_overdue_visits(service);
		order_casts(service);
	}
}

/* ---- start ---- */

/* A path that may be ours to take: what a killed service left behind goes, a
 * living one stays. */
static bool bind_to(int fd, const struct options *options, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct sockaddr *name = (const struct sockaddr *)&address;
	struct stat is;

	if (strlen(options->socket) >= sizeof address.sun_path)
		return err_set(err, ERR_USAGE, _("the name of the socket is too long: %s"),
		               options->socket);
	memcpy(address.sun_path, options->socket, strlen(options->socket) + 1);
	if (connect(fd, name, sizeof address) == 0)
		return err_set(err, ERR_CONFLICT, _("another key service answers at %s"),
		               options->socket);
	if (errno == ECONNREFUSED && lstat(options->socket, &is) == 0 && S_ISSOCK(is.st_mode))
		(void)unlink(options->socket);
	mode_t old = umask(0117);
	int bound = bind(fd, name, sizeof address);
	(void)umask(old);
	if (bound != 0 || listen(fd, 16) != 0)
		return err_errno(err, _("cannot listen at %s"), options->socket);
	return true;
}

static bool give_to_group(const struct options *options, struct err *err)
{
	const struct group *group;

	if (options->socket_group == NULL)
		return true;
	group = getgrnam(options->socket_group);
	if (group == NULL)
		return err_set(err, ERR_USAGE, _("there is no group \"%s\""),
		               options->socket_group);
	if (chown(options->socket, (uid_t)-1, group->gr_gid) != 0)
		return err_errno(err, _("cannot give %s to its group"), options->socket);
	return true;
}

static bool listen_on(const struct options *options, int *listening, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_errno(err, _("cannot make a socket"));
	if (!bind_to(fd, options, err)) {
		(void)close(fd);
		return false;
	}
	*listening = fd;
	return give_to_group(options, err);
}

static bool take_signals(int *fd, struct err *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || (*fd = signalfd(-1, &set, SFD_CLOEXEC)) < 0)
		return err_errno(err, _("cannot wait for signals"));
	return true;
}

static bool read_conninfo(struct service *service, const struct options *options, struct err *err)
{
	struct secret content = { 0 };
	int fd;

	if (options->database != NULL) {
		/* everybody sees the arguments of a process */
		if (strstr(options->database, "password") != NULL)
			return err_set(err, ERR_USAGE,
			               _("no password on the command line; use --database-file"));
		service->keyd.store.conninfo = options->database;
		return true;
	}
	fd = open(options->database_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, _("cannot open %s"), options->database_file);
	bool ok = secret_read(&content, fd, 4096, options->database_file, err);
	(void)close(fd);
	if (ok) {
		char *text = arena_copy_part(&service->arena, (const char *)content.bytes,
		                             content.size);
		text[strcspn(text, "\n")] = '\0';
		service->keyd.store.conninfo = text;
	}
	secret_drop(&content);
	return ok;
}

static bool read_passphrase(const struct options *options, struct secret *passphrase,
                            struct err *err)
{
	struct secret line = { 0 };

	if (options->passphrase_fd < 0)
		return true;
	if (!secret_read(&line, options->passphrase_fd, 1024, _("the passphrase"), err))
		return false;
	while (line.size > 0 && line.bytes[line.size - 1] == '\n')
		secret_shorten(&line, line.size - 1);
	(void)close(options->passphrase_fd);
	if (line.size == 0) {
		secret_drop(&line);
		return err_set(err, ERR_INPUT, _("the passphrase is empty"));
	}
	secret_move(passphrase, &line);
	return true;
}

static bool init_master(const struct options *options, struct err *err)
{
	struct master_key master = { 0 };
	struct secret passphrase = { 0 };
	bool ok = read_passphrase(options, &passphrase, err) && master_key_make(&master, err)
	          && master_key_write(&master, options->master_key,
	                              passphrase.size > 0 ? &passphrase : NULL, err);

	master_key_drop(&master);
	secret_drop(&passphrase);
	return ok;
}

static bool open_vault(struct service *service, const struct options *options, struct err *err)
{
	struct master_key master = { 0 };
	struct secret passphrase = { 0 };
	bool ok = read_passphrase(options, &passphrase, err)
	          && master_key_read(&master, options->master_key,
	                             passphrase.size > 0 ? &passphrase : NULL, err)
	          && vault_open(&service->keyd.vault, &master, err);

	master_key_drop(&master);
	secret_drop(&passphrase);
	return ok;
}

static bool open_service(struct service *service, const struct options *options, struct err *err)
{
	struct err later = { 0 };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	service->casts_at_once = cores < 1 ? 1 : cores > CASTS ? CASTS : (int)cores;
	service->keyd.locked_memory = secret_memory_locks();
	if (!service->keyd.locked_memory && !options->allow_swap) {
		(void)err_set(err, ERR_REFUSED,
		              _("the kernel does not let this process lock its memory"));
		return err_hint(err,
		                _("raise its limit (ulimit -l, LimitMEMLOCK=), or accept it with "
		                  "--allow-swap"));
	}
	/* these two first: they must not inherit what comes after */
	if (!foundry_start(&service->keyd.foundry, err)
	    || !envoy_start(&service->keyd.envoy, options->ca_file, err)
	    || !take_signals(&service->signals, err) || !read_conninfo(service, options, err)
	    || (options->peers != NULL && !peers_read(&service->keyd.peers, options->peers, err))
	    || !open_vault(service, options, err))
		return false;
	if (!keyd_answer_setup(&service->keyd, &later)) {
		if (later.code != ERR_DATABASE) {
			*err = later;
			return false;
		}
		log_warn("database", "%s; waiting for it", later.text);
	}
	return listen_on(options, &service->listening, err);
}

static void close_service(struct service *service, const struct options *options)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (service->connections[i].fd != 0)
			hang_up(service, i);
	for (size_t i = 0; i < JOBS; i++)
		cast_drop(&service->jobs[i].cast);
	if (service->listening > 0) {
		(void)close(service->listening);
		(void)unlink(options->socket);
	}
	for (size_t i = 0; i < VISITS; i++)
		if (service->visits[i].fd != 0)
			(void)close(service->visits[i].fd);
	envoy_stop(&service->keyd.envoy);
	foundry_stop(&service->keyd.foundry);
	key_store_close(&service->keyd.store);
	vault_close(&service->keyd.vault);
	peers_drop(&service->keyd.peers);
	arena_reset(&service->arena);
}

static const char usage[] =
	"usage: senderkeyd --init --master-key FILE [--passphrase-fd N]\n"
	"       senderkeyd --master-key FILE --socket PATH\n"
	"                  (--database CONNINFO | --database-file FILE) [--passphrase-fd N]\n"
	"                  [--peers FILE] [--allow-uid UID]... [--socket-group GROUP]\n"
	"                  [--ca-file FILE] [--allow-swap]\n";

static bool parse_options(int argc, char **argv, struct options *options, struct peers *peers,
                          struct err *err)
{
	enum {
		INIT = 1,
		MASTER,
		SOCKET,
		GROUP,
		DATABASE,
		DATABASE_FILE,
		PEERS,
		UID,
		PASSPHRASE,
		CA_FILE,
		SWAP,
	};
	static const struct option rows[] = {
		{ "init", no_argument, NULL, INIT },
		{ "master-key", required_argument, NULL, MASTER },
		{ "socket", required_argument, NULL, SOCKET },
		{ "socket-group", required_argument, NULL, GROUP },
		{ "database", required_argument, NULL, DATABASE },
		{ "database-file", required_argument, NULL, DATABASE_FILE },
		{ "peers", required_argument, NULL, PEERS },
		{ "allow-uid", required_argument, NULL, UID },
		{ "passphrase-fd", required_argument, NULL, PASSPHRASE },
		{ "ca-file", required_argument, NULL, CA_FILE },
		{ "allow-swap", no_argument, NULL, SWAP },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	bool ok = true;
	int option;

	*options = (struct options){ .passphrase_fd = -1 };
	while (ok && (option = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		switch (option) {
		case INIT:
			options->init = true;
			break;
		case MASTER:
			options->master_key = optarg;
			break;
		case SOCKET:
			options->socket = optarg;
			break;
		case GROUP:
			options->socket_group = optarg;
			break;
		case DATABASE:
			options->database = optarg;
			break;
		case DATABASE_FILE:
			options->database_file = optarg;
			break;
		case PEERS:
			options->peers = optarg;
			break;
		case UID:
			ok = peers_allow_uid(peers, optarg, err);
			break;
		case PASSPHRASE:
			options->passphrase_fd = (int)strtol(optarg, NULL, 10);
			break;
		case CA_FILE:
			options->ca_file = optarg;
			break;
		case SWAP:
			options->allow_swap = true;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			exit(0);
		case 'v':
			(void)puts("senderkeyd " PACKAGE_VERSION);
			exit(0);
		default:
			ok = err_set(err, ERR_USAGE, _("see \"senderkeyd --help\""));
			break;
		}
	}
	if (!ok)
		return false;
	if (optind != argc || options->master_key == NULL
	    || (!options->init
	        && (options->socket == NULL
	            || (options->database == NULL) == (options->database_file == NULL))))
		return err_set(err, ERR_USAGE, _("see \"senderkeyd --help\""));
	return true;
}

int main(int argc, char **argv)
{
	struct service *service = calloc(1, sizeof *service);
	struct options options = { 0 };
	struct err err = { 0 };
	bool ok = false;

	words_setup(NULL);
	log_setup("senderkeyd", LOG_LEVEL_INFO);
	if (service == NULL)
		return 3;
	if (!parse_options(argc, argv, &options, &service->keyd.peers, &err)
	    || !harden_process(&err) || !secret_setup(&err) || !selfcheck_run(&err))
		goto out;
	if (options.init) {
		ok = init_master(&options, &err);
		goto out;
	}
	if (!open_service(service, &options, &err))
		goto out;
	log_info("senderkeyd", "serving at %s", options.socket);
	ok = serve(service);
	if (!ok)
		(void)err_set(&err, ERR_SYSTEM, _("the key service had to stop"));
out:
	/* one line: whoever started it shows the last one of the log */
	if (!ok)
		(void)fprintf(stderr, "senderkeyd: %s%s%s%s\n", err.text,
		              err.hint[0] != '\0' ? " (" : "", err.hint,
		              err.hint[0] != '\0' ? ")" : "");
	close_service(service, &options);
	free(service);
	return ok ? 0 : err_exit_status(err.code);
}

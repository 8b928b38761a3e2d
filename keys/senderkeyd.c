/*
 * senderkeyd -- the key service.
 *
 * The only process that opens what the vault holds.  It answers on a Unix
 * socket (keys/protocol.h), stores through a database role of its own, and
 * lets a helper that never saw a secret make the keys (keys/foundry.h).
 *
 *	senderkeyd --init --master-key FILE [--passphrase-fd N]
 *	senderkeyd --next --master-key FILE [--passphrase-fd N]
 *	senderkeyd --master-key FILE|credential:NAME --socket PATH
 *	           (--database CONNINFO | --database-file FILE)
 *	           [--passphrase-fd N] [--peers FILE] [--allow-uid UID]...
 *	           [--socket-group GROUP] [--ca-file FILE] [--allow-swap]
 */

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/harden.h"
#include "keys/selfcheck.h"
#include "keys/service.h"
#include "keys/socket.h"

struct options {
	bool init;
	bool next;
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

/* ---- start ---- */

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
	struct master_files files;
	struct master_key master = { 0 };
	struct secret passphrase = { 0 };
	struct err none = { 0 };

	if (!master_files_place(&files, options->master_key, err))
		return false;
	/* one that lies there under whatever version is not to be mistaken for lost */
	if (master_files_look(&files, &none) || none.code != ERR_NOT_FOUND)
		return err_set(err, ERR_CONFLICT, _("there is a master key at %s already"),
		               files.path);
	bool ok = read_passphrase(options, &passphrase, err) && master_key_make(&master, err)
	          && master_key_write(&master, files.path, passphrase.size > 0 ? &passphrase : NULL,
	                              err);

	master_key_drop(&master);
	secret_drop(&passphrase);
	return ok;
}

/* The successor beside the key, for whoever keeps it where the service can't write. */
static bool next_master(const struct options *options, struct err *err)
{
	struct master_files files;
	struct vault vault = { .former_count = 0 };
	struct master_key next = { 0 };
	struct secret passphrase = { 0 };
	const struct secret *with = NULL;

	bool ok = master_files_place(&files, options->master_key, err)
	          && master_files_look(&files, err) && read_passphrase(options, &passphrase, err);
	with = passphrase.size > 0 ? &passphrase : NULL;
	ok = ok && master_files_open(&files, with, &vault, err)
	     && master_key_succeed(&vault.master, &next, err)
	     && master_files_add(&files, &next, with, err);
	master_key_drop(&next);
	vault_close(&vault);
	secret_drop(&passphrase);
	return ok;
}

/* Without a passphrase that is needed we begin sealed. */
static bool open_vault(struct service *service, const struct options *options, struct err *err)
{
	struct keyd *keyd = &service->keyd;
	struct secret passphrase = { 0 };

	if (!master_files_place(&keyd->masters, options->master_key, err)
	    || !master_files_look(&keyd->masters, err))
		return false;
	keyd->seal.sealed = options->passphrase_fd < 0 && master_files_locked(&keyd->masters);
	if (keyd->seal.sealed)
		return true;
	bool ok = read_passphrase(options, &passphrase, err)
	          && master_files_open(&keyd->masters, passphrase.size > 0 ? &passphrase : NULL,
	                               &keyd->vault, err);
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
	if (service->keyd.seal.sealed)
		log_warn("senderkeyd", "sealed; \"senderctl key unlock\" gives the passphrase");
	else if (!keyd_setup(&service->keyd, &later)) {
		if (later.code != ERR_DATABASE) {
			*err = later;
			return false;
		}
		log_warn("database", "%s; waiting for it", later.text);
	}
	return socket_listen(options->socket, options->socket_group, &service->listening, err);
}

static void close_service(struct service *service, const struct options *options)
{
	service_close(service);
	if (service->listening > 0) {
		(void)close(service->listening);
		(void)unlink(options->socket);
	}
	envoy_stop(&service->keyd.envoy);
	foundry_stop(&service->keyd.foundry);
	key_store_close(&service->keyd.store);
	vault_close(&service->keyd.vault);
	peers_drop(&service->keyd.peers);
	arena_reset(&service->arena);
}

static const char usage[] =
	"usage: senderkeyd --init --master-key FILE [--passphrase-fd N]\n"
	"       senderkeyd --next --master-key FILE [--passphrase-fd N]\n"
	"       senderkeyd --master-key FILE|credential:NAME --socket PATH\n"
	"                  (--database CONNINFO | --database-file FILE) [--passphrase-fd N]\n"
	"                  [--peers FILE] [--allow-uid UID]... [--socket-group GROUP]\n"
	"                  [--ca-file FILE] [--allow-swap]\n";

static bool parse_options(int argc, char **argv, struct options *options, struct peers *peers,
                          struct err *err)
{
	enum {
		INIT = 1,
		NEXT,
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
		{ "next", no_argument, NULL, NEXT },
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
		case NEXT:
			options->next = true;
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
	if (optind != argc || options->master_key == NULL || (options->init && options->next)
	    || (!options->init && !options->next
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
	if (options.init || options.next) {
		ok = options.init ? init_master(&options, &err) : next_master(&options, &err);
		goto out;
	}
	if (!open_service(service, &options, &err))
		goto out;
	log_info("senderkeyd", "serving at %s", options.socket);
	ok = service_serve(service);
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

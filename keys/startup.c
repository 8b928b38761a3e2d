#include "keys/startup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/keypair_bn.h"
#include "keys/passphrase.h"
#include "keys/socket.h"

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

static bool read_conninfo(struct service *service, const struct startup *options, struct err *err)
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

static bool read_passphrase(const struct startup *options, struct secret *passphrase,
                            struct err *err)
{
	return options->passphrase_fd < 0
	       || passphrase_read(options->passphrase_fd, passphrase, err);
}

bool startup_init(const struct startup *options, struct err *err)
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
bool startup_next(const struct startup *options, struct err *err)
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
static bool open_vault(struct service *service, const struct startup *options, struct err *err)
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

/* The folder of a path, in the arena. */
static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL   ? "."
	       : slash == path ? "/"
	                       : arena_copy_part(arena, path, (size_t)(slash - path));
}

static void confine_service(struct service *service, const struct startup *options)
{
	struct keyd *keyd = &service->keyd;
	struct confine_plan plan = {
		.socket_folder = folder_of(&service->arena, options->socket),
		.network = !db_is_local(keyd->store.conninfo),
	};
	const char *masters = folder_of(&service->arena, keyd->masters.path);
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program);

	if (keyd->masters.credential)
		plan.read[plan.read_count++] = masters;
	else
		plan.master_folder = masters;
	/* a build folder carries its own translations */
	if (length > 0)
		plan.read[plan.read_count++] =
			arena_print(&service->arena, "%s/locale",
		                    folder_of(&service->arena,
		                              arena_copy_part(&service->arena, program,
		                                              (size_t)length)));
	for (size_t i = 0; i < options->may_read_count; i++)
		plan.read[plan.read_count++] = options->may_read[i];
	keyd->confinement = confine(&plan);
}

bool startup_open(struct service *service, const struct startup *options, struct err *err)
{
	struct err later = { 0 };
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	service->keyd.pool.target = options->pool;
	service->rate = options->rate;
	service->casts_at_once = cores < 1 ? 1 : cores > CASTS ? CASTS : (int)cores;
	service->keyd.locked_memory = secret_memory_locks();
	if (!service->keyd.locked_memory && !options->allow_swap) {
		(void)err_set(err, ERR_REFUSED,
		              _("the kernel does not let this process lock its memory"));
		return err_hint(err,
		                _("raise its limit (ulimit -l, LimitMEMLOCK=), or accept it with "
		                  "--allow-swap"));
	}
	/* these first: they must not inherit what comes after */
	keypair_choose(options->keygen);
	if (options->keygen == KEYPAIR_BY_BN && !keypair_bn_setup(err))
		return false;
	if (!foundry_start(&service->keyd.foundry, err)
	    || !envoy_start(&service->keyd.envoy, options->ca_file, err)
	    || !prover_start(&service->keyd.prover, err) || !take_signals(&service->signals, err)
	    || !read_conninfo(service, options, err)
	    || (options->peers != NULL && !peers_read(&service->keyd.peers, options->peers, err))
	    || (options->officers != NULL
	        && !officer_list_read(&service->keyd.officers, options->officers, err))
	    || !open_vault(service, options, err))
		return false;
	if (service->keyd.seal.sealed)
		log_warn("senderkeyd", "sealed; \"senderctl key unlock\" gives the passphrase");
	else if (!keyd_setup(&service->keyd, &later)) {
		if (later.code != ERR_DATABASE && !options->recover) {
			*err = later;
			return false;
		}
		log_warn("database", later.code == ERR_DATABASE ? "%s; waiting for it" : "%s",
		         later.text);
	}
	if (!socket_listen(options->socket, options->socket_group, &service->listening, err))
		return false;
	if (!options->unconfined)
		confine_service(service, options);
	return true;
}

void startup_close(struct service *service, const struct startup *options)
{
	service_close(service);
	if (service->listening > 0) {
		(void)close(service->listening);
		(void)unlink(options->socket);
	}
	prover_stop(&service->keyd.prover);
	envoy_stop(&service->keyd.envoy);
	foundry_stop(&service->keyd.foundry);
	key_store_close(&service->keyd.store);
	vault_close(&service->keyd.vault);
	peers_drop(&service->keyd.peers);
	officer_list_drop(&service->keyd.officers);
	arena_reset(&service->arena);
}

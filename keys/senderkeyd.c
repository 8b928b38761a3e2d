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
 *	           [--socket-group GROUP] [--ca-file FILE] [--pool KEYS] [--keygen evp|bn]
 *	           [--rate N] [--may-read PATH]... [--officers FILE] [--recover] [--unconfined]
 *	           [--allow-swap]
 */

#include <getopt.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/harden.h"
#include "keys/selfcheck.h"
#include "keys/startup.h"

enum { RATE = 1000, RATE_MOST = 1000000 }; /* questions a second of one user */

static const char usage[] =
	"usage: senderkeyd --init --master-key FILE [--passphrase-fd N]\n"
	"       senderkeyd --next --master-key FILE [--passphrase-fd N]\n"
	"       senderkeyd --master-key FILE|credential:NAME --socket PATH\n"
	"                  (--database CONNINFO | --database-file FILE) [--passphrase-fd N]\n"
	"                  [--peers FILE] [--allow-uid UID]... [--socket-group GROUP]\n"
	"                  [--ca-file FILE] [--pool KEYS] [--keygen evp|bn] [--rate N]\n"
	"                  [--may-read PATH]... [--officers FILE] [--recover] [--unconfined] [--allow-swap]\n";

static bool read_number(const char *option, const char *word, int most, int *number,
                        struct err *err)
{
	char *end = NULL;
	long value = strtol(word, &end, 10);

	if (*word == '\0' || *end != '\0' || value < 0 || value > most)
		return err_set(err, ERR_USAGE, _("%s is a number from 0 to %d, not \"%s\""), option,
		               most, word);
	*number = (int)value;
	return true;
}

static bool read_method(const char *word, enum keypair_method *method, struct err *err)
{
	for (int i = 0; i < KEYPAIR_METHODS; i++)
		if (strcmp(word, keypair_method_names[i]) == 0) {
			*method = (enum keypair_method)i;
			return true;
		}
	return err_set(err, ERR_USAGE, _("--keygen is evp or bn, not \"%s\""), word);
}

static bool parse_options(int argc, char **argv, struct startup *options, struct peers *peers,
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
		OFFICERS,
		RECOVER,
		POOL,
		KEYGEN,
		MAY_READ_PATH,
		UNCONFINED,
		RATE_LIMIT,
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
		{ "pool", required_argument, NULL, POOL },
		{ "keygen", required_argument, NULL, KEYGEN },
		{ "may-read", required_argument, NULL, MAY_READ_PATH },
		{ "rate", required_argument, NULL, RATE_LIMIT },
		{ "unconfined", no_argument, NULL, UNCONFINED },
		{ "officers", required_argument, NULL, OFFICERS },
		{ "recover", no_argument, NULL, RECOVER },
		{ "allow-swap", no_argument, NULL, SWAP },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	bool ok = true;
	int option;

	*options = (struct startup){ .passphrase_fd = -1, .rate = RATE };
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
		case POOL:
			ok = read_number("--pool", optarg, POOL_MOST, &options->pool, err);
			break;
		case KEYGEN:
			ok = read_method(optarg, &options->keygen, err);
			break;
		case MAY_READ_PATH:
			ok = options->may_read_count < STARTUP_MAY_READ
			     || err_set(err, ERR_USAGE, _("more than %d times --may-read"),
			                STARTUP_MAY_READ);
			if (ok)
				options->may_read[options->may_read_count++] = optarg;
			break;
		case RATE_LIMIT:
			ok = read_number("--rate", optarg, RATE_MOST, &options->rate, err);
			break;
		case UNCONFINED:
			options->unconfined = true;
			break;
		case OFFICERS:
			options->officers = optarg;
			break;
		case RECOVER:
			options->recover = true;
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
	struct startup options = { 0 };
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
		ok = options.init ? startup_init(&options, &err) : startup_next(&options, &err);
		goto out;
	}
	if (!startup_open(service, &options, &err))
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
	startup_close(service, &options);
	free(service);
	return ok ? 0 : err_exit_status(err.code);
}

/*
 * senderctl-officer -- what an escrow officer does on his own machine.
 *
 *	senderctl-officer keygen --out FILE [--cost sensitive|moderate] [--passphrase-fd N]
 *	senderctl-officer show   FILE
 *	senderctl-officer look   --request FILE
 *	senderctl-officer answer --identity FILE --request FILE --out FILE
 *	                         [--fingerprint TEXT] [--passphrase-fd N]
 *	senderctl-officer prove  (as answer)
 *
 * Small on purpose: libsodium, no network, no database.  What it opens it
 * seals again at once, to the key of the request; nothing plain is ever shown
 * or written.  It prints lines of "word value".
 *
 * `answer` gives shares, for a drill or a recovery; `prove` only shows that the
 * officer still has his key, and refuses a request that wants more.
 */

#include <getopt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/words.h"
#include "keys/escrow_letter.h"
#include "keys/lone_tool.h"
#include "keys/officer_key.h"
#include "keys/passphrase.h"

struct options {
	const char *verb;
	const char *identity;
	const char *request;
	const char *out;
	const char *fingerprint;
	enum officer_cost cost;
	int passphrase_fd;
};

static void print_key(const uint8_t public_key[static OFFICER_KEY_PUBLIC])
{
	char text[OFFICER_KEY_TEXT];
	char fingerprint[FINGERPRINT_TEXT];

	officer_key_render(public_key, text);
	fingerprint_render(public_key, OFFICER_KEY_PUBLIC, fingerprint);
	(void)printf("key %s\nfingerprint %s\n", text, fingerprint);
}

static bool take_passphrase(const struct options *options, bool twice, struct secret *passphrase,
                            struct err *err)
{
	return options->passphrase_fd >= 0
	               ? passphrase_read(options->passphrase_fd, passphrase, err)
	               : passphrase_ask(twice, passphrase, err);
}

static bool keygen(const struct options *options, struct err *err)
{
	struct officer_key key = { .public_key = { 0 } };
	struct secret passphrase = { 0 };
	bool ok = take_passphrase(options, true, &passphrase, err)
	          && officer_key_make(&key, options->out, &passphrase, options->cost, err);

	if (ok)
		print_key(key.public_key);
	if (ok && options->cost != OFFICER_SENSITIVE)
		(void)fputs(_("note: this file is cheaper to guess than it should be; make "
		              "another one for life\n"),
		            stderr);
	officer_key_drop(&key);
	secret_drop(&passphrase);
	return ok;
}

static bool show(const struct options *options, struct err *err)
{
	struct officer_key key = { .public_key = { 0 } };
	bool ok = officer_key_read(&key, options->identity, NULL, err);

	if (ok)
		print_key(key.public_key);
	officer_key_drop(&key);
	return ok;
}

/* ---- a request ---- */

static bool in_time(const struct escrow_request *request, struct err *err)
{
	time_t now = time(NULL);

	if (now >= 0 && (uint64_t)now <= request->not_after)
		return true;
	(void)err_set(err, ERR_REFUSED, _("the request is too old"));
	return err_hint(err, _("ask for a new one; or the clock of this machine is wrong"));
}

static void print_request(const struct escrow_request *request, const char *fingerprint)
{
	char uuid[UUID_TEXT];

	uuid_render(&request->request, uuid);
	(void)printf("request %s\npurpose %s\nprovider %s\nfingerprint %s\n", uuid,
	             escrow_letter_word(request->purpose), request->name, fingerprint);
	(void)fflush(stdout);
}

/* The one thing that tells a colleague's request from a thief's. */
static bool compare(const struct options *options, const char *fingerprint, struct err *err)
{
	char question[512];

	if (options->fingerprint != NULL) {
		if (strcmp(options->fingerprint, fingerprint) == 0)
			return true;
		return err_set(err, ERR_REFUSED,
		               _("the fingerprint of the request is %s, not the one that was "
		                 "read out"),
		               fingerprint);
	}
	(void)snprintf(question, sizeof question,
	               _("Call whoever asks you, at a number you know. Do they read out\n"
	                 "%s ? (yes/no) "),
	               fingerprint);
	return passphrase_confirm(question, err);
}

static bool right_verb(const struct options *options, const struct escrow_request *request,
                       struct err *err)
{
	bool proof = request->purpose == ESCROW_PROVE;

	if (proof == (strcmp(options->verb, "prove") == 0))
		return true;
	(void)err_set(err, ERR_REFUSED,
	              proof ? _("this request only wants a proof")
	                    : _("this request wants shares, not only a proof"));
	return err_hint(err, proof ? "senderctl-officer prove" : "senderctl-officer answer");
}

static bool write_answer(const struct options *options, const struct escrow_request *request,
                         struct err *err)
{
	struct officer_key key = { .public_key = { 0 } };
	struct secret passphrase = { 0 };
	struct text out = { 0 };
	size_t count = 0;
	bool ok = take_passphrase(options, false, &passphrase, err)
	          && officer_key_read(&key, options->identity, &passphrase, err)
	          && escrow_letter_answer(request, &key, &out, &count, err)
	          && file_write(options->out, 0600, text_string(&out), out.length, err);

	if (ok)
		(void)printf("shares %zu\nanswer %s\n", count, options->out);
	text_free(&out);
	officer_key_drop(&key);
	secret_drop(&passphrase);
	return ok;
}

static bool about_request(const struct options *options, struct err *err)
{
	struct arena arena = { 0 };
	struct escrow_request request;
	char fingerprint[FINGERPRINT_TEXT];
	char *bytes = NULL;
	size_t size = 0;
	bool ok = file_read(options->request, ESCROW_LETTER_MOST, &arena, &bytes, &size, err)
	          && escrow_letter_parse((const uint8_t *)bytes, size, &request, err)
	          && in_time(&request, err);

	if (ok) {
		fingerprint_render(request.key, ESCROW_PUBLIC, fingerprint);
		print_request(&request, fingerprint);
		if (strcmp(options->verb, "look") != 0)
			ok = right_verb(options, &request, err)
			     && compare(options, fingerprint, err)
			     && write_answer(options, &request, err);
	}
	arena_reset(&arena);
	return ok;
}

/* ---- the command line ---- */

static const char usage[] =
	"usage: senderctl-officer keygen --out FILE [--cost sensitive|moderate]\n"
	"                                [--passphrase-fd N]\n"
	"       senderctl-officer show   FILE\n"
	"       senderctl-officer look   --request FILE\n"
	"       senderctl-officer answer --identity FILE --request FILE --out FILE\n"
	"                                [--fingerprint TEXT] [--passphrase-fd N]\n"
	"       senderctl-officer prove  (as answer)\n";

/* Which verb needs which option. */
static bool complete(const struct options *options)
{
	bool file = options->out != NULL;
	bool asked = options->request != NULL;
	const char *verb = options->verb;

	if (strcmp(verb, "keygen") == 0)
		return file && !asked;
	if (strcmp(verb, "show") == 0)
		return options->identity != NULL;
	if (strcmp(verb, "look") == 0)
		return asked;
	return (strcmp(verb, "answer") == 0 || strcmp(verb, "prove") == 0) && file && asked
	       && options->identity != NULL;
}

static bool parse_options(int argc, char **argv, struct options *options, struct err *err)
{
	enum { IDENTITY = 1, REQUEST, OUT, FINGERPRINT, COST, PASSPHRASE };
	static const struct option rows[] = {
		{ "identity", required_argument, NULL, IDENTITY },
		{ "request", required_argument, NULL, REQUEST },
		{ "out", required_argument, NULL, OUT },
		{ "fingerprint", required_argument, NULL, FINGERPRINT },
		{ "cost", required_argument, NULL, COST },
		{ "passphrase-fd", required_argument, NULL, PASSPHRASE },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	bool ok = true;
	int option;

	*options = (struct options){ .passphrase_fd = -1 };
	while (ok && (option = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		switch (option) {
		case IDENTITY:
			options->identity = optarg;
			break;
		case REQUEST:
			options->request = optarg;
			break;
		case OUT:
			options->out = optarg;
			break;
		case FINGERPRINT:
			options->fingerprint = optarg;
			break;
		case COST:
			options->cost = officer_key_cost(optarg);
			ok = options->cost != OFFICER_COSTS;
			break;
		case PASSPHRASE:
			options->passphrase_fd = (int)strtol(optarg, NULL, 10);
			break;
		case 'h':
			(void)fputs(usage, stdout);
			exit(0);
		case 'v':
			(void)puts("senderctl-officer " PACKAGE_VERSION);
			exit(0);
		default:
			ok = false;
			break;
		}
	}
	options->verb = optind < argc ? argv[optind++] : "";
	if (strcmp(options->verb, "show") == 0 && optind < argc)
		options->identity = argv[optind++];
	if (!ok || optind != argc || !complete(options))
		return err_set(err, ERR_USAGE, _("see \"senderctl-officer --help\""));
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct err err = { 0 };
	bool ok = false;

	words_setup(NULL);
	if (!parse_options(argc, argv, &options, &err) || !lone_tool_begin(&err))
		goto out;
	if (strcmp(options.verb, "keygen") == 0)
		ok = keygen(&options, &err);
	else if (strcmp(options.verb, "show") == 0)
		ok = show(&options, &err);
	else
		ok = about_request(&options, &err);
out:
	return lone_tool_end("senderctl-officer", ok, &err);
}

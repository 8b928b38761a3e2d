/*
 * senderctl-relay -- on a relay: its identity, and what is sealed to it.
 *
 *	senderctl-relay keygen  --identity FILE
 *	senderctl-relay show    --identity FILE
 *	senderctl-relay verify  --identity FILE --signer KEY|FILE --bundle FILE [--relay UUID]
 *	                        [--tree HEX] [--state FILE]
 *	senderctl-relay install ... --root FOLDER [--owner KIND=USER[:GROUP]]... [--any-parents]
 *
 * Small on purpose: libsodium, no network, no database, no OpenSSL.  It prints
 * lines of "word value", for people and for senderctl, which runs it.
 *
 * The state file holds the number of the bundle installed last; an older one
 * is refused, whoever brings it.
 *
 *	state = "senderctl-relay 1" LF sequence " " generation LF
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/words.h"
#include "keys/bundle.h"
#include "keys/hex.h"
#include "keys/identity.h"
#include "keys/lone_tool.h"
#include "keys/relay_files.h"

struct options {
	const char *verb;
	const char *identity;
	const char *signer;
	const char *bundle;
	const char *relay;
	const char *tree;
	const char *state;
	const char *root;
};

static const char state_head[] = "senderctl-relay 1\n";

static void print_identity(const struct identity *identity)
{
	char text[IDENTITY_TEXT];
	char fingerprint[IDENTITY_FINGERPRINT];

	identity_render(identity->public_key, text);
	identity_fingerprint(identity->public_key, fingerprint);
	(void)printf("identity %s\nfingerprint %s\n", text, fingerprint);
}

/* ---- is this bundle for us, and new? ---- */

/* The key itself, or a file that holds it. */
static bool read_signer(const char *text, uint8_t signer[static IDENTITY_SIGN], struct err *err)
{
	struct arena arena = { 0 };
	size_t size = 0;
	char *bytes = NULL;
	bool ok = false;

	if (strncmp(text, "sks1:", 5) == 0)
		return identity_parse_signer(text, signer, err);
	if (file_read(text, 1024, &arena, &bytes, &size, err)) {
		bytes[strcspn(bytes, " \r\n")] = '\0';
		ok = identity_parse_signer(bytes, signer, err);
	}
	arena_reset(&arena);
	return ok;
}

/* What was installed last; nothing yet is sequence 0. */
static bool read_state(const char *path, uint64_t *sequence, struct uuid *generation,
                       struct err *err)
{
	struct arena arena = { 0 };
	char *bytes = NULL;
	char *end = NULL;
	size_t size = 0;
	bool ok = false;

	*sequence = 0;
	*generation = (struct uuid){ { 0 } };
	if (path == NULL || !file_exists(path))
		return true;
	if (!file_read(path, 1024, &arena, &bytes, &size, err))
		goto out;
	if (strncmp(bytes, state_head, sizeof state_head - 1) == 0) {
		*sequence = strtoull(bytes + sizeof state_head - 1, &end, 10);
		if (*end == ' ') {
			end++;
			end[strcspn(end, "\n")] = '\0';
			ok = uuid_parse(end, generation, err);
		}
	}
	if (!ok)
		(void)err_set(err, ERR_INPUT, _("%s does not say which bundle was installed last"),
		              path);
out:
	arena_reset(&arena);
	return ok;
}

static bool write_state(const char *path, const struct bundle_head *head, struct err *err)
{
	char text[128];
	char generation[UUID_TEXT];

	if (path == NULL)
		return true;
	uuid_render(&head->generation, generation);
	int length = snprintf(text, sizeof text, "%s%llu %s\n", state_head,
	                      (unsigned long long)head->sequence, generation);
	return file_write(path, 0600, text, (size_t)length, err);
}

static bool acceptable(const struct options *options, const struct bundle_head *head,
                       struct err *err)
{
	struct uuid relay;
	struct uuid last_generation;
	uint64_t last = 0;
	uint8_t tree[BUNDLE_DIGEST];
	size_t size = 0;
	time_t now = time(NULL);

	if (options->relay != NULL) {
		if (!uuid_parse(options->relay, &relay, err))
			return false;
		if (!uuid_same(&relay, &head->relay))
			return err_set(err, ERR_REFUSED,
			               _("the bundle was made for another relay"));
	}
	if (now < 0 || (uint64_t)now > head->not_after) {
		(void)err_set(err, ERR_REFUSED, _("the bundle is too old"));
		return err_hint(err, _("export again; or the clock of this machine is wrong"));
	}
	if (options->tree != NULL
	    && (!hex_parse(options->tree, tree, sizeof tree, &size) || size != sizeof tree
	        || memcmp(tree, head->tree, sizeof tree) != 0))
		return err_set(err, ERR_REFUSED, _("the bundle belongs to another export"));
	if (!read_state(options->state, &last, &last_generation, err))
		return false;
	if (head->sequence < last
	    || (head->sequence == last && !uuid_same(&last_generation, &head->generation))) {
		(void)err_set(err, ERR_REFUSED,
		              _("the bundle has number %llu, and %llu was installed already"),
		              (unsigned long long)head->sequence, (unsigned long long)last);
		return err_hint(err, _("an older bundle is never installed over a newer one"));
	}
	return true;
}

static void print_head(const struct bundle_head *head)
{
	char relay[UUID_TEXT];
	char generation[UUID_TEXT];
	char tree[2 * BUNDLE_DIGEST + 1];

	uuid_render(&head->relay, relay);
	uuid_render(&head->generation, generation);
	hex_render(head->tree, sizeof head->tree, tree);
	(void)printf("relay %s\ngeneration %s\nsequence %llu\nentries %u\ntree %s\n", relay,
	             generation, (unsigned long long)head->sequence, head->entries, tree);
}

/* ---- verbs ---- */

static bool keygen(const struct options *options, struct err *err)
{
	struct identity identity = { 0 };
	bool ok = identity_make(&identity, options->identity, err);

	if (ok)
		print_identity(&identity);
	else if (err->code == ERR_CONFLICT)
		(void)err_hint(err,
		               _("\"senderctl-relay show\" prints the identity that is there"));
	identity_drop(&identity);
	return ok;
}

static bool show(const struct options *options, struct err *err)
{
	struct identity identity = { 0 };
	bool ok = identity_read(&identity, options->identity, err);

	if (ok)
		print_identity(&identity);
	identity_drop(&identity);
	return ok;
}

static bool deliver(const struct options *options, struct relay_files *files, int fd,
                    const struct bundle_key *key, const struct bundle_head *head, struct err *err)
{
	if (!relay_files_open(files, options->root, err)
	    || !bundle_deliver(fd, key, relay_files_entry, files, err)
	    || !relay_files_end(files, err) || !write_state(options->state, head, err))
		return false;
	(void)printf("written %zu\nkept %zu\n", files->written, files->kept);
	return true;
}

static bool take_bundle(const struct options *options, struct relay_files *files, struct err *err)
{
	struct identity identity = { 0 };
	struct bundle_key key = { 0 };
	struct bundle_head head;
	uint8_t signer[IDENTITY_SIGN];
	bool ok = false;
	int fd = open(options->bundle, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		(void)err_errno(err, _("cannot open %s"), options->bundle);
		goto out;
	}
	if (!identity_read(&identity, options->identity, err)
	    || !read_signer(options->signer, signer, err)
	    || !bundle_verify(fd, &identity, signer, &head, &key, err)
	    || !acceptable(options, &head, err))
		goto out;
	print_head(&head);
	ok = strcmp(options->verb, "verify") == 0 || deliver(options, files, fd, &key, &head, err);
out:
	if (fd >= 0)
		(void)close(fd);
	bundle_key_drop(&key);
	identity_drop(&identity);
	return ok;
}

static const char usage[] =
	"usage: senderctl-relay keygen  --identity FILE\n"
	"       senderctl-relay show    --identity FILE\n"
	"       senderctl-relay verify  --identity FILE --signer KEY|FILE --bundle FILE\n"
	"                               [--relay UUID] [--tree HEX] [--state FILE]\n"
	"       senderctl-relay install (as verify) --root FOLDER\n"
	"                               [--owner KIND=USER[:GROUP]]... [--any-parents]\n";

static bool parse_options(int argc, char **argv, struct options *options, struct relay_files *files,
                          struct err *err)
{
	enum { IDENTITY = 1, SIGNER, BUNDLE, RELAY, TREE, STATE, ROOT, OWNER, PARENTS };
	static const struct option rows[] = { { "identity", required_argument, NULL, IDENTITY },
		                              { "signer", required_argument, NULL, SIGNER },
		                              { "bundle", required_argument, NULL, BUNDLE },
		                              { "relay", required_argument, NULL, RELAY },
		                              { "tree", required_argument, NULL, TREE },
		                              { "state", required_argument, NULL, STATE },
		                              { "root", required_argument, NULL, ROOT },
		                              { "owner", required_argument, NULL, OWNER },
		                              { "any-parents", no_argument, NULL, PARENTS },
		                              { "help", no_argument, NULL, 'h' },
		                              { "version", no_argument, NULL, 'v' },
		                              { NULL, 0, NULL, 0 } };
	bool ok = true;
	int option;

	while (ok && (option = getopt_long(argc, argv, "", rows, NULL)) != -1) {
		switch (option) {
		case IDENTITY:
			options->identity = optarg;
			break;
		case SIGNER:
			options->signer = optarg;
			break;
		case BUNDLE:
			options->bundle = optarg;
			break;
		case RELAY:
			options->relay = optarg;
			break;
		case TREE:
			options->tree = optarg;
			break;
		case STATE:
			options->state = optarg;
			break;
		case ROOT:
			options->root = optarg;
			break;
		case OWNER:
			ok = relay_files_owner(files, optarg, err);
			break;
		case PARENTS:
			files->any_parents = true;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			exit(0);
		case 'v':
			(void)puts("senderctl-relay " PACKAGE_VERSION);
			exit(0);
		default:
			ok = err_set(err, ERR_USAGE, _("see \"senderctl-relay --help\""));
			break;
		}
	}
	if (!ok)
		return false;
	options->verb = optind + 1 == argc ? argv[optind] : "";
	bool about_bundle = strcmp(options->verb, "verify") == 0
	                    || strcmp(options->verb, "install") == 0;
	bool known = about_bundle || strcmp(options->verb, "keygen") == 0
	             || strcmp(options->verb, "show") == 0;
	if (!known || options->identity == NULL
	    || (about_bundle && (options->signer == NULL || options->bundle == NULL))
	    || (strcmp(options->verb, "install") == 0 && options->root == NULL))
		return err_set(err, ERR_USAGE, _("see \"senderctl-relay --help\""));
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct relay_files files = { 0 };
	struct err err = { 0 };
	bool ok = false;

	words_setup(NULL);
	if (!parse_options(argc, argv, &options, &files, &err) || !lone_tool_begin(&err))
		goto out;
	if (strcmp(options.verb, "keygen") == 0)
		ok = keygen(&options, &err);
	else if (strcmp(options.verb, "show") == 0)
		ok = show(&options, &err);
	else
		ok = take_bundle(&options, &files, &err);
out:
	relay_files_drop(&files);
	return lone_tool_end("senderctl-relay", ok, &err);
}

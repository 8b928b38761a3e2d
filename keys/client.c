#include "keys/client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/words.h"
#include "keys/hex.h"
#include "keys/protocol.h"

enum {
	/* How many questions we keep under way: enough for every core of the
	 * service, few enough for its patience with one caller. */
	WINDOW = 16,
	/* Slower than the slowest key and the longest bundle. */
	PATIENCE_SECONDS = 600,
};

struct keys_client {
	int socket;
	long long asked;
};

static bool silent(struct err *err)
{
	(void)err_set(err, ERR_KEYS, _("the key service ended the conversation"));
	return err_hint(err, _("its log says why; \"senderctl doctor\" looks at it"));
}

bool keys_open(struct keys_client **keys, const char *path, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd = -1;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ERR_INPUT,
		               _("the name of the key service's socket is too long: %s"), path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, _("cannot make a socket"));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)err_errno(err, _("cannot reach the key service at %s"), path);
		(void)err_hint(err, errno == EACCES
		                            ? _("you are not among those who may ask it")
		                            : _("\"senderctl up\" starts the embedded one"));
		err->code = ERR_KEYS;
		(void)close(fd);
		return false;
	}
	*keys = calloc(1, sizeof **keys);
	if (*keys == NULL) {
		(void)close(fd);
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	}
	(*keys)->socket = fd;
	return true;
}

void keys_close(struct keys_client *keys)
{
	if (keys == NULL)
		return;
	(void)close(keys->socket);
	free(keys);
}

static struct tree *question(const char *operation)
{
	struct tree *ask = tree_map();

	tree_put_text(ask, "op", operation);
	tree_put_text(ask, "lang", words_language());
	return ask;
}

static void put_uuid(struct tree *ask, const char *name, const struct uuid *uuid)
{
	char text[UUID_TEXT];

	uuid_render(uuid, text);
	tree_put_text(ask, name, text);
}

static void put_bytes(struct tree *ask, const char *name, const uint8_t *bytes, size_t size)
{
	char text[2 * KEYS_PUBLIC + 1];

	hex_render(bytes, size, text);
	tree_put_text(ask, name, text);
}

/* The question is dropped here, also on failure. */
static bool send_question(struct keys_client *keys, struct tree *ask,
                          const struct protocol_fds *fds, long long *number, struct err *err)
{
	*number = ++keys->asked;
	tree_put_number(ask, "n", *number);
	bool ok = protocol_send(keys->socket, ask, fds, true, err);
	tree_drop(ask);
	return ok;
}

static bool take_answer(struct keys_client *keys, struct tree **answer, struct err *err)
{
	struct protocol_fds fds;

	if (!protocol_receive(keys->socket, answer, &fds, err))
		return false;
	protocol_close_fds(&fds); /* the service never sends any */
	return *answer != NULL || silent(err);
}

/* One question, one answer. */
static bool ask(struct keys_client *keys, struct tree *question_tree,
                const struct protocol_fds *fds, struct tree **answer, struct err *err)
{
	long long number;

	if (!send_question(keys, question_tree, fds, &number, err)
	    || !take_answer(keys, answer, err))
		return false;
	if (tree_as_number(tree_get(*answer, "n"), 0) == number && !protocol_failed(*answer, err))
		return true;
	if (err->code == ERR_NONE)
		(void)silent(err);
	tree_drop(*answer);
	*answer = NULL;
	return false;
}

static void copy_text(const struct tree *answer, const char *name, char *to, size_t room)
{
	const char *text = tree_find_text(answer, name);

	(void)snprintf(to, room, "%s", text != NULL ? text : "");
}

bool keys_status(struct keys_client *keys, struct keys_status *status, struct err *err)
{
	struct tree *answer = NULL;

	*status = (struct keys_status){ 0 };
	if (!ask(keys, question("status"), NULL, &answer, err))
		return false;
	copy_text(answer, "version", status->version, sizeof status->version);
	copy_text(answer, "master", status->master, sizeof status->master);
	copy_text(answer, "signing_key", status->signing_key, sizeof status->signing_key);
	status->sealed = tree_as_bool(tree_get(answer, "sealed"), false);
	status->database = tree_as_bool(tree_get(answer, "database"), false);
	status->seccomp = tree_as_bool(tree_get(answer, "seccomp"), false);
	status->landlock = (int)tree_as_number(tree_get(answer, "landlock"), 0);
	status->locked_memory = tree_as_bool(tree_get(answer, "locked_memory"), false);
	status->master_version = (int)tree_as_number(tree_get(answer, "master_version"), 0);
	status->made = tree_as_number(tree_get(answer, "made"), 0);
	status->waiting = tree_as_number(tree_get(answer, "waiting"), 0);
	status->pool = tree_as_number(tree_get(answer, "pool"), -1);
	tree_drop(answer);
	return true;
}

bool keys_unlock(struct keys_client *keys, int fd, bool *changed, struct err *err)
{
	struct protocol_fds fds = { .fd = { fd }, .count = 1 };
	struct tree *answer = NULL;

	if (!ask(keys, question("unlock"), &fds, &answer, err))
		return false;
	*changed = tree_as_bool(tree_get(answer, "changed"), false);
	tree_drop(answer);
	return true;
}

bool keys_master_status(struct keys_client *keys, struct tree **status, struct err *err)
{
	return ask(keys, question("master-status"), NULL, status, err);
}

bool keys_master_progress(struct keys_client *keys, struct tree **status, struct err *err)
{
	struct tree *tree = question("master-status");

	tree_put_bool(tree, "progress", true);
	return ask(keys, tree, NULL, status, err);
}

bool keys_master_rotate(struct keys_client *keys, int passphrase_fd, int *version, bool *resumed,
                        struct err *err)
{
	struct protocol_fds fds = { .fd = { passphrase_fd }, .count = passphrase_fd >= 0 };
	struct tree *answer = NULL;

	if (!ask(keys, question("master-rotate"), &fds, &answer, err))
		return false;
	*version = (int)tree_as_number(tree_get(answer, "version"), 0);
	*resumed = tree_as_bool(tree_get(answer, "resumed"), false);
	tree_drop(answer);
	return true;
}

bool keys_master_retire(struct keys_client *keys, int version, bool *credential, struct err *err)
{
	struct tree *tree = question("master-retire");
	struct tree *answer = NULL;

	tree_put_number(tree, "version", version);
	if (!ask(keys, tree, NULL, &answer, err))
		return false;
	*credential = tree_as_bool(tree_get(answer, "credential"), false);
	tree_drop(answer);
	return true;
}

static struct tree *generate_question(const struct keys_wish *wish)
{
	struct tree *ask = question("generate");

	put_uuid(ask, "request", &wish->request);
	tree_put_number(ask, "provider", wish->provider_id);
	tree_put_number(ask, "domain", wish->domain_id);
	tree_put_text(ask, "algorithm", wish->algorithm);
	tree_put_number(ask, "bits", wish->bits);
	tree_put_bool(ask, "standby", wish->standby);
	return ask;
}

static bool read_made(const struct tree *answer, struct keys_made *made, struct err *err)
{
	const char *public_key = tree_find_text(answer, "public_key");

	*made = (struct keys_made){ 0 };
	made->key_id = tree_as_number(tree_get(answer, "key_id"), 0);
	made->repeated = tree_as_bool(tree_get(answer, "repeated"), false);
	copy_text(answer, "selector", made->selector, sizeof made->selector);
	if (!uuid_parse(tree_find_text(answer, "key"), &made->key, err))
		return false;
	if (public_key == NULL
	    || !hex_parse(public_key, made->public_key, sizeof made->public_key,
	                  &made->public_size))
		return err_set(err, ERR_KEYS, _("the key service answered without a public key"));
	return true;
}

bool keys_generate(struct keys_client *keys, const struct keys_wish *wish, struct keys_made *made,
                   struct err *err)
{
	struct tree *answer = NULL;

	if (!ask(keys, generate_question(wish), NULL, &answer, err))
		return false;
	bool ok = read_made(answer, made, err);
	tree_drop(answer);
	return ok;
}

/* One answer to one of several questions; tells the caller which it was. */
static bool hear_one(struct keys_client *keys, long long first, size_t count, keys_made_fn call,
                     void *context, struct err *err)
{
	struct tree *answer = NULL;
	struct keys_made made;
	struct err failed = { 0 };
	bool ok;

	if (!take_answer(keys, &answer, err))
		return false;
	long long index = tree_as_number(tree_get(answer, "n"), 0) - first;
	if (index < 0 || (size_t)index >= count)
		ok = silent(err);
	else if (protocol_failed(answer, &failed) || !read_made(answer, &made, &failed))
		ok = call((size_t)index, NULL, &failed, context, err);
	else
		ok = call((size_t)index, &made, NULL, context, err);
	tree_drop(answer);
	return ok;
}

bool keys_generate_all(struct keys_client *keys, const struct keys_wish *wishes, size_t count,
                       keys_made_fn call, void *context, struct err *err)
{
	const long long first = keys->asked + 1;
	size_t sent = 0;
	long long number;

	for (size_t heard = 0; heard < count; heard++) {
		for (; sent < count && sent - heard < WINDOW; sent++)
			if (!send_question(keys, generate_question(&wishes[sent]), NULL, &number,
			                   err))
				return false;
		if (!hear_one(keys, first, count, call, context, err))
			return false;
	}
	return true;
}

bool keys_import(struct keys_client *keys, const struct keys_import_wish *wish,
                 struct keys_made *made, struct err *err)
{
	struct protocol_fds fds = { .fd = { wish->fd }, .count = 1 };
	struct tree *tree = question("key-import");
	struct tree *answer = NULL;

	put_uuid(tree, "request", &wish->request);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "domain", wish->domain_id);
	tree_put_text(tree, "selector", wish->selector);
	if (!ask(keys, tree, &fds, &answer, err))
		return false;
	bool ok = read_made(answer, made, err);
	tree_drop(answer);
	return ok;
}

bool keys_set_secret(struct keys_client *keys, const struct keys_secret_wish *wish, int *version,
                     struct err *err)
{
	struct protocol_fds fds = { .fd = { wish->fd }, .count = 1 };
	struct tree *tree = question("smarthost-secret");
	struct tree *answer = NULL;

	put_uuid(tree, "request", &wish->request);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "smarthost", wish->smarthost_id);
	if (!ask(keys, tree, &fds, &answer, err))
		return false;
	*version = (int)tree_as_number(tree_get(answer, "version"), 0);
	tree_drop(answer);
	return true;
}

bool keys_enrol_relay(struct keys_client *keys, const struct keys_enrol_wish *wish,
                      char fingerprint[static KEYS_FINGERPRINT], int *version, struct err *err)
{
	struct tree *tree = question("relay-enrol");
	struct tree *answer = NULL;

	put_uuid(tree, "request", &wish->request);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "relay", wish->relay_id);
	tree_put_text(tree, "identity", wish->identity);
	tree_put_text(tree, "fingerprint", wish->fingerprint);
	if (!ask(keys, tree, NULL, &answer, err))
		return false;
	copy_text(answer, "fingerprint", fingerprint, KEYS_FINGERPRINT);
	*version = (int)tree_as_number(tree_get(answer, "version"), 0);
	tree_drop(answer);
	return true;
}

bool keys_make_bundle(struct keys_client *keys, const struct keys_bundle_wish *wish,
                      struct keys_bundle *bundle, struct err *err)
{
	struct protocol_fds fds = { .fd = { wish->manifest_fd, wish->bundle_fd }, .count = 2 };
	struct tree *tree = question("bundle");
	struct tree *answer = NULL;
	size_t size = 0;

	put_uuid(tree, "request", &wish->request);
	put_uuid(tree, "generation", &wish->generation);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "relay", wish->relay_id);
	tree_put_number(tree, "lifetime", wish->lifetime);
	put_bytes(tree, "tree", wish->tree, sizeof wish->tree);
	if (!ask(keys, tree, &fds, &answer, err))
		return false;
	*bundle = (struct keys_bundle){ 0 };
	bundle->sequence = tree_as_number(tree_get(answer, "sequence"), 0);
	bundle->entries = (int)tree_as_number(tree_get(answer, "entries"), 0);
	const char *digest = tree_find_text(answer, "digest");
	bool ok = digest != NULL && hex_parse(digest, bundle->digest, sizeof bundle->digest, &size)
	          && size == sizeof bundle->digest;
	if (!ok)
		(void)err_set(err, ERR_KEYS, _("the key service answered without a digest"));
	tree_drop(answer);
	return ok;
}

bool keys_destroy(struct keys_client *keys, const struct keys_destroy_wish *wish, struct err *err)
{
	struct tree *tree = question("destroy");
	struct tree *answer = NULL;

	put_uuid(tree, "request", &wish->request);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "key", wish->key_id);
	if (!ask(keys, tree, NULL, &answer, err))
		return false;
	tree_drop(answer);
	return true;
}

bool keys_probe_login(struct keys_client *keys, const struct keys_login_wish *wish,
                      struct tree **result, struct err *err)
{
	struct protocol_fds fds = { .fd = { wish->socket }, .count = 1 };
	struct tree *tree = question("probe-login");
	struct tree *answer = NULL;

	put_uuid(tree, "request", &wish->request);
	tree_put_number(tree, "provider", wish->provider_id);
	tree_put_number(tree, "smarthost", wish->smarthost_id);
	tree_put_number(tree, "domain", wish->domain_id);
	tree_put_text(tree, "test_to", wish->test_to);
	if (!ask(keys, tree, &fds, &answer, err))
		return false;
	*result = tree_copy(tree_get(answer, "result"));
	tree_drop(answer);
	return *result != NULL || silent(err);
}

bool keys_sign_notice(struct keys_client *keys, long long provider_id, const char *text,
                      struct keys_signature *signature, struct err *err)
{
	struct tree *tree = keys_question("notice", provider_id);
	struct tree *answer = NULL;
	size_t size = 0;

	tree_put_text(tree, "text", text);
	if (!ask(keys, tree, NULL, &answer, err))
		return false;
	const char *hex = tree_find_text(answer, "signature");
	bool ok = hex != NULL && hex_parse(hex, signature->bytes, sizeof signature->bytes, &size)
	          && size == sizeof signature->bytes;
	copy_text(answer, "signing_key", signature->key, sizeof signature->key);
	tree_drop(answer);
	return ok || err_set(err, ERR_KEYS, _("the key service answered without a signature"));
}

bool keys_seal_history(struct keys_client *keys, long long provider_id,
                       uint8_t signer[static KEYS_DIGEST], struct err *err)
{
	struct tree *tree = keys_question("history-seal", provider_id);
	struct tree *answer = NULL;
	size_t size = 0;

	if (!ask(keys, tree, NULL, &answer, err))
		return false;
	const char *hex = tree_find_text(answer, "signer");
	bool ok = hex != NULL && hex_parse(hex, signer, KEYS_DIGEST, &size) && size == KEYS_DIGEST;
	tree_drop(answer);
	return ok || err_set(err, ERR_KEYS, _("the key service answered without a signature"));
}

struct tree *keys_question(const char *operation, long long provider_id)
{
	struct tree *ask = question(operation);
	const struct uuid request = uuid_make();

	put_uuid(ask, "request", &request);
	tree_put_number(ask, "provider", provider_id);
	return ask;
}

bool keys_ask(struct keys_client *keys, struct tree *question_tree, int fd, struct tree **answer,
              struct err *err)
{
	const struct protocol_fds fds = { .fd = { fd }, .count = fd >= 0 ? 1 : 0 };

	return ask(keys, question_tree, &fds, answer, err);
}

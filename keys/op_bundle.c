#include <fcntl.h>
#include <sys/stat.h>

#include "core/base/words.h"
#include "keys/bundling.h"
#include "keys/hex.h"
#include "keys/manifest.h"
#include "keys/operation.h"

enum {
	LIFETIME = 7 * 24 * 3600,
	LIFETIME_LONGEST = 90 * 24 * 3600,
};

/* One order for a bundle, from the question to the number it got. */
struct order {
	struct keyd *keyd;
	const struct asked *asked;
	long long relay_id;
	int lifetime;
	uint8_t manifest[32];
	const char *relay; /* its name, in the arena of the attempt */
	struct bundling_order what;
	struct arena arena; /* keeps the signer's sealed bytes */
};

/* The relay as it was enrolled, and not as somebody wrote it into a table. */
static bool load_relay(struct db *db, struct arena *arena, struct order *order, struct err *err)
{
	struct vault_relay relay = { .version = 0 };
	const struct row *row;
	size_t mac_size = 0;
	size_t size = 0;

	if (!db_find(db, STMT_KEYD_RELAY,
	             DB_PARAMS(db_number(arena, order->asked->request.provider_id),
	                       db_number(arena, order->relay_id)),
	             &row, err))
		return false;
	if (row == NULL || row_bool(row, "retired"))
		return err_set(err, ERR_NOT_FOUND, _("the key service knows no such relay"));
	if (row_is_null(row, "public_key")) {
		(void)err_set(err, ERR_REFUSED, _("relay %s is not enrolled"),
		              row_text(row, "name"));
		return err_hint(err,
		                _("\"senderctl relay keygen\" on the relay, then \"senderctl relay "
		                  "enrol\" here"));
	}
	const unsigned char *public_key = row_bytes(row, "public_key", arena, &size);
	const unsigned char *mac = row_bytes(row, "mac", arena, &mac_size);
	relay.version = (uint32_t)row_number(row, "version");
	order->relay = arena_copy(arena, row_text(row, "name"));
	if (size != sizeof relay.public_key)
		return err_set(err, ERR_CRYPTO, _("the key of this relay is damaged"));
	memcpy(relay.public_key, public_key, size);
	memcpy(order->what.public_key, public_key, size);
	if (!key_store_uuid(row, "provider_uuid", &relay.provider, err)
	    || !key_store_uuid(row, "uuid", &relay.relay, err))
		return false;
	order->what.head.relay = relay.relay;
	return vault_check_relay(&order->keyd->vault, &relay, mac, mac_size, err);
}

/* Private halves leave the vault, if only for one relay. */
static bool note_use(struct db *db, struct arena *arena, const struct order *order, struct err *err)
{
	const char *detail = arena_print(arena, "{\"sequence\": %llu, \"entries\": %u}",
	                                 (unsigned long long)order->what.head.sequence,
	                                 (unsigned)order->what.head.entries);

	return key_store_event(db, arena, &order->asked->request, 0,
	                       arena_print(arena, "relay %s", order->relay), "relay.bundle",
	                       "keys and passwords were sealed to it", detail, err);
}

/* The bundle's number: a new one, or the one this request got before. */
static bool take_number(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct order *order = context;
	const struct key_request *request = &order->asked->request;
	const char *provider = db_number(arena, request->provider_id);
	const char *relay = db_number(arena, order->relay_id);
	const char *uuid = key_store_uuid_text(arena, &request->uuid);
	const struct row *row;
	long long subject = 0;
	int version = 0;
	bool known = false;

	if (!load_relay(db, arena, order, err)
	    || !key_store_signer(db, &order->arena, &order->keyd->vault, &order->what.signer, err)
	    || !key_store_request_find(db, arena, request, &known, &subject, &version, err))
		return false;
	if (!known
	    && (!key_store_request_add(db, arena, request, order->relay_id, 1, err)
	        || !db_run(db, STMT_KEYD_BUNDLE_ADD,
	                   DB_PARAMS(provider, relay, uuid, db_bytes(arena, order->manifest, 32),
	                             db_bytes(arena, order->what.head.tree, BUNDLE_DIGEST),
	                             db_number(arena, order->what.head.entries),
	                             db_number(arena, order->lifetime)),
	                   NULL, err)))
		return false;
	if (!db_one(db, STMT_KEYD_BUNDLE_FIND, DB_PARAMS(provider, uuid), &row, err))
		return false;
	order->what.head.sequence = (uint64_t)row_number(row, "sequence");
	order->what.head.made = (uint64_t)row_number(row, "made_at");
	order->what.head.not_after = (uint64_t)row_number(row, "not_after");
	return known || note_use(db, arena, order, err);
}

/* A file, opened for reading and writing: nothing that can make us wait. */
static bool usable_file(int fd, struct err *err)
{
	struct stat is;
	int flags = fcntl(fd, F_GETFL);

	if (fstat(fd, &is) == 0 && S_ISREG(is.st_mode) && flags >= 0
	    && (flags & O_ACCMODE) == O_RDWR)
		return true;
	return err_set(err, ERR_INPUT,
	               _("a bundle goes into a file that is open for reading and writing"));
}

bool op_bundle(struct call *call, struct err *err)
{
	const char *tree = tree_find_text(call->question, "tree");
	struct order order = { .keyd = call->keyd };
	struct asked asked;
	char digest[2 * 32 + 1];
	char detail[512];
	size_t size = 0;
	bool ok = false;

	if (call->fds->count != 2)
		return err_set(err, ERR_INPUT,
		               _("a question to the key service lacks its descriptor"));
	order.asked = &asked;
	order.what.manifest_fd = call->fds->fd[0];
	order.what.bundle_fd = call->fds->fd[1];
	order.relay_id = tree_as_number(tree_get(call->question, "relay"), 0);
	order.lifetime = (int)tree_as_number(tree_get(call->question, "lifetime"), 0);
	if (order.lifetime == 0)
		order.lifetime = LIFETIME;
	if (order.lifetime < 0 || order.lifetime > LIFETIME_LONGEST)
		return err_set(err, ERR_INPUT, _("a bundle lives for at most 90 days"));
	if (tree == NULL || !hex_parse(tree, order.what.head.tree, BUNDLE_DIGEST, &size)
	    || size != BUNDLE_DIGEST
	    || !uuid_parse(tree_find_text(call->question, "generation"),
	                   &order.what.head.generation, err))
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "tree");
	if (!usable_file(order.what.bundle_fd, err)
	    || !manifest_count(order.what.manifest_fd, &order.what.head.entries, order.manifest,
	                       err))
		return false;
	hex_render(order.manifest, sizeof order.manifest, digest);
	(void)snprintf(detail, sizeof detail, "%lld|%s|%s|%s", order.relay_id, tree, digest,
	               tree_find_text(call->question, "generation"));
	ok = keyd_asked(call, detail, &asked, err)
	     && key_store_run(&call->keyd->store, DB_WRITE, take_number, &order, err);
	order.what.provider_id = asked.request.provider_id;
	ok = ok
	     && bundling_begin(&order.what, &call->keyd->vault, &call->keyd->store, &call->bundling,
	                       err);
	arena_reset(&order.arena);
	if (ok)
		call->later = CALL_BUNDLE;
	return ok;
}

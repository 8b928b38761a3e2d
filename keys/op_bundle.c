#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/bundle.h"
#include "keys/hex.h"
#include "keys/manifest.h"
#include "keys/operation.h"

enum {
	LIFETIME = 7 * 24 * 3600,
	LIFETIME_LONGEST = 90 * 24 * 3600,
	BATCH = 200 /* lines for which the database is asked at once */
};

/* One order for a bundle, from the question to the number it got. */
struct order {
	struct keyd *keyd;
	const struct asked *asked;
	long long relay_id;
	int lifetime;
	int manifest_fd;
	int bundle_fd;
	uint8_t manifest[32];
	const char *relay; /* its name, in the arena of the attempt */
	struct bundle_head head;
	uint8_t public_key[IDENTITY_PUBLIC];
	struct vault_signer signer;
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
	memcpy(order->public_key, public_key, size);
	if (!key_store_uuid(row, "provider_uuid", &relay.provider, err)
	    || !key_store_uuid(row, "uuid", &relay.relay, err))
		return false;
	order->head.relay = relay.relay;
	return vault_check_relay(&order->keyd->vault, &relay, mac, mac_size, err);
}

/* Private halves leave the vault, if only for one relay. */
static bool note_use(struct db *db, struct arena *arena, const struct order *order, struct err *err)
{
	const char *detail = arena_print(arena, "{\"sequence\": %llu, \"entries\": %u}",
	                                 (unsigned long long)order->head.sequence,
	                                 (unsigned)order->head.entries);

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
	    || !key_store_signer(db, &order->arena, &order->keyd->vault, &order->signer, err)
	    || !key_store_request_find(db, arena, request, &known, &subject, &version, err))
		return false;
	if (!known
	    && (!key_store_request_add(db, arena, request, order->relay_id, 1, err)
	        || !db_run(db, STMT_KEYD_BUNDLE_ADD,
	                   DB_PARAMS(provider, relay, uuid, db_bytes(arena, order->manifest, 32),
	                             db_bytes(arena, order->head.tree, BUNDLE_DIGEST),
	                             db_number(arena, order->head.entries),
	                             db_number(arena, order->lifetime)),
	                   NULL, err)))
		return false;
	if (!db_one(db, STMT_KEYD_BUNDLE_FIND, DB_PARAMS(provider, uuid), &row, err))
		return false;
	order->head.sequence = (uint64_t)row_number(row, "sequence");
	order->head.made = (uint64_t)row_number(row, "made_at");
	order->head.not_after = (uint64_t)row_number(row, "not_after");
	return known || note_use(db, arena, order, err);
}

/* One KEK is asked for again and again: remember the last. */
struct filling {
	struct order *order;
	struct db *db;
	long long kek_id;
	struct vault_kek kek;
	struct arena kek_arena;
};

static bool need_kek(struct filling *filling, long long kek_id, struct err *err)
{
	if (filling->kek_id == kek_id)
		return true;
	arena_reset(&filling->kek_arena);
	filling->kek_id = 0;
	if (!key_store_kek_by_id(filling->db, &filling->kek_arena,
	                         filling->order->asked->request.provider_id, kek_id, &filling->kek,
	                         err))
		return false;
	filling->kek_id = kek_id;
	return true;
}

static bool fill_key(struct filling *filling, const struct stored_key *key,
                     struct manifest_line *line, struct err *err)
{
	if (strcmp(key->state, "revoked") == 0 || strcmp(key->state, "cancelled") == 0
	    || strcmp(key->state, "destroyed") == 0)
		return err_set(err, ERR_REFUSED, _("the key %s of %s is %s; it goes to no relay"),
		               key->name.selector, key->name.domain, key->state);
	return need_kek(filling, key->kek_id, err)
	       && vault_open_key(&filling->order->keyd->vault, &filling->kek, &key->name,
	                         &key->sealed, &line->entry.content, err);
}

static bool fill_password(struct filling *filling, struct arena *arena, struct manifest_line *line,
                          struct err *err)
{
	struct stored_password password;

	return key_store_password(filling->db, arena, filling->order->asked->request.provider_id,
	                          &line->uuid, &password, err)
	       && need_kek(filling, password.kek_id, err)
	       && vault_open_password(&filling->order->keyd->vault, &filling->kek, &password.name,
	                              &password.sealed, &line->entry.content, err);
}

/* The private halves that some lines name; keys[i] belongs to lines[i]. */
static bool load_keys(struct filling *filling, struct arena *arena,
                      const struct manifest_line lines[], size_t count, struct stored_key **keys,
                      struct err *err)
{
	struct stored_key *found = arena_take(arena, BATCH * sizeof *found);
	struct uuid *uuids = arena_take(arena, BATCH * sizeof *uuids);
	size_t wanted = 0;

	*keys = arena_take(arena, BATCH * sizeof **keys);
	for (size_t i = 0; i < count; i++)
		if (lines[i].entry.kind == BUNDLE_KEY)
			uuids[wanted++] = lines[i].uuid;
	if (wanted > 0
	    && !key_store_keys(filling->db, arena, filling->order->asked->request.provider_id,
	                       uuids, found, wanted, err))
		return false;
	wanted = 0;
	for (size_t i = 0; i < count; i++)
		if (lines[i].entry.kind == BUNDLE_KEY)
			(*keys)[i] = found[wanted++];
	return true;
}

static bool fill_line(struct filling *filling, const struct stored_key *key,
                      struct manifest_line *line, struct bundle_writer *writer, struct err *err)
{
	struct arena arena = { 0 };
	bool ok = true;

	if (line->entry.kind == BUNDLE_KEY)
		ok = fill_key(filling, key, line, err);
	else if (line->entry.kind == BUNDLE_PASSWORD)
		ok = fill_password(filling, &arena, line, err);
	ok = ok && bundle_write_entry(writer, &line->entry, err);
	secret_drop(&line->entry.content);
	arena_reset(&arena);
	return ok;
}

static bool fill_batch(struct filling *filling, struct manifest_line lines[], size_t count,
                       struct bundle_writer *writer, struct err *err)
{
	struct arena arena = { 0 };
	struct stored_key *keys = NULL;
	bool ok = load_keys(filling, &arena, lines, count, &keys, err);

	for (size_t i = 0; ok && i < count; i++)
		ok = fill_line(filling, &keys[i], &lines[i], writer, err);
	arena_reset(&arena);
	return ok;
}

static bool fill_lines(struct filling *filling, struct bundle_writer *writer, struct err *err)
{
	struct manifest manifest = { 0 };
	struct manifest_line *lines = calloc(BATCH, sizeof *lines);
	bool end = false;
	bool ok = lines != NULL || err_set(err, ERR_SYSTEM, _("out of memory"));

	ok = ok && manifest_open(&manifest, filling->order->manifest_fd, err);
	while (ok && !end) {
		size_t count = 0;
		while (ok && !end && count < BATCH) {
			ok = manifest_next(&manifest, &lines[count], &end, err);
			count += ok && !end;
		}
		ok = ok && fill_batch(filling, lines, count, writer, err);
	}
	manifest_drop(&manifest);
	free(lines);
	return ok;
}

/* Read-only, from one snapshot; repeated from an empty file. */
static bool write_bundle(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct order *order = context;
	struct filling filling = { .order = order, .db = db };
	struct bundle_writer writer = { 0 };
	struct secret signer = { 0 };

	UNUSED(arena);
	if (ftruncate(order->bundle_fd, 0) != 0 || lseek(order->bundle_fd, 0, SEEK_SET) != 0)
		return err_errno(err, _("cannot write the bundle"));
	bool ok = vault_open_signer(&order->keyd->vault, &order->signer, &signer, err)
	          && bundle_write_head(&writer, order->bundle_fd, order->public_key, &order->head,
	                               err)
	          && fill_lines(&filling, &writer, err) && bundle_write_end(&writer, &signer, err)
	          && (fsync(order->bundle_fd) == 0 || err_errno(err, _("cannot write the bundle")));
	bundle_writer_drop(&writer);
	secret_drop(&signer);
	arena_reset(&filling.kek_arena);
	return ok;
}

static bool digest_file(int fd, uint8_t digest[static 32], struct err *err)
{
	crypto_generichash_state state;
	unsigned char bytes[16384];
	off_t at = 0;
	ssize_t got;

	(void)crypto_generichash_init(&state, NULL, 0, 32);
	while ((got = pread(fd, bytes, sizeof bytes, at)) > 0) {
		(void)crypto_generichash_update(&state, bytes, (size_t)got);
		at += got;
	}
	(void)crypto_generichash_final(&state, digest, 32);
	return got == 0 || err_errno(err, _("cannot read the bundle"));
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
	order.manifest_fd = call->fds->fd[0];
	order.bundle_fd = call->fds->fd[1];
	order.relay_id = tree_as_number(tree_get(call->question, "relay"), 0);
	order.lifetime = (int)tree_as_number(tree_get(call->question, "lifetime"), 0);
	if (order.lifetime == 0)
		order.lifetime = LIFETIME;
	if (order.lifetime < 0 || order.lifetime > LIFETIME_LONGEST)
		return err_set(err, ERR_INPUT, _("a bundle lives for at most 90 days"));
	if (tree == NULL || !hex_parse(tree, order.head.tree, BUNDLE_DIGEST, &size)
	    || size != BUNDLE_DIGEST
	    || !uuid_parse(tree_find_text(call->question, "generation"), &order.head.generation,
	                   err))
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "tree");
	if (!usable_file(order.bundle_fd, err)
	    || !manifest_count(order.manifest_fd, &order.head.entries, order.manifest, err))
		return false;
	hex_render(order.manifest, sizeof order.manifest, digest);
	(void)snprintf(detail, sizeof detail, "%lld|%s|%s|%s", order.relay_id, tree, digest,
	               tree_find_text(call->question, "generation"));
	ok = keyd_asked(call, detail, &asked, err)
	     && key_store_run(&call->keyd->store, DB_WRITE, take_number, &order, err)
	     && key_store_run(&call->keyd->store, DB_READ, write_bundle, &order, err)
	     && digest_file(order.bundle_fd, order.manifest, err);
	arena_reset(&order.arena);
	if (!ok) {
		/* half a bundle must not be mistaken for one */
		if (ftruncate(order.bundle_fd, 0) != 0)
			log_warn("bundle", "a half-written file could not be emptied");
		return false;
	}
	hex_render(order.manifest, sizeof order.manifest, digest);
	tree_put_number(call->answer, "sequence", (long long)order.head.sequence);
	tree_put_number(call->answer, "entries", order.head.entries);
	tree_put_text(call->answer, "digest", digest);
	return true;
}

#include "keys/bundling.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/hex.h"
#include "keys/manifest.h"

enum { PORTION = 100 /* lines; others wait that long */ };

struct held_kek {
	long long id;
	struct vault_kek kek;
};

/* What the database has to say to some lines. */
struct portion {
	struct manifest_line lines[PORTION];
	size_t count;
	struct stored_key keys[PORTION]; /* of lines that name one */
	struct stored_password passwords[PORTION];
	struct held_kek keks[PORTION];
	size_t kek_count;
	struct arena arena;
};

struct bundling {
	struct bundling_order order;
	const struct vault *vault;
	struct key_store *store;
	struct secret signer;
	struct manifest manifest;
	struct bundle_writer writer;
	struct portion portion;
	uint8_t digest[32];
	bool whole;
};

/* ---- the database ---- */

/* Most lines of a portion hang on one KEK. */
static bool need_kek(struct db *db, const struct bundling *bundling, struct portion *portion,
                     long long kek_id, struct err *err)
{
	for (size_t i = 0; i < portion->kek_count; i++)
		if (portion->keks[i].id == kek_id)
			return true;
	struct held_kek *held = &portion->keks[portion->kek_count];
	if (!key_store_kek_by_id(db, &portion->arena, bundling->order.provider_id, kek_id,
	                         &held->kek, err))
		return false;
	held->id = kek_id;
	portion->kek_count++;
	return true;
}

static bool load_keys(struct db *db, const struct bundling *bundling, struct portion *portion,
                      struct err *err)
{
	struct stored_key *found = arena_take(&portion->arena, PORTION * sizeof *found);
	struct uuid *uuids = arena_take(&portion->arena, PORTION * sizeof *uuids);
	size_t wanted = 0;
	bool ok = true;

	for (size_t i = 0; i < portion->count; i++)
		if (portion->lines[i].entry.kind == BUNDLE_KEY)
			uuids[wanted++] = portion->lines[i].uuid;
	if (wanted > 0
	    && !key_store_keys(db, &portion->arena, bundling->order.provider_id, uuids, found,
	                       wanted, err))
		return false;
	wanted = 0;
	for (size_t i = 0; ok && i < portion->count; i++) {
		if (portion->lines[i].entry.kind != BUNDLE_KEY)
			continue;
		portion->keys[i] = found[wanted++];
		ok = need_kek(db, bundling, portion, portion->keys[i].kek_id, err);
	}
	return ok;
}

static bool load_passwords(struct db *db, const struct bundling *bundling, struct portion *portion,
                           struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < portion->count; i++)
		if (portion->lines[i].entry.kind == BUNDLE_PASSWORD)
			ok = key_store_password(db, &portion->arena, bundling->order.provider_id,
			                        &portion->lines[i].uuid, &portion->passwords[i],
			                        err)
			     && need_kek(db, bundling, portion, portion->passwords[i].kek_id, err);
	return ok;
}

/* Nothing is written here: an attempt may be repeated. */
static bool load(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct bundling *bundling = context;
	struct portion *portion = &bundling->portion;

	UNUSED(arena);
	arena_reset(&portion->arena);
	portion->kek_count = 0;
	return load_keys(db, bundling, portion, err) && load_passwords(db, bundling, portion, err);
}

/* ---- the file ---- */

static const struct vault_kek *held(const struct portion *portion, long long kek_id)
{
	size_t i = 0;

	while (portion->keks[i].id != kek_id)
		i++;
	return &portion->keks[i].kek;
}

static bool open_key(const struct bundling *bundling, size_t i, struct secret *content,
                     struct err *err)
{
	const struct stored_key *key = &bundling->portion.keys[i];

	if (strcmp(key->state, "revoked") == 0 || strcmp(key->state, "cancelled") == 0
	    || strcmp(key->state, "destroyed") == 0)
		return err_set(err, ERR_REFUSED, _("the key %s of %s is %s; it goes to no relay"),
		               key->name.selector, key->name.domain, key->state);
	return vault_open_key(bundling->vault, held(&bundling->portion, key->kek_id), &key->name,
	                      &key->sealed, content, err);
}

static bool open_password(const struct bundling *bundling, size_t i, struct secret *content,
                          struct err *err)
{
	const struct stored_password *password = &bundling->portion.passwords[i];

	return vault_open_password(bundling->vault, held(&bundling->portion, password->kek_id),
	                           &password->name, &password->sealed, content, err);
}

static bool write_line(struct bundling *bundling, size_t i, struct err *err)
{
	struct bundle_entry *entry = &bundling->portion.lines[i].entry;
	bool ok = (entry->kind != BUNDLE_KEY || open_key(bundling, i, &entry->content, err))
	          && (entry->kind != BUNDLE_PASSWORD
	              || open_password(bundling, i, &entry->content, err))
	          && bundle_write_entry(&bundling->writer, entry, err);

	secret_drop(&entry->content);
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

static bool finish(struct bundling *bundling, struct err *err)
{
	int fd = bundling->order.bundle_fd;

	bundling->whole = bundle_write_end(&bundling->writer, &bundling->signer, err)
	                  && (fsync(fd) == 0 || err_errno(err, _("cannot write the bundle")))
	                  && digest_file(fd, bundling->digest, err);
	return bundling->whole;
}

/* ---- from the first portion to the last ---- */

static bool own_descriptors(struct bundling_order *order, struct err *err)
{
	int manifest_fd = fcntl(order->manifest_fd, F_DUPFD_CLOEXEC, 0);
	int bundle_fd = fcntl(order->bundle_fd, F_DUPFD_CLOEXEC, 0);

	order->manifest_fd = manifest_fd;
	order->bundle_fd = bundle_fd;
	return (manifest_fd >= 0 && bundle_fd >= 0) || err_errno(err, _("cannot write the bundle"));
}

bool bundling_begin(const struct bundling_order *order, const struct vault *vault,
                    struct key_store *store, struct bundling **bundling, struct err *err)
{
	struct bundling *begun = calloc(1, sizeof *begun);

	*bundling = begun;
	if (begun == NULL)
		return err_set(err, ERR_SYSTEM, _("out of memory"));
	begun->order = *order;
	begun->vault = vault;
	begun->store = store;
	bool ok = own_descriptors(&begun->order, err)
	          && ((ftruncate(begun->order.bundle_fd, 0) == 0
	               && lseek(begun->order.bundle_fd, 0, SEEK_SET) == 0)
	              || err_errno(err, _("cannot write the bundle")))
	          && manifest_open(&begun->manifest, begun->order.manifest_fd, err)
	          && vault_open_signer(vault, &order->signer, &begun->signer, err)
	          && bundle_write_head(&begun->writer, begun->order.bundle_fd, order->public_key,
	                               &order->head, err);
	/* its sealed bytes were somebody else's, and are not needed any more */
	begun->order.signer.sealed = (struct sealed){ .size = 0 };
	if (ok)
		return true;
	bundling_drop(begun);
	*bundling = NULL;
	return false;
}

bool bundling_step(struct bundling *bundling, bool *over, struct err *err)
{
	struct portion *portion = &bundling->portion;
	bool ok = true;

	*over = false;
	portion->count = 0;
	while (ok && !*over && portion->count < PORTION) {
		ok = manifest_next(&bundling->manifest, &portion->lines[portion->count], over, err);
		portion->count += ok && !*over;
	}
	ok = ok
	     && (portion->count == 0
	         || key_store_run(bundling->store, DB_READ, load, bundling, err));
	for (size_t i = 0; ok && i < portion->count; i++)
		ok = write_line(bundling, i, err);
	return ok && (!*over || finish(bundling, err));
}

void bundling_answer(const struct bundling *bundling, struct tree *answer)
{
	char digest[2 * sizeof bundling->digest + 1];

	hex_render(bundling->digest, sizeof bundling->digest, digest);
	tree_put_number(answer, "sequence", (long long)bundling->order.head.sequence);
	tree_put_number(answer, "entries", bundling->order.head.entries);
	tree_put_text(answer, "digest", digest);
}

void bundling_drop(struct bundling *bundling)
{
	if (bundling == NULL)
		return;
	/* half a bundle must not be mistaken for one */
	if (!bundling->whole && ftruncate(bundling->order.bundle_fd, 0) != 0)
		log_warn("bundle", "a half-written file could not be emptied");
	bundle_writer_drop(&bundling->writer);
	secret_drop(&bundling->signer);
	manifest_drop(&bundling->manifest);
	arena_reset(&bundling->portion.arena);
	if (bundling->order.manifest_fd >= 0)
		(void)close(bundling->order.manifest_fd);
	if (bundling->order.bundle_fd >= 0)
		(void)close(bundling->order.bundle_fd);
	free(bundling);
}

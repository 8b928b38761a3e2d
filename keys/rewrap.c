#include "keys/rewrap.h"

#include <string.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/escrow_store.h"
#include "keys/keyd.h"

enum { BATCH = 100 /* others wait that long */, PAUSE_MS = 1000 };

/* One batch while it is made; counted only once it is committed. */
struct batch {
	struct keyd *keyd;
	long long at[3];
	size_t seen;
	long long done;
	long long failed;
	const char *columns[4][BATCH]; /* what is stored, column by column */
};

static const char *newest_uuid(struct arena *arena, const struct batch *batch)
{
	return key_store_uuid_text(arena, &batch->keyd->vault.master.id);
}

static const char *newest_version(struct arena *arena, const struct batch *batch)
{
	return db_number(arena, batch->keyd->vault.master.version);
}

/* A row that somebody damaged must not keep the others from being wrapped. */
static void pass_by(struct batch *batch, const char *what, const char *which, const struct err *err)
{
	batch->failed++;
	log_error("master key", "%s %s: %s", what, which, err->text);
}

/* ---- keys of providers ---- */

struct reading {
	struct batch *batch;
	struct arena *arena;
};

/* The commitment of a split key has a MAC, too; one that is not ours stays as
 * it is, for "key escrow verify" to find. */
static const char *again_commitment(const struct batch *batch, const struct row *row,
                                    struct arena *arena, const struct vault_kek *kek)
{
	const struct vault *vault = &batch->keyd->vault;
	const struct escrow_kek name = vault_escrow_name(kek);
	uint8_t column[VAULT_ESCROW_COMMIT];
	struct err not_ours = { 0 };
	size_t size = 0;

	if (row_is_null(row, "commitment"))
		return db_bytes(arena, "", 0);
	const unsigned char *stored = row_bytes(row, "commitment", arena, &size);
	if (!vault_escrow_check_commit(vault, &name, stored, size, &not_ours))
		return db_bytes(arena, stored, size);
	vault_escrow_put_commit(vault, &name, stored, column);
	return db_bytes(arena, column, sizeof column);
}

static bool again_kek(const struct row *row, void *context, struct err *err)
{
	const struct reading *reading = context;
	struct batch *batch = reading->batch;
	struct arena *arena = reading->arena;
	struct vault_kek kek;
	struct err failed = { 0 };

	UNUSED(err);
	batch->seen++;
	batch->at[0] = row_number(row, "provider_id");
	batch->at[1] = row_number(row, "id");
	if (!key_store_read_kek(row, arena, &kek, &failed)
	    || !vault_rewrap_kek(&batch->keyd->vault, &kek, arena, &failed)) {
		pass_by(batch, "kek", row_text(row, "uuid"), &failed);
		return true;
	}
	batch->columns[0][batch->done] = db_number(arena, batch->at[0]);
	batch->columns[1][batch->done] = db_number(arena, batch->at[1]);
	batch->columns[2][batch->done] = db_bytes(arena, kek.sealed.bytes, kek.sealed.size);
	batch->columns[3][batch->done] = again_commitment(batch, row, arena, &kek);
	batch->done++;
	return true;
}

/* One event for each provider of the batch; rows come sorted by provider. */
static bool tell_providers(struct db *db, struct arena *arena, const struct batch *batch,
                           struct err *err)
{
	const char *detail = arena_print(arena, "{\"version\": %u}",
	                                 (unsigned)batch->keyd->vault.master.version);
	bool ok = true;

	for (long long i = 0; ok && i < batch->done; i++) {
		const char *provider = batch->columns[0][i];
		if (i > 0 && strcmp(provider, batch->columns[0][i - 1]) == 0)
			continue;
		const struct key_request request = { .provider_id = strtoll(provider, NULL, 10),
			                             .actor = "senderkeyd" };
		ok = key_store_event(db, arena, &request, 0, "master key", "kek.rewrap",
		                     "a new version of the master key wraps it", detail, err);
	}
	return ok;
}

static bool rewrap_keks(struct db *db, struct arena *arena, struct batch *batch, struct err *err)
{
	struct reading reading = { batch, arena };
	const char *uuid = newest_uuid(arena, batch);
	const char *version = newest_version(arena, batch);

	if (!db_each(db, STMT_KEYD_KEK_STALE,
	             DB_PARAMS(uuid, version, db_number(arena, batch->at[0]),
	                       db_number(arena, batch->at[1]), db_number(arena, BATCH)),
	             again_kek, &reading, err))
		return false;
	const size_t done = (size_t)batch->done;
	return done == 0
	       || (db_run(db, STMT_KEYD_KEK_REWRAP,
	                  DB_PARAMS(db_list(arena, batch->columns[0], done),
	                            db_list(arena, batch->columns[1], done),
	                            db_list(arena, batch->columns[2], done), uuid, version,
	                            db_list(arena, batch->columns[3], done)),
	                  NULL, err)
	           && tell_providers(db, arena, batch, err));
}

/* ---- keys of the service itself: one or two ---- */

static bool again_signer(const struct row *row, void *context, struct err *err)
{
	const struct reading *reading = context;
	struct batch *batch = reading->batch;
	struct arena *arena = reading->arena;
	struct vault_signer signer;
	struct err failed = { 0 };

	UNUSED(err);
	if (!key_store_read_signer(row, arena, &signer, &failed)
	    || !vault_rewrap_signer(&batch->keyd->vault, &signer, arena, &failed)) {
		pass_by(batch, "signing key", row_text(row, "uuid"), &failed);
		return true;
	}
	if (batch->done == BATCH)
		return true;
	batch->columns[0][batch->done] = key_store_uuid_text(arena, &signer.id);
	batch->columns[1][batch->done] = db_number(arena, signer.version);
	batch->columns[2][batch->done] = db_bytes(arena, signer.sealed.bytes, signer.sealed.size);
	batch->done++;
	return true;
}

static bool rewrap_signers(struct db *db, struct arena *arena, struct batch *batch, struct err *err)
{
	struct reading reading = { batch, arena };
	const char *uuid = newest_uuid(arena, batch);
	const char *version = newest_version(arena, batch);
	bool ok = db_each(db, STMT_KEYD_SIGNER_STALE, DB_PARAMS(uuid, version), again_signer,
	                  &reading, err);

	for (long long i = 0; ok && i < batch->done; i++)
		ok = db_run(db, STMT_KEYD_SIGNER_REWRAP,
		            DB_PARAMS(batch->columns[0][i], batch->columns[1][i],
		                      batch->columns[2][i], uuid, version),
		            NULL, err);
	return ok;
}

/* ---- enrolments of relays: public, and ours by their MAC ---- */

static bool again_relay(const struct row *row, void *context, struct err *err)
{
	const struct reading *reading = context;
	struct batch *batch = reading->batch;
	struct arena *arena = reading->arena;
	struct vault_relay relay = { .version = (uint32_t)row_number(row, "version") };
	uint8_t mac[VAULT_MAC];
	size_t size = 0, mac_size = 0;
	const unsigned char *public_key = row_bytes(row, "public_key", arena, &size);
	const unsigned char *stored = row_bytes(row, "mac", arena, &mac_size);
	struct err failed = { 0 };

	UNUSED(err);
	batch->seen++;
	batch->at[0] = row_number(row, "provider_id");
	batch->at[1] = row_number(row, "relay_id");
	batch->at[2] = relay.version;
	bool ok = size == sizeof relay.public_key
	          || err_set(&failed, ERR_CRYPTO, _("the key of this relay is damaged"));
	if (ok)
		memcpy(relay.public_key, public_key, size);
	if (!ok || !key_store_uuid(row, "provider_uuid", &relay.provider, &failed)
	    || !key_store_uuid(row, "relay_uuid", &relay.relay, &failed)
	    || !vault_check_relay(&batch->keyd->vault, &relay, stored, mac_size, &failed)) {
		pass_by(batch, "relay", row_text(row, "relay_uuid"), &failed);
		return true;
	}
	vault_mac_relay(&batch->keyd->vault, &relay, mac);
	for (size_t i = 0; i < 3; i++)
		batch->columns[i][batch->done] = db_number(arena, batch->at[i]);
	batch->columns[3][batch->done] = db_bytes(arena, mac, sizeof mac);
	batch->done++;
	return true;
}

static bool rewrap_relays(struct db *db, struct arena *arena, struct batch *batch, struct err *err)
{
	struct reading reading = { batch, arena };
	const char *uuid = newest_uuid(arena, batch);
	const char *version = newest_version(arena, batch);

	if (!db_each(db, STMT_KEYD_RELAY_KEY_STALE,
	             DB_PARAMS(uuid, version, db_number(arena, batch->at[0]),
	                       db_number(arena, batch->at[1]), db_number(arena, batch->at[2]),
	                       db_number(arena, BATCH)),
	             again_relay, &reading, err))
		return false;
	const size_t done = (size_t)batch->done;
	return done == 0
	       || db_run(db, STMT_KEYD_RELAY_KEY_REWRAP,
	                 DB_PARAMS(db_list(arena, batch->columns[0], done),
	                           db_list(arena, batch->columns[1], done),
	                           db_list(arena, batch->columns[2], done),
	                           db_list(arena, batch->columns[3], done), uuid, version),
	                 NULL, err);
}

/* ---- escrow officers: the same ---- */

static bool again_officer(const struct row *row, void *context, struct err *err)
{
	const struct reading *reading = context;
	struct batch *batch = reading->batch;
	struct arena *arena = reading->arena;
	struct stored_officer officer;
	uint8_t mac[VAULT_MAC];
	struct err failed = { 0 };

	UNUSED(err);
	batch->seen++;
	batch->at[0] = row_number(row, "provider_id");
	batch->at[1] = row_number(row, "id");
	if (!escrow_store_read_officer(row, arena, &officer, &failed)
	    || !vault_escrow_check_officer(&batch->keyd->vault, &officer.seal, officer.mac,
	                                   officer.mac_size, &failed)) {
		pass_by(batch, "officer", row_text(row, "uuid"), &failed);
		return true;
	}
	vault_escrow_mac_officer(&batch->keyd->vault, &officer.seal, mac);
	batch->columns[0][batch->done] = db_number(arena, batch->at[0]);
	batch->columns[1][batch->done] = db_number(arena, batch->at[1]);
	batch->columns[2][batch->done] = db_bytes(arena, mac, sizeof mac);
	batch->done++;
	return true;
}

static bool rewrap_officers(struct db *db, struct arena *arena, struct batch *batch,
                            struct err *err)
{
	struct reading reading = { batch, arena };
	const char *uuid = newest_uuid(arena, batch);
	const char *version = newest_version(arena, batch);

	if (!db_each(db, STMT_KEYD_OFFICER_STALE,
	             DB_PARAMS(uuid, version, db_number(arena, batch->at[0]),
	                       db_number(arena, batch->at[1]), db_number(arena, BATCH)),
	             again_officer, &reading, err))
		return false;
	const size_t done = (size_t)batch->done;
	return done == 0
	       || db_run(db, STMT_KEYD_OFFICER_REWRAP,
	                 DB_PARAMS(db_list(arena, batch->columns[0], done),
	                           db_list(arena, batch->columns[1], done),
	                           db_list(arena, batch->columns[2], done), uuid, version),
	                 NULL, err);
}

/* ---- the table ---- */

static const struct hanging {
	const char *table;
	bool (*again)(struct db *db, struct arena *arena, struct batch *batch, struct err *err);
} hangings[] = {
	{ "keyd_key", rewrap_signers },
	{ "relay_key", rewrap_relays },
	{ "officer", rewrap_officers },
	{ "kek", rewrap_keks },
};

static bool one_batch(struct db *db, struct arena *arena, void *context, struct err *err)
{
	struct batch *batch = context;
	const struct rewrap *rewrap = &batch->keyd->rewrap;

	/* of an attempt that is repeated */
	memcpy(batch->at, rewrap->at, sizeof batch->at);
	batch->seen = 0;
	batch->done = batch->failed = 0;
	return key_store_note_master(db, arena, &batch->keyd->vault.master.id,
	                             batch->keyd->vault.master.version, err)
	       && hangings[rewrap->row].again(db, arena, batch, err);
}

void rewrap_begin(struct rewrap *rewrap)
{
	*rewrap = (struct rewrap){ .running = true };
}

bool rewrap_is_due(const struct rewrap *rewrap)
{
	return rewrap->running && rewrap->pause <= clock_ticks();
}

static void finish(const struct keyd *keyd)
{
	const struct rewrap *rewrap = &keyd->rewrap;

	if (rewrap->failed > 0)
		log_error("master key", "%lld rows are under version %u now; %lld do not open",
		          rewrap->done, (unsigned)keyd->vault.master.version, rewrap->failed);
	else
		log_info("master key", "%lld rows are under version %u now", rewrap->done,
		         (unsigned)keyd->vault.master.version);
}

void rewrap_step(struct keyd *keyd)
{
	struct rewrap *rewrap = &keyd->rewrap;
	struct batch *batch = calloc(1, sizeof *batch);
	struct err err = { 0 };

	if (batch != NULL)
		batch->keyd = keyd;
	if (batch == NULL || !key_store_run(&keyd->store, DB_WRITE, one_batch, batch, &err)) {
		log_warn("master key", "%s", batch != NULL ? err.text : "out of memory");
		rewrap->pause = clock_ticks() + PAUSE_MS;
		free(batch);
		return;
	}
	rewrap->done += batch->done;
	rewrap->failed += batch->failed;
	memcpy(rewrap->at, batch->at, sizeof rewrap->at);
	if (batch->seen < BATCH) {
		rewrap->row++;
		memset(rewrap->at, 0, sizeof rewrap->at);
	}
	free(batch);
	if (rewrap->row < LENGTH(hangings))
		return;
	rewrap->running = false;
	finish(keyd);
}

#include "keys/vault_escrow.h"

#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

/* A MAC over parts: each with its length, so that none can be moved into the next. */
static void mac_begin(const struct vault *vault, crypto_generichash_state *state, const char *label)
{
	(void)crypto_generichash_init(state, vault->registry_mac.bytes, vault->registry_mac.size,
	                              VAULT_MAC);
	(void)crypto_generichash_update(state, (const unsigned char *)label, strlen(label) + 1);
}

static void mac_part(crypto_generichash_state *state, const void *bytes, size_t size)
{
	unsigned char length[4];

	bytes_put_u32(length, (uint32_t)size);
	(void)crypto_generichash_update(state, length, sizeof length);
	(void)crypto_generichash_update(state, bytes, size);
}

static void mac_end(crypto_generichash_state *state, uint8_t mac[static VAULT_MAC])
{
	(void)crypto_generichash_final(state, mac, VAULT_MAC);
	sodium_memzero(state, sizeof *state);
}

void vault_escrow_mac_officer(const struct vault *vault, const struct vault_officer *officer,
                              uint8_t mac[static VAULT_MAC])
{
	crypto_generichash_state state;
	unsigned char fixed[13];

	fixed[0] = (unsigned char)officer->state;
	bytes_put_u32(fixed + 1, officer->added_uid);
	bytes_put_u64(fixed + 5, officer->added_at);
	mac_begin(vault, &state, "senderctl/officer/v1");
	mac_part(&state, officer->provider.bytes, UUID_BYTES);
	mac_part(&state, officer->officer.bytes, UUID_BYTES);
	mac_part(&state, officer->name, strlen(officer->name));
	mac_part(&state, officer->public_key, ESCROW_PUBLIC);
	mac_part(&state, fixed, sizeof fixed);
	mac_end(&state, mac);
}

bool vault_escrow_check_officer(const struct vault *vault, const struct vault_officer *officer,
                                const unsigned char *mac, size_t size, struct err *err)
{
	uint8_t expected[VAULT_MAC];

	vault_escrow_mac_officer(vault, officer, expected);
	if (size == sizeof expected && sodium_memcmp(mac, expected, sizeof expected) == 0)
		return true;
	(void)err_set(err, ERR_CRYPTO, _("officer %s was not registered by the key service"),
	              officer->name);
	return err_hint(err, _("somebody changed the database; look at \"senderctl history\", then "
	                       "retire the officer and register him again"));
}

static void mac_commit(const struct vault *vault, const struct escrow_kek *name,
                       const uint8_t *commit, uint8_t mac[static VAULT_MAC])
{
	crypto_generichash_state state;
	unsigned char version[4];

	bytes_put_u32(version, name->version);
	mac_begin(vault, &state, "senderctl/kek-commit-row/v1");
	mac_part(&state, name->provider.bytes, UUID_BYTES);
	mac_part(&state, name->id.bytes, UUID_BYTES);
	mac_part(&state, version, sizeof version);
	mac_part(&state, commit, ESCROW_COMMIT);
	mac_end(&state, mac);
}

void vault_escrow_put_commit(const struct vault *vault, const struct escrow_kek *name,
                             const uint8_t commit[static ESCROW_COMMIT],
                             uint8_t column[static VAULT_ESCROW_COMMIT])
{
	memcpy(column, commit, ESCROW_COMMIT);
	mac_commit(vault, name, commit, column + ESCROW_COMMIT);
}

bool vault_escrow_check_commit(const struct vault *vault, const struct escrow_kek *name,
                               const unsigned char *column, size_t size, struct err *err)
{
	uint8_t expected[VAULT_MAC];

	if (size == VAULT_ESCROW_COMMIT) {
		mac_commit(vault, name, column, expected);
		if (sodium_memcmp(column + ESCROW_COMMIT, expected, sizeof expected) == 0)
			return true;
	}
	(void)err_set(err, ERR_CRYPTO,
	              _("the commitment of this provider's key was not made by the key service"));
	return err_hint(err, _("somebody changed the database; \"senderctl key escrow make\" "
	                       "splits the key again"));
}

struct escrow_kek vault_escrow_name(const struct vault_kek *kek)
{
	return (struct escrow_kek){ kek->provider, kek->id, kek->version };
}

/* ---- a request's key ---- */

static struct envelope_context request_context(const struct vault_request *request)
{
	struct envelope_context context = { .size = 0 };

	envelope_context_uuid(&context, TAG_PROVIDER, &request->provider);
	envelope_context_uuid(&context, TAG_KEY, &request->request);
	envelope_context_text(&context, TAG_PURPOSE, escrow_letter_word(request->purpose));
	envelope_context_add(&context, TAG_PUBLIC, request->public_key, ESCROW_PUBLIC);
	return context;
}

static struct envelope_key master_of(const struct vault *vault)
{
	return (struct envelope_key){ .key = &vault->master.key,
		                      .id = vault->master.id,
		                      .version = vault->master.version };
}

bool vault_escrow_make_request(const struct vault *vault, struct vault_request *request,
                               struct arena *arena, struct err *err)
{
	const struct envelope_key master = master_of(vault);
	struct secret key = { 0 };
	size_t size = crypto_box_SECRETKEYBYTES + ENVELOPE_OVERHEAD;
	unsigned char *sealed = arena_take(arena, size);

	if (!secret_take(&key, crypto_box_SECRETKEYBYTES, err))
		return false;
	(void)crypto_box_keypair(request->public_key, key.bytes);
	const struct envelope_context context = request_context(request);
	request->master = vault->master.id;
	request->master_version = vault->master.version;
	request->sealed = (struct sealed){ sealed, size };
	bool ok = envelope_seal(&master, ENVELOPE_ESCROW, &context, &key, sealed, err);
	secret_drop(&key);
	return ok;
}

bool vault_escrow_open_request(const struct vault *vault, const struct vault_request *request,
                               struct secret *key, struct err *err)
{
	const struct envelope_key master = master_of(vault);
	const struct envelope_context context = request_context(request);

	if (uuid_same(&request->master, &vault->master.id)
	    && request->master_version == vault->master.version)
		return envelope_open(&master, ENVELOPE_ESCROW, &context, request->sealed.bytes,
		                     request->sealed.size, key, err);
	(void)err_set(
		err, ERR_REFUSED,
		_("this request was made under another master key; its answers open no more"));
	return err_hint(err, _("ask the officers again"));
}

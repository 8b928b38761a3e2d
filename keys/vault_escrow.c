#include "keys/vault_escrow.h"

#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

enum { NAME_MOST = 63 }; /* short_name of the schema */

static void add(struct vault_text *text, const void *bytes, size_t size)
{
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

/* All parts but the name have their fixed size, and the name is the last. */
static struct vault_text officer_text(const struct vault_officer *officer)
{
	struct vault_text text = { .label = "senderctl/officer/v1" };
	unsigned char fixed[13];

	fixed[0] = (unsigned char)officer->state;
	bytes_put_u32(fixed + 1, officer->added_uid);
	bytes_put_u64(fixed + 5, officer->added_at);
	add(&text, officer->provider.bytes, UUID_BYTES);
	add(&text, officer->officer.bytes, UUID_BYTES);
	add(&text, officer->public_key, ESCROW_PUBLIC);
	add(&text, fixed, sizeof fixed);
	add(&text, officer->name, strnlen(officer->name, NAME_MOST));
	return text;
}

void vault_escrow_mac_officer(const struct vault *vault, const struct vault_officer *officer,
                              uint8_t mac[static VAULT_MAC])
{
	const struct vault_text text = officer_text(officer);

	vault_mac(vault, &text, mac);
}

bool vault_escrow_check_officer(const struct vault *vault, const struct vault_officer *officer,
                                const unsigned char *mac, size_t size, struct err *err)
{
	const struct vault_text text = officer_text(officer);

	if (strlen(officer->name) <= NAME_MOST && vault_mac_fits(vault, &text, mac, size))
		return true;
	(void)err_set(err, ERR_CRYPTO, _("officer %s was not registered by the key service"),
	              officer->name);
	return err_hint(err, _("somebody changed the database; look at \"senderctl history\", then "
	                       "retire the officer and register him again"));
}

static struct vault_text commit_text(const struct escrow_kek *name, const uint8_t *commit)
{
	struct vault_text text = { .label = "senderctl/kek-commit-row/v1" };
	unsigned char version[4];

	bytes_put_u32(version, name->version);
	add(&text, name->provider.bytes, UUID_BYTES);
	add(&text, name->id.bytes, UUID_BYTES);
	add(&text, version, sizeof version);
	add(&text, commit, ESCROW_COMMIT);
	return text;
}

void vault_escrow_put_commit(const struct vault *vault, const struct escrow_kek *name,
                             const uint8_t commit[static ESCROW_COMMIT],
                             uint8_t column[static VAULT_ESCROW_COMMIT])
{
	const struct vault_text text = commit_text(name, commit);

	memcpy(column, commit, ESCROW_COMMIT);
	vault_mac(vault, &text, column + ESCROW_COMMIT);
}

bool vault_escrow_check_commit(const struct vault *vault, const struct escrow_kek *name,
                               const unsigned char *column, size_t size, struct err *err)
{
	if (size == VAULT_ESCROW_COMMIT) {
		const struct vault_text text = commit_text(name, column);
		if (vault_mac_fits(vault, &text, column + ESCROW_COMMIT, VAULT_MAC))
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

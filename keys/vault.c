#include "keys/vault.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

bool vault_open(struct vault *vault, struct master_key *master, struct err *err)
{
	*vault = (struct vault){ 0 };
	if (!master_key_derive(master, "registry-mac", &vault->registry_mac, err))
		return false;
	vault->master = *master;
	*master = (struct master_key){ 0 };
	return true;
}

void vault_close(struct vault *vault)
{
	master_key_drop(&vault->master);
	secret_drop(&vault->registry_mac);
}

static struct envelope_key master_envelope(const struct vault *vault)
{
	return (struct envelope_key){ .key = &vault->master.key,
		                      .id = vault->master.id,
		                      .version = vault->master.version };
}

/* Seal into the arena. */
static bool seal(const struct envelope_key *key, enum envelope_kind kind,
                 const struct envelope_context *context, const struct secret *plain,
                 struct arena *arena, struct sealed *sealed, struct err *err)
{
	unsigned char *bytes = arena_take(arena, plain->size + ENVELOPE_OVERHEAD);

	*sealed = (struct sealed){ .bytes = bytes, .size = plain->size + ENVELOPE_OVERHEAD };
	return envelope_seal(key, kind, context, plain, bytes, err);
}

/* A row that another master key wrapped: say so, before the envelope does. */
static bool our_master(const struct vault *vault, const struct uuid *id, uint32_t version,
                       struct err *err)
{
	char text[UUID_TEXT];

	if (uuid_same(id, &vault->master.id) && version == vault->master.version)
		return true;
	uuid_render(id, text);
	(void)err_set(err, ERR_CRYPTO, _("this was sealed under master key %s, version %u"), text,
	              version);
	return err_hint(err, _("the service runs with another master key file"));
}

static struct envelope_context kek_context(const struct vault_kek *kek)
{
	struct envelope_context context = { .size = 0 };

	envelope_context_uuid(&context, TAG_PROVIDER, &kek->provider);
	envelope_context_uuid(&context, TAG_KEY, &kek->id);
	envelope_context_number(&context, TAG_VERSION, kek->version);
	envelope_context_text(&context, TAG_PURPOSE, kek->kind);
	return context;
}

bool vault_make_kek(const struct vault *vault, const struct uuid *provider, const char *kind,
                    struct arena *arena, struct vault_kek *kek, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key master = master_envelope(vault);

	*kek = (struct vault_kek){ .provider = *provider,
		                   .id = uuid_make(),
		                   .version = 1,
		                   .kind = kind,
		                   .master = vault->master.id,
		                   .master_version = vault->master.version };
	const struct envelope_context context = kek_context(kek);
	bool ok = secret_random(&key, ENVELOPE_KEY, err)
	          && seal(&master, ENVELOPE_KEK, &context, &key, arena, &kek->sealed, err);
	secret_drop(&key);
	return ok;
}

static bool open_kek(const struct vault *vault, const struct vault_kek *kek, struct secret *key,
                     struct err *err)
{
	const struct envelope_key master = master_envelope(vault);
	const struct envelope_context context = kek_context(kek);

	return our_master(vault, &kek->master, kek->master_version, err)
	       && envelope_open(&master, ENVELOPE_KEK, &context, kek->sealed.bytes,
	                        kek->sealed.size, key, err);
}

static struct envelope_key kek_envelope(const struct vault_kek *kek, const struct secret *key)
{
	return (struct envelope_key){ .key = key, .id = kek->id, .version = kek->version };
}

static struct envelope_context key_context(const struct vault_key *name)
{
	struct envelope_context context = { .size = 0 };
	const unsigned char kind = (unsigned char)name->kind;
	unsigned char sum[32];

	(void)crypto_generichash(sum, sizeof sum, name->public_key, name->public_size, NULL, 0);
	envelope_context_uuid(&context, TAG_PROVIDER, &name->provider);
	envelope_context_uuid(&context, TAG_CLIENT, &name->client);
	envelope_context_text(&context, TAG_DOMAIN, name->domain);
	envelope_context_text(&context, TAG_SELECTOR, name->selector);
	envelope_context_add(&context, TAG_ALGORITHM, &kind, 1);
	envelope_context_uuid(&context, TAG_KEY, &name->key);
	envelope_context_number(&context, TAG_VERSION, name->version);
	envelope_context_add(&context, TAG_PUBLIC, sum, sizeof sum);
	return context;
}

bool vault_seal_key(const struct vault *vault, const struct vault_kek *kek,
                    const struct vault_key *name, const struct secret *pkcs8, struct arena *arena,
                    struct sealed *sealed, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = key_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && seal(&with, ENVELOPE_DKIM, &context, pkcs8, arena, sealed, err);

	secret_drop(&key);
	return ok;
}

bool vault_open_key(const struct vault *vault, const struct vault_kek *kek,
                    const struct vault_key *name, const struct sealed *sealed, struct secret *pkcs8,
                    struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = key_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && envelope_open(&with, ENVELOPE_DKIM, &context, sealed->bytes, sealed->size,
	                           pkcs8, err);

	secret_drop(&key);
	return ok;
}

static struct envelope_context pool_context(const struct vault_pool_key *name)
{
	struct envelope_context context = { .size = 0 };
	unsigned char sum[32];

	(void)crypto_generichash(sum, sizeof sum, name->public_key, name->public_size, NULL, 0);
	envelope_context_uuid(&context, TAG_PROVIDER, &name->provider);
	envelope_context_uuid(&context, TAG_KEY, &name->key);
	envelope_context_add(&context, TAG_PUBLIC, sum, sizeof sum);
	return context;
}

bool vault_seal_pool_key(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_pool_key *name, const struct secret *pkcs8,
                         struct arena *arena, struct sealed *sealed, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = pool_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && seal(&with, ENVELOPE_POOL, &context, pkcs8, arena, sealed, err);

	secret_drop(&key);
	return ok;
}

bool vault_open_pool_key(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_pool_key *name, const struct sealed *sealed,
                         struct secret *pkcs8, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = pool_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && envelope_open(&with, ENVELOPE_POOL, &context, sealed->bytes, sealed->size,
	                           pkcs8, err);

	secret_drop(&key);
	return ok;
}

static struct envelope_context password_context(const struct vault_password *name)
{
	struct envelope_context context = { .size = 0 };

	envelope_context_uuid(&context, TAG_PROVIDER, &name->provider);
	envelope_context_uuid(&context, TAG_CLIENT, &name->client);
	envelope_context_uuid(&context, TAG_SMARTHOST, &name->smarthost);
	envelope_context_number(&context, TAG_VERSION, name->version);
	return context;
}

bool vault_seal_password(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_password *name, const struct secret *password,
                         struct arena *arena, struct sealed *sealed, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = password_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && seal(&with, ENVELOPE_SMARTHOST, &context, password, arena, sealed, err);

	secret_drop(&key);
	return ok;
}

bool vault_open_password(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_password *name, const struct sealed *sealed,
                         struct secret *password, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	const struct envelope_context context = password_context(name);
	bool ok = open_kek(vault, kek, &key, err)
	          && envelope_open(&with, ENVELOPE_SMARTHOST, &context, sealed->bytes, sealed->size,
	                           password, err);

	secret_drop(&key);
	return ok;
}

static struct envelope_context signer_context(const struct vault_signer *signer)
{
	struct envelope_context context = { .size = 0 };

	envelope_context_uuid(&context, TAG_KEY, &signer->id);
	envelope_context_number(&context, TAG_VERSION, signer->version);
	envelope_context_text(&context, TAG_PURPOSE, "bundle");
	envelope_context_add(&context, TAG_PUBLIC, signer->public_key, sizeof signer->public_key);
	return context;
}

bool vault_make_signer(const struct vault *vault, struct arena *arena, struct vault_signer *signer,
                       struct err *err)
{
	struct secret seed = { 0 };
	struct secret pair = { 0 };
	const struct envelope_key master = master_envelope(vault);
	bool ok = false;

	*signer = (struct vault_signer){ .id = uuid_make(),
		                         .version = 1,
		                         .master = vault->master.id,
		                         .master_version = vault->master.version };
	if (!secret_random(&seed, crypto_sign_SEEDBYTES, err)
	    || !secret_take(&pair, crypto_sign_SECRETKEYBYTES, err))
		goto out;
	(void)crypto_sign_seed_keypair(signer->public_key, pair.bytes, seed.bytes);
	const struct envelope_context context = signer_context(signer);
	ok = seal(&master, ENVELOPE_SIGNING, &context, &pair, arena, &signer->sealed, err);
out:
	secret_drop(&seed);
	secret_drop(&pair);
	return ok;
}

bool vault_open_signer(const struct vault *vault, const struct vault_signer *signer,
                       struct secret *secret_key, struct err *err)
{
	const struct envelope_key master = master_envelope(vault);
	const struct envelope_context context = signer_context(signer);

	return our_master(vault, &signer->master, signer->master_version, err)
	       && envelope_open(&master, ENVELOPE_SIGNING, &context, signer->sealed.bytes,
	                        signer->sealed.size, secret_key, err);
}

void vault_mac_relay(const struct vault *vault, const struct vault_relay *relay,
                     uint8_t mac[static VAULT_MAC])
{
	static const char label[] = "senderctl/relay/v1";
	unsigned char version[4];
	crypto_generichash_state state;

	bytes_put_u32(version, relay->version);
	(void)crypto_generichash_init(&state, vault->registry_mac.bytes, vault->registry_mac.size,
	                              VAULT_MAC);
	(void)crypto_generichash_update(&state, (const unsigned char *)label, sizeof label);
	(void)crypto_generichash_update(&state, relay->provider.bytes, UUID_BYTES);
	(void)crypto_generichash_update(&state, relay->relay.bytes, UUID_BYTES);
	(void)crypto_generichash_update(&state, version, sizeof version);
	(void)crypto_generichash_update(&state, relay->public_key, sizeof relay->public_key);
	(void)crypto_generichash_final(&state, mac, VAULT_MAC);
	sodium_memzero(&state, sizeof state);
}

bool vault_check_relay(const struct vault *vault, const struct vault_relay *relay,
                       const unsigned char *mac, size_t size, struct err *err)
{
	uint8_t expected[VAULT_MAC];

	vault_mac_relay(vault, relay, expected);
	if (size == sizeof expected && sodium_memcmp(mac, expected, sizeof expected) == 0)
		return true;
	(void)err_set(err, ERR_CRYPTO,
	              _("the key of this relay was not enrolled by the key service"));
	return err_hint(err, _("somebody changed the database; look at \"senderctl history\", then "
	                       "enrol the relay again"));
}

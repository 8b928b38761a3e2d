#include "keys/vault.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

bool vault_open(struct vault *vault, struct master_key *master, struct err *err)
{
	*vault = (struct vault){ 0 };
	return vault_add_master(vault, master, err);
}

void vault_close(struct vault *vault)
{
	master_key_drop(&vault->master);
	secret_drop(&vault->registry_mac);
	for (size_t i = 0; i < vault->former_count; i++) {
		master_key_drop(&vault->former[i].master);
		secret_drop(&vault->former[i].registry_mac);
	}
	vault->former_count = 0;
}

static bool has_version(const struct vault *vault, uint32_t version)
{
	bool has = vault->master.version == version;

	for (size_t i = 0; !has && i < vault->former_count; i++)
		has = vault->former[i].master.version == version;
	return has;
}

bool vault_add_master(struct vault *vault, struct master_key *master, struct err *err)
{
	struct vault_master added = { .master = { .version = 0 } };

	if (vault->master.version != 0 && !uuid_same(&vault->master.id, &master->id))
		return err_set(err, ERR_CRYPTO, _("these are versions of two master keys"));
	if (has_version(vault, master->version))
		return err_set(err, ERR_CONFLICT, _("version %u of the master key is there twice"),
		               (unsigned)master->version);
	if (vault->former_count == VAULT_FORMER)
		return err_set(err, ERR_CRYPTO, _("more than %d versions of the master key"),
		               VAULT_FORMER + 1);
	if (!master_key_derive(master, "registry-mac", &added.registry_mac, err))
		return false;
	added.master = *master;
	*master = (struct master_key){ 0 };
	if (added.master.version > vault->master.version) {
		const struct vault_master newest = added;
		added = (struct vault_master){ vault->master, vault->registry_mac };
		vault->master = newest.master;
		vault->registry_mac = newest.registry_mac;
	}
	if (added.master.version != 0)
		vault->former[vault->former_count++] = added;
	return true;
}

void vault_drop_master(struct vault *vault, uint32_t version)
{
	for (size_t i = 0; i < vault->former_count; i++) {
		struct vault_master *former = &vault->former[i];
		if (former->master.version != version)
			continue;
		master_key_drop(&former->master);
		secret_drop(&former->registry_mac);
		*former = vault->former[--vault->former_count];
		vault->former[vault->former_count] =
			(struct vault_master){ .master = { .version = 0 } };
		return;
	}
}

bool vault_is_newest(const struct vault *vault, const struct uuid *master, uint32_t version)
{
	return uuid_same(master, &vault->master.id) && version == vault->master.version;
}

static struct envelope_key envelope_of(const struct master_key *master)
{
	return (struct envelope_key){ .key = &master->key,
		                      .id = master->id,
		                      .version = master->version };
}

static struct envelope_key master_envelope(const struct vault *vault)
{
	return envelope_of(&vault->master);
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

/* The master key that a row names; one that we don't have is said so, before
 * the envelope does. */
static bool find_master(const struct vault *vault, const struct uuid *id, uint32_t version,
                        struct envelope_key *master, struct err *err)
{
	const struct master_key *found = vault_is_newest(vault, id, version) ? &vault->master
	                                                                     : NULL;
	char text[UUID_TEXT];

	for (size_t i = 0; found == NULL && i < vault->former_count; i++) {
		const struct master_key *former = &vault->former[i].master;
		if (uuid_same(id, &former->id) && version == former->version)
			found = former;
	}
	if (found != NULL) {
		*master = envelope_of(found);
		return true;
	}
	uuid_render(id, text);
	(void)err_set(err, ERR_CRYPTO, _("this was sealed under master key %s, version %u"), text,
	              (unsigned)version);
	return err_hint(err, _("the service runs with another master key file"));
}

bool vault_knows(const struct vault *vault, const struct uuid *master, uint32_t version)
{
	struct err unknown = { 0 };
	struct envelope_key found;

	return find_master(vault, master, version, &found, &unknown);
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

bool vault_wrap_kek(const struct vault *vault, struct vault_kek *kek, const struct secret *key,
                    struct arena *arena, struct err *err)
{
	const struct envelope_key master = master_envelope(vault);
	const struct envelope_context context = kek_context(kek);

	kek->master = vault->master.id;
	kek->master_version = vault->master.version;
	return seal(&master, ENVELOPE_KEK, &context, key, arena, &kek->sealed, err);
}

bool vault_make_kek(const struct vault *vault, const struct uuid *provider, const char *kind,
                    struct arena *arena, struct vault_kek *kek, struct err *err)
{
	struct secret key = { 0 };

	*kek = (struct vault_kek){
		.provider = *provider, .id = uuid_make(), .version = 1, .kind = kind
	};
	bool ok = secret_random(&key, ENVELOPE_KEY, err)
	          && vault_wrap_kek(vault, kek, &key, arena, err);
	secret_drop(&key);
	return ok;
}

bool vault_take_kek(const struct vault *vault, const struct vault_kek *kek, struct secret *key,
                    struct err *err)
{
	const struct envelope_context context = kek_context(kek);
	struct envelope_key master;

	return find_master(vault, &kek->master, kek->master_version, &master, err)
	       && envelope_open(&master, ENVELOPE_KEK, &context, kek->sealed.bytes,
	                        kek->sealed.size, key, err);
}

bool vault_rewrap_kek(const struct vault *vault, struct vault_kek *kek, struct arena *arena,
                      struct err *err)
{
	const struct envelope_key newest = master_envelope(vault);
	const struct envelope_context context = kek_context(kek);
	struct vault_kek again = *kek;
	struct secret key = { 0 }, back = { 0 };

	again.master = vault->master.id;
	again.master_version = vault->master.version;
	bool ok = vault_take_kek(vault, kek, &key, err)
	          && seal(&newest, ENVELOPE_KEK, &context, &key, arena, &again.sealed, err)
	          && vault_take_kek(vault, &again, &back, err)
	          && (secret_same(&key, &back)
	              || err_set(err, ERR_CRYPTO,
	                         _("sealing gives another result than it should")));
	secret_drop(&key);
	secret_drop(&back);
	if (ok)
		*kek = again;
	return ok;
}

static struct envelope_key kek_envelope(const struct vault_kek *kek, const struct secret *key)
{
	return (struct envelope_key){ .key = key, .id = kek->id, .version = kek->version };
}

/* Under the key of a provider: what it is, and whose, is bound into the seal. */
static bool seal_under(const struct vault *vault, const struct vault_kek *kek,
                       enum envelope_kind kind, const struct envelope_context *context,
                       const struct secret *plain, struct arena *arena, struct sealed *sealed,
                       struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	bool ok = vault_take_kek(vault, kek, &key, err)
	          && seal(&with, kind, context, plain, arena, sealed, err);

	secret_drop(&key);
	return ok;
}

static bool open_under(const struct vault *vault, const struct vault_kek *kek,
                       enum envelope_kind kind, const struct envelope_context *context,
                       const struct sealed *sealed, struct secret *plain, struct err *err)
{
	struct secret key = { 0 };
	const struct envelope_key with = kek_envelope(kek, &key);
	bool ok = vault_take_kek(vault, kek, &key, err)
	          && envelope_open(&with, kind, context, sealed->bytes, sealed->size, plain, err);

	secret_drop(&key);
	return ok;
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
	const struct envelope_context context = key_context(name);

	return seal_under(vault, kek, ENVELOPE_DKIM, &context, pkcs8, arena, sealed, err);
}

bool vault_open_key(const struct vault *vault, const struct vault_kek *kek,
                    const struct vault_key *name, const struct sealed *sealed, struct secret *pkcs8,
                    struct err *err)
{
	const struct envelope_context context = key_context(name);

	return open_under(vault, kek, ENVELOPE_DKIM, &context, sealed, pkcs8, err);
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
	const struct envelope_context context = pool_context(name);

	return seal_under(vault, kek, ENVELOPE_POOL, &context, pkcs8, arena, sealed, err);
}

bool vault_open_pool_key(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_pool_key *name, const struct sealed *sealed,
                         struct secret *pkcs8, struct err *err)
{
	const struct envelope_context context = pool_context(name);

	return open_under(vault, kek, ENVELOPE_POOL, &context, sealed, pkcs8, err);
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
	const struct envelope_context context = password_context(name);

	return seal_under(vault, kek, ENVELOPE_SMARTHOST, &context, password, arena, sealed, err);
}

bool vault_open_password(const struct vault *vault, const struct vault_kek *kek,
                         const struct vault_password *name, const struct sealed *sealed,
                         struct secret *password, struct err *err)
{
	const struct envelope_context context = password_context(name);

	return open_under(vault, kek, ENVELOPE_SMARTHOST, &context, sealed, password, err);
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
	const struct envelope_context context = signer_context(signer);
	struct envelope_key master;

	return find_master(vault, &signer->master, signer->master_version, &master, err)
	       && envelope_open(&master, ENVELOPE_SIGNING, &context, signer->sealed.bytes,
	                        signer->sealed.size, secret_key, err);
}

bool vault_rewrap_signer(const struct vault *vault, struct vault_signer *signer,
                         struct arena *arena, struct err *err)
{
	const struct envelope_key newest = master_envelope(vault);
	const struct envelope_context context = signer_context(signer);
	struct vault_signer again = *signer;
	struct secret key = { 0 }, back = { 0 };

	again.master = vault->master.id;
	again.master_version = vault->master.version;
	bool ok = vault_open_signer(vault, signer, &key, err)
	          && seal(&newest, ENVELOPE_SIGNING, &context, &key, arena, &again.sealed, err)
	          && vault_open_signer(vault, &again, &back, err)
	          && (secret_same(&key, &back)
	              || err_set(err, ERR_CRYPTO,
	                         _("sealing gives another result than it should")));
	secret_drop(&key);
	secret_drop(&back);
	if (ok)
		*signer = again;
	return ok;
}

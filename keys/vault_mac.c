#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"
#include "keys/vault.h"

static void mac_with(const struct secret *key, const struct vault_text *text,
                     uint8_t mac[static VAULT_MAC])
{
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, key->bytes, key->size, VAULT_MAC);
	/* with its NUL: a label that continues another is not the other */
	(void)crypto_generichash_update(&state, (const unsigned char *)text->label,
	                                strlen(text->label) + 1);
	(void)crypto_generichash_update(&state, text->bytes, text->size);
	(void)crypto_generichash_final(&state, mac, VAULT_MAC);
	sodium_memzero(&state, sizeof state);
}

void vault_mac(const struct vault *vault, const struct vault_text *text,
               uint8_t mac[static VAULT_MAC])
{
	mac_with(&vault->registry_mac, text, mac);
}

bool vault_mac_fits(const struct vault *vault, const struct vault_text *text,
                    const unsigned char *mac, size_t size)
{
	uint8_t expected[VAULT_MAC];
	bool fits = false;

	if (size != sizeof expected)
		return false;
	mac_with(&vault->registry_mac, text, expected);
	fits = sodium_memcmp(mac, expected, sizeof expected) == 0;
	for (size_t i = 0; !fits && i < vault->former_count; i++) {
		mac_with(&vault->former[i].registry_mac, text, expected);
		fits = sodium_memcmp(mac, expected, sizeof expected) == 0;
	}
	return fits;
}

static struct vault_text relay_text(const struct vault_relay *relay)
{
	struct vault_text text = { .label = "senderctl/relay/v1" };
	unsigned char *to = text.bytes;

	memcpy(to, relay->provider.bytes, UUID_BYTES);
	memcpy(to + UUID_BYTES, relay->relay.bytes, UUID_BYTES);
	bytes_put_u32(to + 2 * UUID_BYTES, relay->version);
	memcpy(to + 2 * UUID_BYTES + 4, relay->public_key, sizeof relay->public_key);
	text.size = 2 * UUID_BYTES + 4 + sizeof relay->public_key;
	return text;
}

void vault_mac_relay(const struct vault *vault, const struct vault_relay *relay,
                     uint8_t mac[static VAULT_MAC])
{
	const struct vault_text text = relay_text(relay);

	vault_mac(vault, &text, mac);
}

bool vault_check_relay(const struct vault *vault, const struct vault_relay *relay,
                       const unsigned char *mac, size_t size, struct err *err)
{
	const struct vault_text text = relay_text(relay);

	if (vault_mac_fits(vault, &text, mac, size))
		return true;
	(void)err_set(err, ERR_CRYPTO,
	              _("the key of this relay was not enrolled by the key service"));
	return err_hint(err, _("somebody changed the database; look at \"senderctl history\", then "
	                       "enrol the relay again"));
}

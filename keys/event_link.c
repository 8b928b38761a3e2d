#include "keys/event_link.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"
#include "keys/hex.h"

static const char chain_name[] = "senderctl/events/v1\n";

const char *const event_link_fields[EVENT_LINK_FIELDS] = {
	"id", "at", "xid", "actor", "client_id", "subject", "what", "why", "detail",
};

void event_link_first(const char *provider_uuid, uint8_t link[static EVENT_LINK])
{
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, (const unsigned char *)chain_name,
	                                sizeof chain_name - 1);
	(void)crypto_hash_sha256_update(&state, (const unsigned char *)provider_uuid,
	                                strlen(provider_uuid));
	(void)crypto_hash_sha256_final(&state, link);
}

void event_link_next(const char *const fields[static EVENT_LINK_FIELDS],
                     uint8_t link[static EVENT_LINK])
{
	crypto_hash_sha256_state state;
	uint8_t length[4];

	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, link, EVENT_LINK);
	for (size_t i = 0; i < EVENT_LINK_FIELDS; i++) {
		size_t size = fields[i] != NULL ? strlen(fields[i]) : 0;
		bytes_put_u32(length, fields[i] != NULL ? (uint32_t)size : UINT32_MAX);
		(void)crypto_hash_sha256_update(&state, length, sizeof length);
		(void)crypto_hash_sha256_update(&state, (const unsigned char *)fields[i], size);
	}
	(void)crypto_hash_sha256_final(&state, link);
}

enum { MESSAGE = 256 };

static size_t seal_message(char message[static MESSAGE], const char *provider_uuid,
                           long long position, const uint8_t link[static EVENT_LINK])
{
	char hex[2 * EVENT_LINK + 1];

	hex_render(link, EVENT_LINK, hex);
	return (size_t)snprintf(message, MESSAGE, "senderctl/seal/v1\n%.36s\n%lld\n%s\n",
	                        provider_uuid, position, hex);
}

void event_seal_sign(const char *provider_uuid, long long position,
                     const uint8_t link[static EVENT_LINK], const uint8_t *secret_key,
                     uint8_t signature[static EVENT_SEAL])
{
	char message[MESSAGE];
	size_t size = seal_message(message, provider_uuid, position, link);

	(void)crypto_sign_detached(signature, NULL, (const unsigned char *)message, size,
	                           secret_key);
}

bool event_seal_check(const char *provider_uuid, long long position,
                      const uint8_t link[static EVENT_LINK],
                      const uint8_t public_key[static EVENT_SIGNER],
                      const uint8_t signature[static EVENT_SEAL], struct err *err)
{
	char message[MESSAGE];
	size_t size = seal_message(message, provider_uuid, position, link);

	return crypto_sign_verify_detached(signature, (const unsigned char *)message, size,
	                                   public_key)
	               == 0
	       || err_set(err, ERR_CRYPTO, _("the signature does not fit"));
}

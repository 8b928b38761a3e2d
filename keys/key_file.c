#include "keys/key_file.h"

#include <sodium.h>

#include "core/base/words.h"

enum { LINE = 64, BYTES_PER_LINE = 48, ED25519_HEADER = 16, ED25519_SIZE = 48 };

static const char begin[] = "-----BEGIN PRIVATE KEY-----\n";
static const char end[] = "-----END PRIVATE KEY-----\n";

bool key_file_is_ed25519(const struct secret *pkcs8)
{
	static const unsigned char oid[5] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };

	return pkcs8->size == ED25519_SIZE && memcmp(pkcs8->bytes + 7, oid, sizeof oid) == 0;
}

/* One line of base64 and a newline; the NUL that libsodium adds is overwritten
 * by the next line, and `room` counts it. */
static size_t put_line(unsigned char *at, size_t room, const unsigned char *bytes, size_t size)
{
	(void)sodium_bin2base64((char *)at, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
	size_t length = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL) - 1;
	at[length] = '\n';
	return length + 1;
}

bool key_file_pem(const struct secret *pkcs8, struct secret *out, struct err *err)
{
	struct secret text = { 0 };
	size_t lines = (pkcs8->size + BYTES_PER_LINE - 1) / BYTES_PER_LINE;
	size_t used = sizeof begin - 1;

	if (pkcs8->size < ED25519_SIZE || pkcs8->bytes[0] != 0x30)
		return err_set(err, ERR_CRYPTO, _("this is not a private key"));
	if (!secret_take(&text, sizeof begin + sizeof end + lines * (LINE + 1), err))
		return false;
	memcpy(text.bytes, begin, sizeof begin - 1);
	for (size_t i = 0; i < pkcs8->size; i += BYTES_PER_LINE) {
		size_t left = pkcs8->size - i;
		used += put_line(text.bytes + used, text.size - used, pkcs8->bytes + i,
		                 left < BYTES_PER_LINE ? left : BYTES_PER_LINE);
	}
	memcpy(text.bytes + used, end, sizeof end - 1);
	secret_shorten(&text, used + sizeof end - 1);
	secret_move(out, &text);
	return true;
}

bool key_file_rspamd(const struct secret *pkcs8, struct secret *out, struct err *err)
{
	struct secret pair = { 0 };
	struct secret text = { 0 };
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
	bool ok = false;

	if (!key_file_is_ed25519(pkcs8))
		return key_file_pem(pkcs8, out, err);
	/* libsodium's secret key is exactly what rspamd wants: seed || public */
	if (!secret_take(&pair, crypto_sign_SECRETKEYBYTES, err)
	    || !secret_take(&text, 2 * crypto_sign_SECRETKEYBYTES, err))
		goto out;
	(void)crypto_sign_seed_keypair(public_key, pair.bytes, pkcs8->bytes + ED25519_HEADER);
	secret_shorten(&text, put_line(text.bytes, text.size, pair.bytes, pair.size));
	secret_move(out, &text);
	ok = true;
out:
	secret_drop(&pair);
	secret_drop(&text);
	return ok;
}

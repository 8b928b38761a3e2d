#include "keys/keypair.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "core/base/words.h"
#include "keys/keypair_bn.h"
#include "keys/keypair_openssl.h"

enum {
	ARENA = 1 << 20, /* 4 KiB was too small for others (OpenSC #1515) */
	ARENA_SMALLEST = 32,
	TRIES = 10 /* EVP_RSA_gen fails once in a long while */
};

const char *const keypair_method_names[KEYPAIR_METHODS] = { "evp", "bn" };

static enum keypair_method method = KEYPAIR_BY_EVP;

void keypair_choose(enum keypair_method wanted)
{
	method = wanted;
}

bool keypair_setup(struct err *err)
{
	if (CRYPTO_secure_malloc_initialized() == 0
	    && CRYPTO_secure_malloc_init(ARENA, ARENA_SMALLEST) == 0)
		return err_set(err, ERR_CRYPTO, _("OpenSSL has no secure heap"));
	return true;
}

static bool openssl_fault(struct err *err, const char *what)
{
	char why[160];

	ERR_error_string_n(ERR_get_error(), why, sizeof why);
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, "%s: %s", what, why);
}

/*
 * PrivateKeyInfo = 30 82 LL LL  02 01 00  30 0D 06 09 2A864886F70D010101 05 00  04 82 LL LL  PKCS#1
 * Both lengths take two octets for every key of 1024 bits or more.
 */
static bool wrap_pkcs1(EVP_PKEY *key, struct secret *out, struct err *err)
{
	static const unsigned char header[26] = { 0x30, 0x82, 0,    0,    0x02, 0x01, 0x00,
		                                  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
		                                  0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
		                                  0x00, 0x04, 0x82, 0,    0 };
	int size = i2d_PrivateKey(key, NULL);

	if (size < 256 || size > 0xffff - (int)sizeof header)
		return openssl_fault(err, _("a new RSA key has a strange size"));
	if (!secret_take(out, sizeof header + (size_t)size, err))
		return false;
	memcpy(out->bytes, header, sizeof header);
	size_t outer = out->size - 4;
	out->bytes[2] = (unsigned char)(outer >> 8);
	out->bytes[3] = (unsigned char)outer;
	out->bytes[24] = (unsigned char)(size >> 8);
	out->bytes[25] = (unsigned char)size;
	unsigned char *at = out->bytes + sizeof header;
	if (i2d_PrivateKey(key, &at) != size)
		return openssl_fault(err, _("a new RSA key could not be written"));
	return true;
}

bool keypair_from_rsa(EVP_PKEY *key, struct keypair *pair, struct err *err)
{
	int size = i2d_PUBKEY(key, NULL);

	if (size <= 0 || size > KEYPAIR_PUBLIC)
		return openssl_fault(err, _("a new RSA key has a strange size"));
	unsigned char *at = pair->public_key;
	pair->public_size = (size_t)i2d_PUBKEY(key, &at);
	return wrap_pkcs1(key, &pair->pkcs8, err);
}

static bool find_rsa(int bits, EVP_PKEY **key, struct err *err)
{
	if (method == KEYPAIR_BY_BN)
		return keypair_bn_make(bits, key, err);
	for (int i = 0; *key == NULL && i < TRIES; i++)
		*key = EVP_RSA_gen((unsigned)bits);
	return *key != NULL || openssl_fault(err, _("no RSA key could be made"));
}

static bool make_rsa(int bits, struct keypair *pair, struct err *err)
{
	EVP_PKEY *key = NULL;

	if (bits != 2048 && bits != 3072 && bits != 4096)
		return err_set(err, ERR_INPUT, _("an RSA key has 2048, 3072 or 4096 bits, not %d"),
		               bits);
	bool ok = find_rsa(bits, &key, err) && keypair_from_rsa(key, pair, err);
	EVP_PKEY_free(key); /* its numbers are cleared */
	return ok;
}

/* PKCS#8 v1: the same 16 octets before every seed (RFC 8410). */
bool keypair_from_seed(const struct secret *seed, struct keypair *pair, struct err *err)
{
	static const unsigned char header[16] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
		                                  0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
	struct secret secret_key = { 0 };

	if (!secret_take(&secret_key, crypto_sign_SECRETKEYBYTES, err)
	    || !secret_take(&pair->pkcs8, sizeof header + seed->size, err)) {
		secret_drop(&secret_key);
		return false;
	}
	(void)crypto_sign_seed_keypair(pair->public_key, secret_key.bytes, seed->bytes);
	pair->public_size = crypto_sign_PUBLICKEYBYTES;
	memcpy(pair->pkcs8.bytes, header, sizeof header);
	memcpy(pair->pkcs8.bytes + sizeof header, seed->bytes, seed->size);
	secret_drop(&secret_key);
	return true;
}

static bool make_ed25519(struct keypair *pair, struct err *err)
{
	struct secret seed = { 0 };
	bool ok = secret_random(&seed, crypto_sign_SEEDBYTES, err)
	          && keypair_from_seed(&seed, pair, err);

	secret_drop(&seed);
	return ok;
}

bool keypair_make(enum keypair_kind kind, int bits, struct keypair *pair, struct err *err)
{
	*pair = (struct keypair){ 0 };
	bool ok = kind == KEYPAIR_RSA ? make_rsa(bits, pair, err) : make_ed25519(pair, err);

	if (ok)
		secret_seal(&pair->pkcs8);
	else
		keypair_drop(pair);
	return ok;
}

void keypair_drop(struct keypair *pair)
{
	secret_drop(&pair->pkcs8);
	*pair = (struct keypair){ 0 };
}

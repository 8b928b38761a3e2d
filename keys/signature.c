#include "keys/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>

#include "core/base/words.h"

enum { SEED_AT = 16, ED25519_SIZE = 48 };

static bool fault(struct err *err)
{
	ERR_clear_error();
	return err_set(err, ERR_CRYPTO, _("a private key does not sign"));
}

static bool make_rsa(const struct secret *pkcs8, const void *message, size_t length,
                     uint8_t *signature, size_t *size, struct err *err)
{
	const unsigned char *at = pkcs8->bytes;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)pkcs8->size);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = key != NULL && context != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_RSA
	          && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1
	          && EVP_DigestSign(context, signature, size, message, length) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return ok || fault(err);
}

static bool make_ed25519(const struct secret *pkcs8, const void *message, size_t length,
                         uint8_t *signature, size_t *size, struct err *err)
{
	struct secret pair = { 0 };
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];

	if (pkcs8->size != ED25519_SIZE)
		return fault(err);
	if (!secret_take(&pair, crypto_sign_SECRETKEYBYTES, err))
		return false;
	(void)crypto_sign_seed_keypair(public_key, pair.bytes, pkcs8->bytes + SEED_AT);
	(void)crypto_sign_detached(signature, NULL, message, length, pair.bytes);
	*size = crypto_sign_BYTES;
	secret_drop(&pair);
	return true;
}

bool signature_make(enum keypair_kind kind, const struct secret *pkcs8, const void *message,
                    size_t length, uint8_t signature[static SIGNATURE_MOST], size_t *size,
                    struct err *err)
{
	*size = SIGNATURE_MOST;
	return kind == KEYPAIR_RSA ? make_rsa(pkcs8, message, length, signature, size, err)
	                           : make_ed25519(pkcs8, message, length, signature, size, err);
}

static bool check_rsa(const void *public_key, size_t public_size, const void *message,
                      size_t length, const uint8_t *signature, size_t size)
{
	const unsigned char *at = public_key;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)public_size);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = key != NULL && context != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_RSA
	          && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
	          && EVP_DigestVerify(context, signature, size, message, length) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}

bool signature_check(enum keypair_kind kind, const void *public_key, size_t public_size,
                     const void *message, size_t length, const uint8_t *signature, size_t size,
                     struct err *err)
{
	bool ok = kind == KEYPAIR_RSA
	                  ? check_rsa(public_key, public_size, message, length, signature, size)
	                  : public_size == crypto_sign_PUBLICKEYBYTES && size == crypto_sign_BYTES
	                            && crypto_sign_verify_detached(signature, message, length,
	                                                           public_key)
	                                       == 0;

	return ok
	       || err_set(err, ERR_CRYPTO,
	                  _("a signature does not fit the public key that is known"));
}

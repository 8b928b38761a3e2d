#include "keys/key_text.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "core/base/words.h"
#include "keys/keypair_bn.h"
#include "keys/keypair_openssl.h"

const char *key_text_sentence(enum key_text_fault fault)
{
	static const char *const sentences[KEY_TEXT_FAULTS] = {
		[KEY_TEXT_NO_KEY] = N_(
			"this is no private key: neither PEM nor one line of base64"),
		[KEY_TEXT_PUBLIC] = N_(
			"this is a public key or a certificate, not the private key"),
		[KEY_TEXT_ENCRYPTED] = N_(
			"this key wants a passphrase: remove it with \"openssl pkey\" first"),
		[KEY_TEXT_KIND] = N_("DKIM knows RSA and Ed25519; this key is of another kind"),
		[KEY_TEXT_BITS] = N_("an RSA key has 1024, 2048, 3072 or 4096 bits"),
		[KEY_TEXT_BROKEN] = N_("the numbers of this key do not belong together"),
		[KEY_TEXT_INTERNAL] = N_("the key could not be read"),
	};

	return fault > KEY_TEXT_FINE && fault < KEY_TEXT_FAULTS ? _(sentences[fault])
	                                                        : _(sentences[KEY_TEXT_INTERNAL]);
}

/* A first key through the decoders: they fetch what they need once. */
void key_text_setup(void)
{
	static const char nothing[] =
		"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
	BIO *bio = BIO_new_mem_buf(nothing, (int)sizeof nothing - 1);

	(void)OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_CIPHERS
	                                  | OPENSSL_INIT_ADD_ALL_DIGESTS,
	                          NULL);
	EVP_PKEY_free(PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL));
	BIO_free(bio);
}

static bool holds(const unsigned char *text, size_t size, const char *word)
{
	return memmem(text, size, word, strlen(word)) != NULL;
}

/* ---- one line of base64 ---- */

/* rspamd writes the seed, rspamadm seed and public half; both begin with the seed. */
static enum key_text_fault read_seed(const unsigned char *text, size_t size, struct keypair *pair)
{
	struct secret bytes = { 0 };
	struct secret seed = { 0 };
	struct err ignored = { 0 };
	const char *end = NULL;
	size_t length = 0;

	if (!secret_take(&bytes, crypto_sign_SECRETKEYBYTES, &ignored))
		return KEY_TEXT_INTERNAL;
	enum key_text_fault fault = KEY_TEXT_NO_KEY;
	if (sodium_base642bin(bytes.bytes, bytes.size, (const char *)text, size, " \t\r\n", &length,
	                      &end, sodium_base64_VARIANT_ORIGINAL)
	            != 0
	    || end != (const char *)text + size
	    || (length != crypto_sign_SEEDBYTES && length != crypto_sign_SECRETKEYBYTES))
		goto out;
	fault = KEY_TEXT_INTERNAL;
	if (!secret_copy(&seed, bytes.bytes, crypto_sign_SEEDBYTES, &ignored)
	    || !keypair_from_seed(&seed, pair, &ignored))
		goto out;
	fault = KEY_TEXT_FINE;
	if (length == crypto_sign_SECRETKEYBYTES
	    && memcmp(bytes.bytes + crypto_sign_SEEDBYTES, pair->public_key,
	              crypto_sign_PUBLICKEYBYTES)
	               != 0)
		fault = KEY_TEXT_BROKEN;
out:
	secret_drop(&bytes);
	secret_drop(&seed);
	return fault;
}

/* ---- PEM ---- */

static enum key_text_fault take_ed25519(EVP_PKEY *key, struct keypair *pair)
{
	struct secret seed = { 0 };
	struct err ignored = { 0 };
	size_t size = crypto_sign_SEEDBYTES;

	if (!secret_take(&seed, size, &ignored))
		return KEY_TEXT_INTERNAL;
	bool ok = EVP_PKEY_get_raw_private_key(key, seed.bytes, &size) == 1
	          && size == crypto_sign_SEEDBYTES && keypair_from_seed(&seed, pair, &ignored);
	secret_drop(&seed);
	return ok ? KEY_TEXT_FINE : KEY_TEXT_INTERNAL;
}

static enum key_text_fault take_rsa(EVP_PKEY *key, int *bits, struct keypair *pair)
{
	struct err ignored = { 0 };

	*bits = EVP_PKEY_get_bits(key);
	if (*bits != 1024 && *bits != 2048 && *bits != 3072 && *bits != 4096)
		return KEY_TEXT_BITS;
	/* one whose numbers do not fit makes signatures that nobody can verify */
	if (!keypair_bn_whole(key))
		return KEY_TEXT_BROKEN;
	return keypair_from_rsa(key, pair, &ignored) ? KEY_TEXT_FINE : KEY_TEXT_INTERNAL;
}

/* No passphrase is ever asked for. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
	UNUSED(buffer);
	UNUSED(size);
	UNUSED(writing);
	UNUSED(context);
	return -1;
}

static enum key_text_fault read_pem(const unsigned char *text, size_t size, enum keypair_kind *kind,
                                    int *bits, struct keypair *pair)
{
	BIO *bio = BIO_new_mem_buf(text, (int)size);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	enum key_text_fault fault = KEY_TEXT_KIND;

	BIO_free(bio);
	if (key == NULL)
		return holds(text, size, "PRIVATE KEY-----") ? KEY_TEXT_BROKEN : KEY_TEXT_PUBLIC;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		*kind = KEYPAIR_ED25519;
		*bits = 256;
		fault = take_ed25519(key, pair);
	} else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
		*kind = KEYPAIR_RSA;
		fault = take_rsa(key, bits, pair);
	}
	EVP_PKEY_free(key);
	return fault;
}

enum key_text_fault key_text_read(const unsigned char *text, size_t size, enum keypair_kind *kind,
                                  int *bits, struct keypair *pair)
{
	*pair = (struct keypair){ 0 };
	if (holds(text, size, "ENCRYPTED"))
		return KEY_TEXT_ENCRYPTED;
	if (holds(text, size, "-----BEGIN "))
		return read_pem(text, size, kind, bits, pair);
	*kind = KEYPAIR_ED25519;
	*bits = 256;
	return read_seed(text, size, pair);
}

#include "keys/officer_key.h"

#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"
#include "keys/secret_file.h"

enum {
	AT_SALT = 4,
	AT_PASSES = 20,
	AT_MEMORY = 24,
	AT_MADE = 32,
	AT_PUBLIC = 40,
	AT_NONCE = 72,
	AT_BOX = 96,
	FILE_SIZE = AT_BOX + 48,
	PASSES_MOST = 64,
};

static const unsigned char magic[4] = { 'S', 'K', 'I', 1 };
static const char prefix[] = "sko1:";

static const struct {
	const char *word;
	uint32_t passes;
	uint64_t memory;
} costs[OFFICER_COSTS] = {
	[OFFICER_SENSITIVE] = { "sensitive", crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE,
	                        crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE },
	[OFFICER_MODERATE] = { "moderate", crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
	                       crypto_pwhash_argon2id_MEMLIMIT_MODERATE },
};

enum officer_cost officer_key_cost(const char *word)
{
	int cost = 0;

	while (cost < OFFICER_COSTS && strcmp(costs[cost].word, word) != 0)
		cost++;
	return (enum officer_cost)cost;
}

/* The key that the passphrase makes, at the cost that the file states. */
static bool stretch(const struct secret *passphrase, const unsigned char *file,
                    struct secret *wrapping, struct err *err)
{
	unsigned long long passes = bytes_get_u32(file + AT_PASSES);
	unsigned long long memory = bytes_get_u64(file + AT_MEMORY);

	/* many passes over little memory are no match for one over much: both count */
	if (passes < crypto_pwhash_argon2id_OPSLIMIT_MODERATE
	    || memory < crypto_pwhash_argon2id_MEMLIMIT_MODERATE)
		return err_set(err, ERR_REFUSED,
		               _("the identity file makes guessing its passphrase too cheap"));
	if (memory > OFFICER_KEY_MEMORY || passes > PASSES_MOST)
		return err_set(err, ERR_REFUSED,
		               _("the identity file asks for too much memory or time"));
	if (!secret_take(wrapping, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, err))
		return false;
	if (crypto_pwhash(wrapping->bytes, wrapping->size, (const char *)passphrase->bytes,
	                  passphrase->size, file + AT_SALT, passes, (size_t)memory,
	                  crypto_pwhash_ALG_ARGON2ID13)
	    != 0)
		return err_set(err, ERR_CRYPTO, _("not enough memory to check the passphrase"));
	return true;
}

static bool render(const struct officer_key *key, const struct secret *passphrase,
                   enum officer_cost cost, unsigned char *file, struct err *err)
{
	struct secret wrapping = { 0 };

	memcpy(file, magic, sizeof magic);
	randombytes_buf(file + AT_SALT, crypto_pwhash_SALTBYTES);
	bytes_put_u32(file + AT_PASSES, costs[cost].passes);
	bytes_put_u64(file + AT_MEMORY, costs[cost].memory);
	bytes_put_u64(file + AT_MADE, (uint64_t)time(NULL));
	memcpy(file + AT_PUBLIC, key->public_key, OFFICER_KEY_PUBLIC);
	randombytes_buf(file + AT_NONCE, AT_BOX - AT_NONCE);
	bool ok = stretch(passphrase, file, &wrapping, err);
	if (ok)
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(file + AT_BOX, NULL,
		                                                 key->secret_key.bytes,
		                                                 key->secret_key.size, file, AT_BOX,
		                                                 NULL, file + AT_NONCE,
		                                                 wrapping.bytes);
	secret_drop(&wrapping);
	return ok;
}

bool officer_key_make(struct officer_key *key, const char *path, const struct secret *passphrase,
                      enum officer_cost cost, struct err *err)
{
	struct secret file = { 0 };
	bool ok = false;

	*key = (struct officer_key){ .public_key = { 0 } };
	if (!secret_take(&file, FILE_SIZE, err)
	    || !secret_take(&key->secret_key, crypto_box_SECRETKEYBYTES, err))
		goto out;
	(void)crypto_box_keypair(key->public_key, key->secret_key.bytes);
	secret_seal(&key->secret_key);
	ok = render(key, passphrase, cost, file.bytes, err)
	     && secret_file_write(path, 0400, &file, err);
out:
	secret_drop(&file);
	return ok;
}

static bool open_box(struct officer_key *key, const unsigned char *file, const char *path,
                     const struct secret *passphrase, struct err *err)
{
	struct secret wrapping = { 0 };
	uint8_t public_key[OFFICER_KEY_PUBLIC];
	bool ok = stretch(passphrase, file, &wrapping, err)
	          && secret_take(&key->secret_key, crypto_box_SECRETKEYBYTES, err);

	if (ok
	    && (crypto_aead_xchacha20poly1305_ietf_decrypt(key->secret_key.bytes, NULL, NULL,
	                                                   file + AT_BOX, FILE_SIZE - AT_BOX, file,
	                                                   AT_BOX, file + AT_NONCE, wrapping.bytes)
	                != 0
	        || crypto_scalarmult_base(public_key, key->secret_key.bytes) != 0
	        || memcmp(public_key, key->public_key, sizeof public_key) != 0))
		ok = err_set(err, ERR_CRYPTO,
		             _("this is not the passphrase of %s, or the file is damaged"), path);
	secret_drop(&wrapping);
	return ok;
}

bool officer_key_read(struct officer_key *key, const char *path, const struct secret *passphrase,
                      struct err *err)
{
	struct secret file = { 0 };
	bool ok = false;

	*key = (struct officer_key){ .public_key = { 0 } };
	if (!secret_file_read(path, FILE_SIZE, &file, err))
		goto out;
	if (file.size != FILE_SIZE || memcmp(file.bytes, magic, sizeof magic) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("%s is not the identity of an officer"), path);
		goto out;
	}
	memcpy(key->public_key, file.bytes + AT_PUBLIC, OFFICER_KEY_PUBLIC);
	ok = passphrase == NULL || open_box(key, file.bytes, path, passphrase, err);
	secret_seal(&key->secret_key);
out:
	if (!ok)
		officer_key_drop(key);
	secret_drop(&file);
	return ok;
}

void officer_key_drop(struct officer_key *key)
{
	secret_drop(&key->secret_key);
	*key = (struct officer_key){ .public_key = { 0 } };
}

void officer_key_render(const uint8_t public_key[static OFFICER_KEY_PUBLIC],
                        char text[static OFFICER_KEY_TEXT])
{
	size_t used = sizeof prefix - 1;

	memcpy(text, prefix, used);
	(void)sodium_bin2base64(text + used, OFFICER_KEY_TEXT - used, public_key,
	                        OFFICER_KEY_PUBLIC, sodium_base64_VARIANT_ORIGINAL);
}

bool officer_key_parse(const char *text, uint8_t public_key[static OFFICER_KEY_PUBLIC],
                       struct err *err)
{
	unsigned char probe[crypto_box_SEALBYTES + 1];
	const size_t used = sizeof prefix - 1;
	size_t got = 0;

	/* a point of small order would fail at every split: better now */
	if (text != NULL && strncmp(text, prefix, used) == 0
	    && sodium_base642bin(public_key, OFFICER_KEY_PUBLIC, text + used, strlen(text + used),
	                         NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL)
	               == 0
	    && got == OFFICER_KEY_PUBLIC
	    && crypto_box_seal(probe, (const unsigned char *)"", 0, public_key) == 0)
		return true;
	(void)err_set(err, ERR_INPUT, _("this is not the public key of an officer"));
	return err_hint(err, _("\"senderctl-officer keygen\" prints it; it begins with %s"),
	                prefix);
}

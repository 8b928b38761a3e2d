#include "keys/identity.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/fingerprint.h"
#include "keys/secret_file.h"

enum { SEED = 32, CHECKSUM = 16, FILE_SIZE = 4 + SEED + CHECKSUM };

static const unsigned char magic[4] = { 'S', 'K', 'R', 1 };
static const char relay_prefix[] = "skr1:";
static const char signer_prefix[] = "sks1:";

/* Two keys for two duties from one seed. */
static bool grow(struct identity *identity, const unsigned char *seed, struct err *err)
{
	struct secret branch = { 0 };

	if (!secret_take(&branch, SEED, err) || !secret_take(&identity->box, IDENTITY_BOX, err)
	    || !secret_take(&identity->sign, crypto_sign_SECRETKEYBYTES, err)) {
		secret_drop(&branch);
		return false;
	}
	(void)crypto_kdf_derive_from_key(branch.bytes, SEED, 1, "skrelay1", seed);
	(void)crypto_box_seed_keypair(identity->public_key, identity->box.bytes, branch.bytes);
	(void)crypto_kdf_derive_from_key(branch.bytes, SEED, 2, "skrelay1", seed);
	(void)crypto_sign_seed_keypair(identity->public_key + IDENTITY_BOX, identity->sign.bytes,
	                               branch.bytes);
	secret_drop(&branch);
	secret_seal(&identity->box);
	secret_seal(&identity->sign);
	return true;
}

bool identity_make(struct identity *identity, const char *path, struct err *err)
{
	struct secret file = { 0 };
	bool ok = false;

	*identity = (struct identity){ 0 };
	if (!secret_take(&file, FILE_SIZE, err))
		return false;
	memcpy(file.bytes, magic, sizeof magic);
	randombytes_buf(file.bytes + sizeof magic, SEED);
	(void)crypto_generichash(file.bytes + sizeof magic + SEED, CHECKSUM, file.bytes,
	                         sizeof magic + SEED, NULL, 0);
	ok = secret_file_write(path, 0600, &file, err)
	     && grow(identity, file.bytes + sizeof magic, err);
	secret_drop(&file);
	return ok;
}

bool identity_read(struct identity *identity, const char *path, struct err *err)
{
	struct secret file = { 0 };
	unsigned char sum[CHECKSUM];
	bool ok = false;

	*identity = (struct identity){ 0 };
	if (!secret_file_read(path, FILE_SIZE, &file, err))
		goto out;
	if (file.size != FILE_SIZE || memcmp(file.bytes, magic, sizeof magic) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("%s is not the identity of a relay"), path);
		goto out;
	}
	(void)crypto_generichash(sum, sizeof sum, file.bytes, sizeof magic + SEED, NULL, 0);
	if (sodium_memcmp(sum, file.bytes + sizeof magic + SEED, sizeof sum) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("%s is damaged"), path);
		goto out;
	}
	ok = grow(identity, file.bytes + sizeof magic, err);
out:
	secret_drop(&file);
	return ok;
}

void identity_drop(struct identity *identity)
{
	secret_drop(&identity->box);
	secret_drop(&identity->sign);
}

static void render(const char *prefix, const uint8_t *bytes, size_t size, char *text, size_t room)
{
	size_t used = strlen(prefix);

	memcpy(text, prefix, used);
	(void)sodium_bin2base64(text + used, room - used, bytes, size,
	                        sodium_base64_VARIANT_ORIGINAL);
}

static bool parse(const char *prefix, const char *text, uint8_t *bytes, size_t size)
{
	size_t used = strlen(prefix);
	size_t got = 0;

	return text != NULL && strncmp(text, prefix, used) == 0
	       && sodium_base642bin(bytes, size, text + used, strlen(text + used), NULL, &got, NULL,
	                            sodium_base64_VARIANT_ORIGINAL)
	                  == 0
	       && got == size;
}

void identity_render(const uint8_t public_key[static IDENTITY_PUBLIC],
                     char text[static IDENTITY_TEXT])
{
	render(relay_prefix, public_key, IDENTITY_PUBLIC, text, IDENTITY_TEXT);
}

bool identity_parse(const char *text, uint8_t public_key[static IDENTITY_PUBLIC], struct err *err)
{
	unsigned char probe[crypto_box_SEALBYTES + 1];

	/* sealing to a point of small order would fail on every export: better now */
	if (parse(relay_prefix, text, public_key, IDENTITY_PUBLIC)
	    && crypto_box_seal(probe, (const unsigned char *)"", 0, public_key) == 0)
		return true;
	(void)err_set(err, ERR_INPUT, _("this is not the public identity of a relay"));
	return err_hint(err,
	                _("\"senderctl relay keygen\" on the relay prints it; it begins with %s"),
	                relay_prefix);
}

void identity_render_signer(const uint8_t public_key[static IDENTITY_SIGN],
                            char text[static IDENTITY_TEXT])
{
	render(signer_prefix, public_key, IDENTITY_SIGN, text, IDENTITY_TEXT);
}

bool identity_parse_signer(const char *text, uint8_t public_key[static IDENTITY_SIGN],
                           struct err *err)
{
	if (parse(signer_prefix, text, public_key, IDENTITY_SIGN))
		return true;
	return err_set(err, ERR_INPUT,
	               _("this is not the signing key of a key service: it begins with %s"),
	               signer_prefix);
}

void identity_fingerprint(const uint8_t public_key[static IDENTITY_PUBLIC],
                          char text[static IDENTITY_FINGERPRINT])
{
	fingerprint_render(public_key, IDENTITY_PUBLIC, text);
}

#include "keys/master_key.h"

#include <time.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"
#include "keys/secret_file.h"

enum {
	FORM_RAW = 1,
	FORM_PASSPHRASE = 2,
	AT_FORM = 4,
	AT_ZERO = 5,
	AT_ID = 8,
	AT_VERSION = 24,
	AT_MADE = 28,
	HEAD = 36,
	CHECKSUM = 16,
	RAW_SIZE = HEAD + MASTER_KEY_SIZE + CHECKSUM,
	AT_SALT = HEAD,
	AT_PASSES = AT_SALT + 16,
	AT_MEMORY = AT_PASSES + 4,
	AT_NONCE = AT_MEMORY + 8,
	AT_BOX = AT_NONCE + 24,
	PASSPHRASE_SIZE = AT_BOX + MASTER_KEY_SIZE + 16,
};
_Static_assert((int)PASSPHRASE_SIZE == (int)MASTER_KEY_FILE, "the header promises another size");

static const unsigned char magic[4] = { 'S', 'K', 'M', 1 };

bool master_key_make(struct master_key *master, struct err *err)
{
	*master = (struct master_key){ .id = uuid_make(), .version = 1 };
	return secret_random(&master->key, MASTER_KEY_SIZE, err);
}

bool master_key_succeed(const struct master_key *former, struct master_key *master, struct err *err)
{
	*master = (struct master_key){ .id = former->id, .version = former->version + 1 };
	return secret_random(&master->key, MASTER_KEY_SIZE, err);
}

static void write_head(const struct master_key *master, int form, unsigned char *out)
{
	memcpy(out, magic, sizeof magic);
	out[AT_FORM] = (unsigned char)form;
	memcpy(out + AT_ID, master->id.bytes, UUID_BYTES);
	bytes_put_u32(out + AT_VERSION, master->version);
	bytes_put_u64(out + AT_MADE, (uint64_t)time(NULL));
}

/* The key that the passphrase makes, at the cost that the file states. */
static bool stretch(const struct secret *passphrase, const unsigned char *file,
                    struct secret *wrapping, struct err *err)
{
	unsigned long long passes = bytes_get_u32(file + AT_PASSES);
	unsigned long long memory = bytes_get_u64(file + AT_MEMORY);

	if (passes < crypto_pwhash_argon2id_OPSLIMIT_MODERATE
	    || memory < crypto_pwhash_argon2id_MEMLIMIT_MODERATE)
		return err_set(err, ERR_REFUSED,
		               _("the master key file makes guessing its passphrase too cheap"));
	if (memory > MASTER_KEY_MEMORY || passes > 64)
		return err_set(err, ERR_REFUSED,
		               _("the master key file asks for too much memory or time"));
	if (!secret_take(wrapping, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, err))
		return false;
	if (crypto_pwhash(wrapping->bytes, wrapping->size, (const char *)passphrase->bytes,
	                  passphrase->size, file + AT_SALT, passes, (size_t)memory,
	                  crypto_pwhash_ALG_ARGON2ID13)
	    != 0)
		return err_set(err, ERR_CRYPTO, _("not enough memory to check the passphrase"));
	return true;
}

static bool render_raw(const struct master_key *master, struct secret *out, struct err *err)
{
	if (!secret_take(out, RAW_SIZE, err))
		return false;
	write_head(master, FORM_RAW, out->bytes);
	memcpy(out->bytes + HEAD, master->key.bytes, MASTER_KEY_SIZE);
	(void)crypto_generichash(out->bytes + HEAD + MASTER_KEY_SIZE, CHECKSUM, out->bytes,
	                         HEAD + MASTER_KEY_SIZE, NULL, 0);
	return true;
}

static bool render_locked(const struct master_key *master, const struct secret *passphrase,
                          struct secret *out, struct err *err)
{
	struct secret wrapping = { 0 };
	bool ok = false;

	if (!secret_take(out, PASSPHRASE_SIZE, err))
		return false;
	write_head(master, FORM_PASSPHRASE, out->bytes);
	randombytes_buf(out->bytes + AT_SALT, 16);
	bytes_put_u32(out->bytes + AT_PASSES, crypto_pwhash_argon2id_OPSLIMIT_MODERATE);
	bytes_put_u64(out->bytes + AT_MEMORY, crypto_pwhash_argon2id_MEMLIMIT_MODERATE);
	randombytes_buf(out->bytes + AT_NONCE, 24);
	if (!stretch(passphrase, out->bytes, &wrapping, err))
		goto out;
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out->bytes + AT_BOX, NULL,
	                                                 master->key.bytes, MASTER_KEY_SIZE,
	                                                 out->bytes, AT_BOX, NULL,
	                                                 out->bytes + AT_NONCE, wrapping.bytes);
	ok = true;
out:
	secret_drop(&wrapping);
	return ok;
}

bool master_key_write(const struct master_key *master, const char *path,
                      const struct secret *passphrase, struct err *err)
{
	struct secret file = { 0 };
	bool ok = (passphrase == NULL ? render_raw(master, &file, err)
	                              : render_locked(master, passphrase, &file, err))
	          && secret_file_write(path, 0400, &file, err);

	secret_drop(&file);
	return ok;
}

static bool well_formed(const struct secret *file, const char *name, struct err *err)
{
	static const unsigned char zero[3] = { 0 };

	if (file->size < HEAD || memcmp(file->bytes, magic, sizeof magic) != 0
	    || memcmp(file->bytes + AT_ZERO, zero, sizeof zero) != 0
	    || bytes_get_u32(file->bytes + AT_VERSION) == 0)
		return err_set(err, ERR_CRYPTO, _("%s is not a master key file"), name);
	unsigned form = file->bytes[AT_FORM];
	if (!(form == FORM_RAW && file->size == RAW_SIZE)
	    && !(form == FORM_PASSPHRASE && file->size == PASSPHRASE_SIZE))
		return err_set(err, ERR_CRYPTO,
		               _("%s is damaged or of a form that is not known here"), name);
	return true;
}

bool master_key_look(const struct secret *file, const char *name, struct master_key_head *head,
                     struct err *err)
{
	if (!well_formed(file, name, err))
		return false;
	memcpy(head->id.bytes, file->bytes + AT_ID, UUID_BYTES);
	head->version = bytes_get_u32(file->bytes + AT_VERSION);
	head->locked = file->bytes[AT_FORM] == FORM_PASSPHRASE;
	return true;
}

static bool take_raw(const struct secret *file, const char *path, struct secret *key,
                     struct err *err)
{
	unsigned char sum[CHECKSUM];

	(void)crypto_generichash(sum, sizeof sum, file->bytes, HEAD + MASTER_KEY_SIZE, NULL, 0);
	if (sodium_memcmp(sum, file->bytes + HEAD + MASTER_KEY_SIZE, sizeof sum) != 0)
		return err_set(err, ERR_CRYPTO, _("%s is damaged"), path);
	return secret_copy(key, file->bytes + HEAD, MASTER_KEY_SIZE, err);
}

static bool take_locked(const struct secret *file, const char *path,
                        const struct secret *passphrase, struct secret *key, struct err *err)
{
	struct secret wrapping = { 0 };
	bool ok = false;

	if (passphrase == NULL) {
		(void)err_set(err, ERR_REFUSED, _("%s needs its passphrase"), path);
		goto out;
	}
	if (!stretch(passphrase, file->bytes, &wrapping, err)
	    || !secret_take(key, MASTER_KEY_SIZE, err))
		goto out;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(key->bytes, NULL, NULL, file->bytes + AT_BOX,
	                                               MASTER_KEY_SIZE + 16, file->bytes, AT_BOX,
	                                               file->bytes + AT_NONCE, wrapping.bytes)
	    != 0) {
		(void)err_set(err, ERR_CRYPTO,
		              _("this is not the passphrase of %s, or the file is damaged"), path);
		goto out;
	}
	ok = true;
out:
	secret_drop(&wrapping);
	return ok;
}

bool master_key_parse(struct master_key *master, const struct secret *file, const char *name,
                      const struct secret *passphrase, struct err *err)
{
	struct master_key_head head;

	*master = (struct master_key){ 0 };
	if (!master_key_look(file, name, &head, err)
	    || !(head.locked ? take_locked(file, name, passphrase, &master->key, err)
	                     : take_raw(file, name, &master->key, err))) {
		master_key_drop(master);
		return false;
	}
	master->id = head.id;
	master->version = head.version;
	secret_seal(&master->key);
	return true;
}

bool master_key_read(struct master_key *master, const char *path, const struct secret *passphrase,
                     struct err *err)
{
	struct secret file = { 0 };

	*master = (struct master_key){ 0 };
	bool ok = secret_file_read(path, MASTER_KEY_FILE, &file, err)
	          && master_key_parse(master, &file, path, passphrase, err);
	secret_drop(&file);
	return ok;
}

bool master_key_derive(const struct master_key *master, const char *duty, struct secret *derived,
                       struct err *err)
{
	static const char label[] = "senderctl/mk/v1";
	crypto_generichash_state state;

	if (!secret_take(derived, 32, err))
		return false;
	(void)crypto_generichash_init(&state, master->key.bytes, master->key.size, derived->size);
	(void)crypto_generichash_update(&state, (const unsigned char *)label, sizeof label);
	(void)crypto_generichash_update(&state, (const unsigned char *)duty, strlen(duty));
	(void)crypto_generichash_final(&state, derived->bytes, derived->size);
	sodium_memzero(&state, sizeof state);
	secret_seal(derived);
	return true;
}

void master_key_drop(struct master_key *master)
{
	secret_drop(&master->key);
	*master = (struct master_key){ 0 };
}

#include "keys/envelope.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

enum {
	AT_SUITE = 4,
	AT_KIND = 5,
	AT_ZERO = 6,
	AT_KEY_ID = 8,
	AT_KEY_VERSION = 24,
	AT_NONCE = 28,
	AT_COMMIT = 52,
	SUITE_XCHACHA = 1,
	COMMIT = 32,
};

static const unsigned char magic[4] = { 'S', 'K', 'E', 1 };
static const char label[] = "senderctl/ske/v1";

void envelope_context_add(struct envelope_context *context, enum envelope_tag tag,
                          const void *bytes, size_t size)
{
	unsigned char *at = context->bytes + context->size;

	if (size > sizeof context->bytes || context->size + 5 + size > sizeof context->bytes) {
		context->too_long = true;
		return;
	}
	at[0] = (unsigned char)tag;
	bytes_put_u32(at + 1, (uint32_t)size);
	if (size > 0)
		memcpy(at + 5, bytes, size);
	context->size += 5 + size;
}

void envelope_context_uuid(struct envelope_context *context, enum envelope_tag tag,
                           const struct uuid *uuid)
{
	envelope_context_add(context, tag, uuid->bytes, UUID_BYTES);
}

void envelope_context_number(struct envelope_context *context, enum envelope_tag tag,
                             uint32_t number)
{
	unsigned char four[4];

	bytes_put_u32(four, number);
	envelope_context_add(context, tag, four, sizeof four);
}

void envelope_context_text(struct envelope_context *context, enum envelope_tag tag,
                           const char *text)
{
	envelope_context_add(context, tag, text, strlen(text));
}

/* okm: the first half encrypts, the second half is the commitment. */
static bool derive(const struct envelope_key *key, const unsigned char *header,
                   const struct envelope_context *context, struct secret *okm, struct err *err)
{
	crypto_generichash_state state;

	if (key->key->size != ENVELOPE_KEY)
		return err_set(err, ERR_CRYPTO, _("the sealing key has %zu bytes"), key->key->size);
	if (context->too_long)
		return err_set(err, ERR_CRYPTO, _("the names around a sealed key are too long"));
	if (!secret_take(okm, 64, err))
		return false;
	(void)crypto_generichash_init(&state, key->key->bytes, key->key->size, okm->size);
	(void)crypto_generichash_update(&state, (const unsigned char *)label, sizeof label - 1);
	(void)crypto_generichash_update(&state, header, AT_COMMIT);
	(void)crypto_generichash_update(&state, context->bytes, context->size);
	(void)crypto_generichash_final(&state, okm->bytes, okm->size);
	sodium_memzero(&state, sizeof state);
	return true;
}

bool envelope_seal_nonce(const struct envelope_key *key, enum envelope_kind kind,
                         const struct envelope_context *context, const struct secret *plain,
                         const uint8_t nonce[static ENVELOPE_NONCE], unsigned char *out,
                         struct err *err)
{
	struct secret okm = { 0 };

	memcpy(out, magic, sizeof magic);
	out[AT_SUITE] = SUITE_XCHACHA;
	out[AT_KIND] = (unsigned char)kind;
	out[AT_ZERO] = out[AT_ZERO + 1] = 0;
	memcpy(out + AT_KEY_ID, key->id.bytes, UUID_BYTES);
	bytes_put_u32(out + AT_KEY_VERSION, key->version);
	memcpy(out + AT_NONCE, nonce, ENVELOPE_NONCE);
	if (!derive(key, out, context, &okm, err))
		return false;
	memcpy(out + AT_COMMIT, okm.bytes + ENVELOPE_KEY, COMMIT);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + ENVELOPE_HEADER, NULL, plain->bytes,
	                                                 plain->size, out, ENVELOPE_HEADER, NULL,
	                                                 out + AT_NONCE, okm.bytes);
	secret_drop(&okm);
	return true;
}

bool envelope_seal(const struct envelope_key *key, enum envelope_kind kind,
                   const struct envelope_context *context, const struct secret *plain,
                   unsigned char *out, struct err *err)
{
	uint8_t nonce[ENVELOPE_NONCE];

	randombytes_buf(nonce, sizeof nonce);
	return envelope_seal_nonce(key, kind, context, plain, nonce, out, err);
}

/* What the row says against what the header says. */
static bool header_fits(const struct envelope_key *key, enum envelope_kind kind,
                        const unsigned char *sealed, size_t size, struct err *err)
{
	if (size < ENVELOPE_OVERHEAD)
		return err_set(err, ERR_CRYPTO, _("a sealed key is cut short (%zu bytes)"), size);
	if (memcmp(sealed, magic, sizeof magic) != 0 || sealed[AT_SUITE] != SUITE_XCHACHA
	    || sealed[AT_ZERO] != 0 || sealed[AT_ZERO + 1] != 0)
		return err_set(err, ERR_CRYPTO, _("a sealed key has an unknown format"));
	if (sealed[AT_KIND] != (unsigned char)kind)
		return err_set(err, ERR_CRYPTO,
		               _("a sealed key is of another kind than its row says"));
	if (memcmp(sealed + AT_KEY_ID, key->id.bytes, UUID_BYTES) != 0
	    || bytes_get_u32(sealed + AT_KEY_VERSION) != key->version)
		return err_set(err, ERR_CRYPTO,
		               _("a sealed key was sealed by another key than its row says"));
	return true;
}

bool envelope_open(const struct envelope_key *key, enum envelope_kind kind,
                   const struct envelope_context *context, const unsigned char *sealed, size_t size,
                   struct secret *plain, struct err *err)
{
	struct secret okm = { 0 };
	struct secret opened = { 0 };
	bool ok = false;

	if (!header_fits(key, kind, sealed, size, err) || !derive(key, sealed, context, &okm, err)
	    || !secret_take(&opened, size - ENVELOPE_OVERHEAD, err))
		goto out;
	if (sodium_memcmp(sealed + AT_COMMIT, okm.bytes + ENVELOPE_KEY, COMMIT) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("a sealed key belongs to another row or key"));
		goto out;
	}
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened.bytes, NULL, NULL,
	                                               sealed + ENVELOPE_HEADER,
	                                               size - ENVELOPE_HEADER, sealed,
	                                               ENVELOPE_HEADER, sealed + AT_NONCE,
	                                               okm.bytes)
	    != 0) {
		(void)err_set(err, ERR_CRYPTO, _("a sealed key is damaged"));
		goto out;
	}
	secret_seal(&opened);
	secret_move(plain, &opened);
	ok = true;
out:
	secret_drop(&okm);
	secret_drop(&opened);
	return ok;
}

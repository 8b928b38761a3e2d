#include "keys/selfcheck.h"

#include <sodium.h>

#include "core/base/words.h"
#include "keys/envelope.h"

/* Sealed by another implementation (tests/data/envelopes/make.py): key 00 01 .. 1f, its id
 * 00 .. 0f, version 7, nonce 00 .. 17, context domain acme.example, selector s202611a, version 1. */
static const unsigned char known_tail[] = {
	0x93, 0xc8, 0xe8, 0xab, 0x36, 0xee, 0x46, 0x6e, 0xd0, 0xab, 0x1e, 0x6d, 0xc6, 0x94, 0xf5,
	0xef, 0xe1, 0x9a, 0xba, 0xef, 0x48, 0xde, 0xff, 0x38, 0xe2, 0xf5, 0xde, 0x11, 0x3a, 0x6c,
	0x22, 0x20, 0xf6, 0x33, 0x64, 0x38, 0x40, 0x18, 0x83, 0x01, 0xbd, 0x2f, 0xbc, 0xa0, 0x7e,
	0xf4, 0xe9, 0x89, 0x75, 0x90, 0xdc, 0x1d, 0x81, 0x05, 0x2b, 0x15, 0xcc, 0xe1, 0xe1, 0x4a,
};
static const char known_plain[] = "known answer";

enum { COMMIT_AT = 52 };

static bool envelope_answers(struct err *err)
{
	struct secret key = { 0 };
	struct secret plain = { 0 };
	struct secret opened = { 0 };
	struct envelope_key with = { .key = &key, .version = 7 };
	struct envelope_context context = { .size = 0 };
	unsigned char out[sizeof known_plain - 1 + ENVELOPE_OVERHEAD];
	uint8_t nonce[ENVELOPE_NONCE];
	bool ok = false;

	if (!secret_take(&key, ENVELOPE_KEY, err)
	    || !secret_copy(&plain, known_plain, sizeof known_plain - 1, err))
		goto out;
	for (size_t i = 0; i < ENVELOPE_KEY; i++)
		key.bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < UUID_BYTES; i++)
		with.id.bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof nonce; i++)
		nonce[i] = (uint8_t)i;
	envelope_context_text(&context, TAG_DOMAIN, "acme.example");
	envelope_context_text(&context, TAG_SELECTOR, "s202611a");
	envelope_context_number(&context, TAG_VERSION, 1);
	if (!envelope_seal_nonce(&with, ENVELOPE_DKIM, &context, &plain, nonce, out, err))
		goto out;
	if (memcmp(out + COMMIT_AT, known_tail, sizeof known_tail) != 0) {
		(void)err_set(err, ERR_CRYPTO, _("sealing gives another result than it should"));
		goto out;
	}
	if (!envelope_open(&with, ENVELOPE_DKIM, &context, out, sizeof out, &opened, err))
		goto out;
	out[sizeof out - 1] ^= 1;
	struct secret broken = { 0 };
	struct err expected = { 0 };
	if (!secret_same(&opened, &plain)
	    || envelope_open(&with, ENVELOPE_DKIM, &context, out, sizeof out, &broken, &expected)) {
		secret_drop(&broken);
		(void)err_set(err, ERR_CRYPTO, _("opening gives another result than it should"));
		goto out;
	}
	ok = true;
out:
	secret_drop(&key);
	secret_drop(&plain);
	secret_drop(&opened);
	return ok;
}

/* RFC 8032, 7.1, TEST 1. */
static bool signature_answers(struct err *err)
{
	static const unsigned char seed[32] = { 0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
		                                0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
		                                0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
		                                0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60 };
	static const unsigned char known[32] = { 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7,
		                                 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
		                                 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
		                                 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a };
	unsigned char public_key[32];
	unsigned char secret_key[64];

	(void)crypto_sign_seed_keypair(public_key, secret_key, seed);
	return memcmp(public_key, known, sizeof known) == 0
	       || err_set(err, ERR_CRYPTO, _("signing gives another result than it should"));
}

bool selfcheck_run(struct err *err)
{
	return envelope_answers(err) && signature_answers(err);
}

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

/* The bytes 00 01 .. 1f (`from` 0) or 20 21 .. 3f: secret keys of other
 * implementations' answers. */
static void count_up(unsigned char bytes[static 32], unsigned from)
{
	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(from + i);
}

/* RFC 8032 as OpenSSL has it: notices; and Ed25519ph, as the RFC's own Python
 * has it: bundles. */
static bool notices_and_bundles_answer(struct err *err)
{
	static const unsigned char known[64] = {
		0xf2, 0x28, 0x33, 0xd3, 0xb9, 0xf4, 0x46, 0x66, 0x91, 0x1d, 0x1c, 0xd3, 0x14,
		0x65, 0x51, 0x74, 0x3b, 0xe8, 0x48, 0x2e, 0xeb, 0xbc, 0x18, 0xae, 0xbf, 0x1b,
		0xe3, 0x9f, 0x36, 0xe5, 0xfe, 0x95, 0x04, 0xb0, 0xaf, 0x2e, 0x96, 0x47, 0xed,
		0x30, 0x00, 0x0c, 0x64, 0x0d, 0xcc, 0x18, 0xd7, 0xf6, 0x1f, 0xbf, 0x35, 0xfc,
		0x1b, 0xd0, 0xe0, 0x12, 0xe2, 0xad, 0xc6, 0x6c, 0x19, 0xff, 0xd3, 0x04
	};
	static const unsigned char known_ph[64] = {
		0x69, 0x44, 0xbe, 0x87, 0xc2, 0x5e, 0xd9, 0xaa, 0x36, 0x81, 0x7a, 0x4d, 0xda,
		0xe6, 0x72, 0x2f, 0x24, 0x13, 0xa2, 0x8d, 0x5f, 0xa0, 0xea, 0x31, 0x0d, 0x4a,
		0x40, 0xa1, 0xd2, 0x9d, 0x40, 0xd3, 0xa6, 0xb3, 0xba, 0xb8, 0x51, 0xd0, 0x4c,
		0x99, 0x90, 0x2f, 0x1e, 0x6b, 0xe4, 0xeb, 0xe4, 0x88, 0xf5, 0x72, 0xc6, 0x89,
		0x11, 0xe2, 0x85, 0x36, 0x95, 0x30, 0xd8, 0x97, 0x46, 0x93, 0x37, 0x02
	};
	static const unsigned char *const text = (const unsigned char *)known_plain;
	const size_t size = sizeof known_plain - 1;
	crypto_sign_state state;
	unsigned char seed[32], public_key[32], secret_key[64], signature[64];

	count_up(seed, 0);
	(void)crypto_sign_seed_keypair(public_key, secret_key, seed);
	(void)crypto_sign_detached(signature, NULL, text, size, secret_key);
	bool ok = memcmp(signature, known, sizeof known) == 0
	          && crypto_sign_verify_detached(known, text, size, public_key) == 0
	          && crypto_sign_verify_detached(known, text, size - 1, public_key) != 0;
	(void)crypto_sign_init(&state);
	(void)crypto_sign_update(&state, text, size);
	(void)crypto_sign_final_create(&state, signature, NULL, secret_key);
	ok = ok && memcmp(signature, known_ph, sizeof known_ph) == 0;
	return ok || err_set(err, ERR_CRYPTO, _("signing gives another result than it should"));
}

/* X25519 as OpenSSL has it, and a box to a relay there and back. */
static bool boxes_answer(struct err *err)
{
	static const unsigned char theirs[32] = { 0x35, 0x80, 0x72, 0xd6, 0x36, 0x58, 0x80, 0xd1,
		                                  0xae, 0xea, 0x32, 0x9a, 0xdf, 0x91, 0x21, 0x38,
		                                  0x38, 0x51, 0xed, 0x21, 0xa2, 0x8e, 0x3b, 0x75,
		                                  0xe9, 0x65, 0xd0, 0xd2, 0xcd, 0x16, 0x62, 0x54 };
	static const unsigned char known[32] = { 0x96, 0x63, 0xaa, 0x1d, 0xa9, 0x7e, 0x84, 0x8a,
		                                 0x91, 0x4a, 0x43, 0x6d, 0x04, 0x16, 0x3d, 0xfb,
		                                 0xb8, 0x91, 0x78, 0xf1, 0x07, 0xf1, 0xb5, 0xb7,
		                                 0x7e, 0xd3, 0x85, 0x42, 0x03, 0x38, 0x28, 0x54 };
	static const unsigned char *const text = (const unsigned char *)known_plain;
	unsigned char ours[32], secret_key[32], shared[32];
	unsigned char box[sizeof known_plain + crypto_box_SEALBYTES] = { 0 };
	unsigned char back[sizeof known_plain];

	count_up(ours, 0);
	bool ok = crypto_scalarmult(shared, ours, theirs) == 0
	          && memcmp(shared, known, sizeof known) == 0;
	count_up(secret_key, 32);
	ok = ok && crypto_box_seal(box, text, sizeof known_plain, theirs) == 0
	     && crypto_box_seal_open(back, box, sizeof box, theirs, secret_key) == 0
	     && memcmp(back, text, sizeof back) == 0;
	box[sizeof box - 1] ^= 1;
	ok = ok && crypto_box_seal_open(back, box, sizeof box, theirs, secret_key) != 0;
	return ok || err_set(err, ERR_CRYPTO, _("sealing gives another result than it should"));
}

/* The stream of a bundle, and the box in which a new key travels: there and back. */
static bool streams_answer(struct err *err)
{
	static const unsigned char *const text = (const unsigned char *)known_plain;
	crypto_secretstream_xchacha20poly1305_state state;
	unsigned char key[32], nonce[crypto_secretbox_NONCEBYTES] = { 0 };
	unsigned char header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
	unsigned char chunk[sizeof known_plain + crypto_secretstream_xchacha20poly1305_ABYTES];
	unsigned char box[sizeof known_plain + crypto_secretbox_MACBYTES];
	unsigned char back[sizeof known_plain], tag = 0;

	count_up(key, 0);
	(void)crypto_secretstream_xchacha20poly1305_init_push(&state, header, key);
	(void)crypto_secretstream_xchacha20poly1305_push(&state, chunk, NULL, text,
	                                                 sizeof known_plain, NULL, 0, 3);
	(void)crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key);
	bool ok = crypto_secretstream_xchacha20poly1305_pull(&state, back, NULL, &tag, chunk,
	                                                     sizeof chunk, NULL, 0)
	                  == 0
	          && tag == 3 && memcmp(back, text, sizeof back) == 0;
	(void)crypto_secretbox_easy(box, text, sizeof known_plain, nonce, key);
	ok = ok && crypto_secretbox_open_easy(back, box, sizeof box, nonce, key) == 0;
	box[0] ^= 1;
	ok = ok && crypto_secretbox_open_easy(back, box, sizeof box, nonce, key) != 0;
	return ok || err_set(err, ERR_CRYPTO, _("opening gives another result than it should"));
}

/* Argon2id as OpenSSL has it, at the least cost: what counts is the function. */
static bool passphrases_answer(struct err *err)
{
	static const unsigned char known[32] = { 0x1f, 0xfc, 0xf3, 0x83, 0xba, 0x5c, 0x3a, 0xd3,
		                                 0xba, 0xa6, 0x79, 0xe3, 0xac, 0x22, 0x40, 0xe5,
		                                 0xf2, 0x87, 0x89, 0xe9, 0xdd, 0x57, 0xa7, 0x32,
		                                 0x0a, 0x3f, 0x98, 0x45, 0xc9, 0xda, 0x6b, 0xdf };
	unsigned char salt[32], out[32];

	count_up(salt, 0);
	return (crypto_pwhash(out, sizeof out, known_plain, sizeof known_plain - 1, salt, 1,
	                      crypto_pwhash_argon2id_MEMLIMIT_MIN, crypto_pwhash_ALG_ARGON2ID13)
	                == 0
	        && memcmp(out, known, sizeof known) == 0)
	       || err_set(err, ERR_CRYPTO, _("a passphrase gives another result than it should"));
}

bool selfcheck_run(struct err *err)
{
	return envelope_answers(err) && signature_answers(err) && notices_and_bundles_answer(err)
	       && boxes_answer(err) && streams_answer(err) && passphrases_answer(err);
}

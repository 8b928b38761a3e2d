#pragma once

/*
 * escrow_letter -- what goes to the officers, and what they answer: files that
 * may travel by mail or stick, because nothing in them is of use to others.
 *
 *	request = "SKQ" 0x01
 *	          4  purpose u8          1 recover, 2 drill, 3 prove
 *	          5  name length u8      of the provider, then its name, at most 63
 *	          .  request uuid 16
 *	          .  provider uuid 16
 *	          .  key 32              X25519, made for this request alone
 *	          .  made u64, not after u64    seconds since 1970
 *	          .  count u16           of lines; a proof has none
 *	          .  line = officer's public key 32, sealed share 155
 *	          .  BLAKE2b-256 of all before: finds a damaged stick, nothing more
 *	answer  = "SKA" 0x01
 *	          4  request uuid 16
 *	         20  officer's public key 32
 *	         52  nonce 24
 *	         76  count u16           of shares
 *	         78  crypto_box(plain shares, 107 each; from the officer, to the
 *	             key of the request)
 *
 * Whom the request comes from nobody can see in it: the fingerprint of its key
 * is compared by voice.  Whom an answer comes from is certain: only the
 * officer's secret key makes that box.
 *
 * Owner:   struct escrow_request points into the bytes it was parsed from.
 * Failure: ERR_INPUT for a file that is no letter.
 * Secrets: an opened answer is a struct secret of plain shares.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/uuid.h"
#include "keys/escrow.h"
#include "keys/officer_key.h"
#include "keys/secret.h"

enum {
	ESCROW_LETTER_LINE = ESCROW_PUBLIC + ESCROW_SHARE,
	ESCROW_LETTER_LINES = 600, /* ten keys of sixty shares */
	ESCROW_LETTER_NAME = 64,
	ESCROW_LETTER_MOST = 256 + ESCROW_LETTER_LINES * ESCROW_LETTER_LINE,
	ESCROW_ANSWER_HEAD = 78,
};

enum escrow_purpose { ESCROW_RECOVER = 1, ESCROW_DRILL = 2, ESCROW_PROVE = 3 };

/* "recover", "drill", "prove"; 0 for a word that is none. */
enum escrow_purpose escrow_letter_purpose(const char *word);
const char *escrow_letter_word(enum escrow_purpose purpose);

struct escrow_request {
	enum escrow_purpose purpose;
	char name[ESCROW_LETTER_NAME]; /* of the provider */
	struct uuid request;
	struct uuid provider;
	uint8_t key[ESCROW_PUBLIC];
	uint64_t made;
	uint64_t not_after;
	const uint8_t *lines; /* ESCROW_LETTER_LINE octets each */
	size_t count;
};

void escrow_letter_render(const struct escrow_request *request, struct text *out);
bool escrow_letter_parse(const uint8_t *bytes, size_t size, struct escrow_request *request,
                         struct err *err) CHECKED;

/* The officer's side: open every share that is his, seal them again to the
 * key of the request.  *count: how many there were. */
bool escrow_letter_answer(const struct escrow_request *request, const struct officer_key *officer,
                          struct text *out, size_t *count, struct err *err) CHECKED;

/* An answer as it came: *used octets of `bytes`, so that several may stand
 * behind each other. */
struct escrow_answer {
	struct uuid request;
	uint8_t officer[ESCROW_PUBLIC];
	const uint8_t *nonce;
	const uint8_t *box;
	size_t count;
};
bool escrow_letter_read(const uint8_t *bytes, size_t size, struct escrow_answer *answer,
                        size_t *used, struct err *err) CHECKED;

/* The service's side; *shares becomes answer->count plain shares. */
bool escrow_letter_open(const struct escrow_answer *answer, const struct secret *key,
                        struct secret *shares, struct err *err) CHECKED;

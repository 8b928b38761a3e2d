#include "keys/escrow_letter.h"

#include <string.h>

#include <sodium.h>

#include "core/base/words.h"
#include "keys/bytes.h"

enum {
	AT_PURPOSE = 4,
	AT_NAME_LENGTH = 5,
	AT_NAME = 6,
	FIXED = 16 + 16 + 32 + 8 + 8 + 2,
	SUM = 32,
	AT_REQUEST = 4,
	AT_OFFICER = 20,
	AT_NONCE = 52,
	AT_COUNT = 76,
};

_Static_assert(AT_COUNT + 2 == ESCROW_ANSWER_HEAD, "the head of an answer");

static const uint8_t request_magic[4] = { 'S', 'K', 'Q', 1 };
static const uint8_t answer_magic[4] = { 'S', 'K', 'A', 1 };
static const char *const words[] = { "", "recover", "drill", "prove" };

enum escrow_purpose escrow_letter_purpose(const char *word)
{
	for (size_t i = 1; word != NULL && i < LENGTH(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum escrow_purpose)i;
	return (enum escrow_purpose)0;
}

const char *escrow_letter_word(enum escrow_purpose purpose)
{
	return words[purpose];
}

/* ---- a request ---- */

void escrow_letter_render(const struct escrow_request *request, struct text *out)
{
	uint8_t head[AT_NAME] = { 0 };
	uint8_t fixed[FIXED];
	uint8_t sum[SUM];

	memcpy(head, request_magic, sizeof request_magic);
	head[AT_PURPOSE] = (uint8_t)request->purpose;
	head[AT_NAME_LENGTH] = (uint8_t)strlen(request->name);
	text_add_bytes(out, head, sizeof head);
	text_add(out, request->name);
	memcpy(fixed, request->request.bytes, UUID_BYTES);
	memcpy(fixed + 16, request->provider.bytes, UUID_BYTES);
	memcpy(fixed + 32, request->key, ESCROW_PUBLIC);
	bytes_put_u64(fixed + 64, request->made);
	bytes_put_u64(fixed + 72, request->not_after);
	bytes_put_u16(fixed + 80, (uint16_t)request->count);
	text_add_bytes(out, fixed, sizeof fixed);
	if (request->count > 0)
		text_add_bytes(out, request->lines, request->count * ESCROW_LETTER_LINE);
	(void)crypto_generichash(sum, sizeof sum, (const unsigned char *)out->data, out->length,
	                         NULL, 0);
	text_add_bytes(out, sum, sizeof sum);
}

/* What is shown on a terminal must be harmless there. */
static bool take_name(const uint8_t *at, size_t length, char *name)
{
	for (size_t i = 0; i < length; i++)
		if (!((at[i] >= 'a' && at[i] <= 'z') || (at[i] >= '0' && at[i] <= '9')
		      || at[i] == '-'))
			return false;
	memcpy(name, at, length);
	name[length] = '\0';
	return length > 0;
}

bool escrow_letter_parse(const uint8_t *bytes, size_t size, struct escrow_request *request,
                         struct err *err)
{
	uint8_t sum[SUM];

	*request = (struct escrow_request){ .count = 0 };
	if (size < AT_NAME || memcmp(bytes, request_magic, sizeof request_magic) != 0)
		return err_set(err, ERR_INPUT, _("this is not a request to officers"));
	size_t name = bytes[AT_NAME_LENGTH];
	if (bytes[AT_PURPOSE] < ESCROW_RECOVER || bytes[AT_PURPOSE] > ESCROW_PROVE
	    || name >= ESCROW_LETTER_NAME || size < AT_NAME + name + FIXED + SUM
	    || !take_name(bytes + AT_NAME, name, request->name))
		return err_set(err, ERR_INPUT, _("the request is damaged"));
	const uint8_t *at = bytes + AT_NAME + name;
	request->purpose = (enum escrow_purpose)bytes[AT_PURPOSE];
	memcpy(request->request.bytes, at, UUID_BYTES);
	memcpy(request->provider.bytes, at + 16, UUID_BYTES);
	memcpy(request->key, at + 32, ESCROW_PUBLIC);
	request->made = bytes_get_u64(at + 64);
	request->not_after = bytes_get_u64(at + 72);
	request->count = bytes_get_u16(at + 80);
	request->lines = at + FIXED;
	/* a proof that asked for shares would be something else */
	if (size != AT_NAME + name + FIXED + request->count * ESCROW_LETTER_LINE + SUM
	    || (request->purpose == ESCROW_PROVE) != (request->count == 0)
	    || request->count > ESCROW_LETTER_LINES)
		return err_set(err, ERR_INPUT, _("the request is damaged"));
	(void)crypto_generichash(sum, sizeof sum, bytes, size - SUM, NULL, 0);
	if (memcmp(sum, bytes + size - SUM, SUM) != 0)
		return err_set(err, ERR_INPUT, _("the request is damaged"));
	return true;
}

/* ---- an answer ---- */

static bool open_mine(const struct escrow_request *request, const struct officer_key *officer,
                      struct secret *shares, size_t *count, struct err *err)
{
	for (size_t i = 0; i < request->count; i++) {
		const uint8_t *line = request->lines + i * ESCROW_LETTER_LINE;
		if (memcmp(line, officer->public_key, ESCROW_PUBLIC) != 0)
			continue;
		uint8_t *plain = shares->bytes + *count * ESCROW_PLAIN;
		struct escrow_share share;
		if (!escrow_open(line + ESCROW_PUBLIC, officer->public_key, &officer->secret_key,
		                 plain, err)
		    || !escrow_parse(plain, &share, err))
			return false;
		/* under one provider's name nobody asks for another's */
		if (!uuid_same(&share.kek.provider, &request->provider))
			return err_set(err, ERR_REFUSED,
			               _("the request asks for the key of another provider"));
		(*count)++;
	}
	return request->purpose == ESCROW_PROVE || *count > 0
	       || err_set(err, ERR_REFUSED, _("nothing in this request is for this officer"));
}

bool escrow_letter_answer(const struct escrow_request *request, const struct officer_key *officer,
                          struct text *out, size_t *count, struct err *err)
{
	struct secret shares = { 0 };
	uint8_t head[ESCROW_ANSWER_HEAD];
	uint8_t *box = NULL;
	bool ok = false;

	*count = 0;
	if (!secret_take(&shares, request->count * ESCROW_PLAIN, err)
	    || !open_mine(request, officer, &shares, count, err))
		goto out;
	secret_shorten(&shares, *count * ESCROW_PLAIN);
	memcpy(head, answer_magic, sizeof answer_magic);
	memcpy(head + AT_REQUEST, request->request.bytes, UUID_BYTES);
	memcpy(head + AT_OFFICER, officer->public_key, ESCROW_PUBLIC);
	randombytes_buf(head + AT_NONCE, crypto_box_NONCEBYTES);
	bytes_put_u16(head + AT_COUNT, (uint16_t)*count);
	box = malloc(shares.size + crypto_box_MACBYTES);
	if (box == NULL
	    || crypto_box_easy(box, shares.bytes, shares.size, head + AT_NONCE, request->key,
	                       officer->secret_key.bytes)
	               != 0) {
		(void)err_set(err, ERR_CRYPTO, _("nothing can be sealed to the request's key"));
		goto out;
	}
	text_add_bytes(out, head, sizeof head);
	text_add_bytes(out, box, shares.size + crypto_box_MACBYTES);
	ok = true;
out:
	free(box);
	secret_drop(&shares);
	return ok;
}

bool escrow_letter_read(const uint8_t *bytes, size_t size, struct escrow_answer *answer,
                        size_t *used, struct err *err)
{
	*answer = (struct escrow_answer){ .count = 0 };
	if (size < ESCROW_ANSWER_HEAD || memcmp(bytes, answer_magic, sizeof answer_magic) != 0)
		return err_set(err, ERR_INPUT, _("this is not an officer's answer"));
	answer->count = bytes_get_u16(bytes + AT_COUNT);
	*used = ESCROW_ANSWER_HEAD + answer->count * ESCROW_PLAIN + crypto_box_MACBYTES;
	if (answer->count > ESCROW_LETTER_LINES || size < *used)
		return err_set(err, ERR_INPUT, _("an officer's answer is damaged"));
	memcpy(answer->request.bytes, bytes + AT_REQUEST, UUID_BYTES);
	memcpy(answer->officer, bytes + AT_OFFICER, ESCROW_PUBLIC);
	answer->nonce = bytes + AT_NONCE;
	answer->box = bytes + ESCROW_ANSWER_HEAD;
	return true;
}

bool escrow_letter_open(const struct escrow_answer *answer, const struct secret *key,
                        struct secret *shares, struct err *err)
{
	struct secret opened = { 0 };
	bool ok = false;

	if (!secret_take(&opened, answer->count * ESCROW_PLAIN, err))
		return false;
	ok = key->size == crypto_box_SECRETKEYBYTES
	     && crypto_box_open_easy(opened.bytes, answer->box, opened.size + crypto_box_MACBYTES,
	                             answer->nonce, answer->officer, key->bytes)
	                == 0;
	if (ok)
		secret_move(shares, &opened);
	else
		(void)err_set(err, ERR_CRYPTO,
		              _("an officer's answer is damaged, or belongs to another request"));
	secret_drop(&opened);
	return ok;
}

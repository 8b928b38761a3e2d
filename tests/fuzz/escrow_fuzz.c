/* Any octets as a request to officers, as their answers, and as a plain share:
 * what is read can be written again, and nothing is read beyond its end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/escrow_letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

/* A copy with nothing behind it, so that a step too far is seen. */
static uint8_t *exactly(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	must(copy != NULL);
	memcpy(copy, data, size);
	return copy;
}

static void request(const uint8_t *bytes, size_t size)
{
	struct escrow_request request;
	struct err err = { 0 };
	struct text out = { 0 };

	if (!escrow_letter_parse(bytes, size, &request, &err)) {
		must(err.code == ERR_INPUT);
		return;
	}
	must(strlen(request.name) < ESCROW_LETTER_NAME);
	escrow_letter_render(&request, &out);
	must(out.length == size && memcmp(out.data, bytes, size) == 0);
	text_free(&out);
}

/* The same with a sum that fits: past it, every field is the fuzzer's. */
static void summed(const uint8_t *bytes, size_t size)
{
	struct escrow_request request = { .purpose = ESCROW_DRILL, .name = "lms" };
	struct escrow_request again;
	struct err err = { 0 };
	struct text out = { 0 };

	request.purpose = (enum escrow_purpose)(size % 5);
	if (size > 0)
		(void)snprintf(request.name, sizeof request.name, "%.*s", (int)(bytes[0] % 60),
		               (const char *)"acme-0123456789-acme-0123456789-acme-0123456789-x");
	request.lines = bytes;
	request.count = size / ESCROW_LETTER_LINE;
	escrow_letter_render(&request, &out);
	if (escrow_letter_parse((const uint8_t *)out.data, out.length, &again, &err))
		must(again.count == request.count && again.purpose == request.purpose);
	text_free(&out);
}

static void answers(const uint8_t *bytes, size_t size)
{
	struct escrow_answer answer;
	struct err err = { 0 };
	size_t used = 0;

	for (size_t at = 0; at < size; at += used) {
		if (!escrow_letter_read(bytes + at, size - at, &answer, &used, &err))
			break;
		must(used > 0 && used <= size - at);
		must(answer.box + answer.count * ESCROW_PLAIN + 16 == bytes + at + used);
	}
}

static void share(const uint8_t *bytes, size_t size)
{
	struct escrow_share share;
	struct err err = { 0 };
	uint8_t plain[ESCROW_PLAIN];

	if (size != ESCROW_PLAIN || !escrow_parse(bytes, &share, &err))
		return;
	must(share.index < share.threshold);
	escrow_render(&share, plain);
	must(memcmp(plain, bytes, sizeof plain) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = exactly(data, size);

	request(bytes, size);
	summed(bytes, size);
	answers(bytes, size);
	share(bytes, size);
	free(bytes);
	return 0;
}

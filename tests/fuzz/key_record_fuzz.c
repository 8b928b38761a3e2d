/* Any octets as a DKIM and as a DMARC record; whatever they are, they can be
 * written into a zone file on one line of printable ASCII. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/record/dkim_record.h"
#include "core/record/dmarc_record.h"
#include "core/record/zone_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void dkim(struct arena *arena, const char *text, size_t size)
{
	struct dkim_record record, again;
	struct err err = { 0 };
	struct text out = { 0 };

	if (!dkim_record_parse(arena, text, size, &record, &err))
		return;
	if (!record.revoked && record.type != DKIM_OTHER) {
		const char *algorithm = record.type == DKIM_RSA ? "rsa-sha256" : "ed25519-sha256";
		must(dkim_record_same_key(&record, algorithm, record.key, record.key_size));
		must(dkim_record_bits(&record) > 0);
		dkim_record_render(&out, algorithm, record.key, record.key_size);
		must(dkim_record_parse(arena, out.data, out.length, &again, &err));
		must(dkim_record_same_key(&again, algorithm, record.key, record.key_size));
	}
	text_free(&out);
}

static void dmarc(struct arena *arena, const char *text, size_t size)
{
	struct dmarc_record record, again;
	struct err err = { 0 };
	struct text out = { 0 };

	if (!dmarc_record_parse(arena, text, size, &record, &err))
		return;
	must(record.policy != DMARC_UNSAID);
	dmarc_record_render(&out, &record);
	must(dmarc_record_parse(arena, out.data, out.length, &again, &err));
	must(record.policy == again.policy && record.testing == again.testing);
	text_free(&out);
}

static void zone(struct arena *arena, const char *text, size_t size)
{
	const char *copy = arena_copy_part(arena, text, size);
	struct text line = { 0 }, joined = { 0 };

	for (const char **s = zone_text_split(arena, copy, NULL); *s != NULL; s++) {
		must(strlen(*s) <= ZONE_TEXT_STRING);
		text_add(&joined, *s);
	}
	must(strcmp(text_string(&joined), copy) == 0);
	zone_text_line(&line, arena, "acme.example", 3600, "TXT", copy);
	for (size_t i = 0; i + 1 < line.length; i++)
		must(line.data[i] >= 0x20 && line.data[i] < 0x7f);
	text_free(&line);
	text_free(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	const char *text = (const char *)data;

	dkim(&arena, text, size);
	dmarc(&arena, text, size);
	zone(&arena, text, size);
	arena_reset(&arena);
	return 0;
}

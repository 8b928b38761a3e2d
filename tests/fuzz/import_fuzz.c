#include "tests/fuzz/import_fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/utf8.h"

static void must(bool what, const char *why, const char *text)
{
	if (what)
		return;
	(void)fprintf(stderr, "fuzz: %s: %s\n", why, text);
	abort();
}

static void no_controls(const char *text)
{
	must(utf8_valid(text, strlen(text)), "is not UTF-8", text);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		must(*p >= 0x20 && *p != 0x7F, "a control character passed", text);
}

/* relays.md 1: what another reader would take for a comment, a table or a second owner. */
static void no_separators(const char *text)
{
	must(strpbrk(text, " #%$\"(),:;<>[\\]`") == NULL, "a separator passed", text);
}

bool import_fuzz_row(void *context, const struct import_row *row, struct err *err)
{
	struct arena arena = { 0 };

	(void)context;
	(void)err;
	for (size_t i = 0; i < IMPORT_FIELDS; i++) {
		enum import_field field = (enum import_field)i;
		const char *made = NULL;
		struct err why = { 0 };
		if (row->value[i] == NULL || row->length[i] == 0)
			continue;
		if (!import_field_check(field, &arena, row->value[i], row->length[i], &made,
		                        &why)) {
			must(why.text[0] != '\0', "refused without a word", row->value[i]);
			continue;
		}
		no_controls(made);
		if (field == IMPORT_SENDER || field == IMPORT_DOMAIN || field == IMPORT_CLIENT)
			no_separators(made);
		if (field == IMPORT_SITE)
			no_separators(import_field_host(&arena, made));
		if (field == IMPORT_SMARTHOST) {
			struct import_smarthost smarthost;
			import_field_smarthost(&arena, made, &smarthost);
			no_separators(smarthost.host);
			must(strtol(smarthost.port, NULL, 10) > 0, "no port", made);
		}
	}
	arena_reset(&arena);
	return true;
}

void import_fuzz_findings(const struct import_findings *findings)
{
	must(findings->total >= (long long)findings->count, "findings are lost", "");
	for (size_t i = 0; i < findings->count; i++) {
		must(findings->kept[i].text[0] != '\0', "a finding without a sentence", "");
		no_controls(findings->kept[i].text);
	}
}

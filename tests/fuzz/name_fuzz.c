/* Any octets as a domain name, a record's name, an address: what passes holds
 * nothing that a table, a zone or a path could read differently. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/record/address.h"
#include "core/record/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

static void name_must(struct arena *arena, const char *name, enum name_kind kind)
{
	const char *warnings[NAME_WARNINGS], *again;
	struct err err = { 0 };

	must(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(name));
	must(kind == NAME_RECORD || strchr(name, '_') == NULL);
	must(strlen(name) > 0 && strlen(name) <= NAME_OCTETS && strstr(name, "..") == NULL);
	must(name[0] != '.' && name[0] != '-' && name[strlen(name) - 1] != '.');
	/* What is normal stays as it is, and so does what people are shown. */
	must(name_parse(arena, name, kind, &again, &err) && strcmp(name, again) == 0);
	must(name_warn(arena, name, warnings) <= NAME_WARNINGS);
	must(name_parse(arena, name_show(arena, name), kind, &again, &err)
	     && strcmp(name, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct address address;
	const char *text = (const char *)data, *name;

	for (size_t kind = 0; kind < NAME_KINDS; kind++)
		if (name_parse_part(&arena, text, size, (enum name_kind)kind, 1, &name, &err))
			name_must(&arena, name, (enum name_kind)kind);
		else
			must(err.code == ERR_INPUT && err.text[0] != '\0');
	if (address_parse_part(&arena, text, size, &address, &err)) {
		must(strpbrk(address.local, "#%$\"(),:;<>@[\\]` \t\r\n") == NULL);
		must(strlen(address.text) <= ADDRESS_OCTETS);
		name_must(&arena, address.domain, NAME_HOST);
	}
	arena_reset(&arena);
	return 0;
}

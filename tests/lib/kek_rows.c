/*
 * kek_rows -- rows of kek as the key service would write them, and a look
 * whether each opens: for tests of what happens to many of them.
 *
 *	kek_rows make  MASTER-KEY PROVIDER-UUID COUNT      uuid, mk_uuid, mk_version, sealed
 *	kek_rows check MASTER-KEY PROVIDER-UUID < ROWS     the same fields; prints how many open
 *
 * Fields are separated by TAB, sealed is hexadecimal.  All are retired ones of
 * the kind "provider", so that a provider may have any number.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "keys/master_files.h"

static int make(const struct vault *vault, const struct uuid *provider, long count)
{
	for (long i = 0; i < count; i++) {
		struct arena arena = { 0 };
		struct vault_kek kek;
		struct err err = { 0 };
		char hex[512], id[UUID_TEXT], master[UUID_TEXT];

		if (!vault_make_kek(vault, provider, "provider", &arena, &kek, &err))
			return 1;
		uuid_render(&kek.id, id);
		uuid_render(&kek.master, master);
		(void)sodium_bin2hex(hex, sizeof hex, kek.sealed.bytes, kek.sealed.size);
		(void)printf("%s\t%s\t%u\t%s\n", id, master, (unsigned)kek.master_version, hex);
		arena_reset(&arena);
	}
	return 0;
}

static bool opens(const struct vault *vault, const struct uuid *provider, char *line)
{
	struct vault_kek kek = { .provider = *provider, .version = 1, .kind = "provider" };
	struct arena arena = { 0 };
	struct err err = { 0 };
	unsigned char sealed[256];
	char *fields[4] = { 0 };
	bool ok = true;

	for (size_t i = 0; i < LENGTH(fields); i++) {
		fields[i] = line;
		line += strcspn(line, "\t\n");
		if (*line != '\0')
			*line++ = '\0';
	}
	kek.master_version = (uint32_t)strtoul(fields[2], NULL, 10);
	ok = uuid_parse(fields[0], &kek.id, &err) && uuid_parse(fields[1], &kek.master, &err)
	     && sodium_hex2bin(sealed, sizeof sealed, fields[3], strlen(fields[3]), NULL,
	                       &kek.sealed.size, NULL)
	                == 0;
	kek.sealed.bytes = sealed;
	ok = ok && vault_rewrap_kek(vault, &kek, &arena, &err);
	if (!ok)
		(void)fprintf(stderr, "%s: %s\n", fields[0], err.text);
	arena_reset(&arena);
	return ok;
}

static int check(const struct vault *vault, const struct uuid *provider)
{
	char line[1024];
	long good = 0;

	while (fgets(line, sizeof line, stdin) != NULL)
		good += opens(vault, provider, line);
	(void)printf("%ld\n", good);
	return 0;
}

int main(int argc, char **argv)
{
	struct master_files files;
	struct vault vault = { .former_count = 0 };
	struct uuid provider;
	struct err err = { 0 };
	int status = 2;

	if (argc < 4 || !secret_setup(&err) || !uuid_parse(argv[3], &provider, &err)
	    || !master_files_place(&files, argv[2], &err) || !master_files_look(&files, &err)
	    || !master_files_open(&files, NULL, &vault, &err))
		(void)fprintf(stderr, "%s\n", err.text);
	else if (strcmp(argv[1], "make") == 0 && argc == 5)
		status = make(&vault, &provider, strtol(argv[4], NULL, 10));
	else if (strcmp(argv[1], "check") == 0)
		status = check(&vault, &provider);
	vault_close(&vault);
	return status;
}

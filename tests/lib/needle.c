/*
 * needle -- finds any of many byte strings in what comes from standard input.
 *
 *	needle LIST < anything
 *
 * LIST has one needle a line: a label without spaces, a space, and 8 to 64 bytes in hex.
 * Each hit is a line "OFFSET LABEL".  Thousands of needles cost what one does: only where the
 * first eight bytes are among theirs is anything compared.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 8, LONGEST = 64, LABEL = 40, LINE = 256, BUCKETS = 1 << 18, BLOCK = 1 << 20 };

struct needle {
	unsigned char bytes[LONGEST];
	size_t size;
	char label[LABEL];
	struct needle *next;
};

static struct needle *buckets[BUCKETS];

static struct needle **bucket(const unsigned char *at)
{
	uint64_t head;

	memcpy(&head, at, HEAD);
	return &buckets[(head * 0x9e3779b97f4a7c15U) >> 46];
}

static void fail(const char *why)
{
	(void)fprintf(stderr, "needle: %s\n", why);
	exit(2);
}

static void add(char *line)
{
	struct needle *needle = calloc(1, sizeof *needle);
	char *hex = strchr(line, ' ');

	if (needle == NULL || hex == NULL)
		fail("a line is not LABEL HEX");
	*hex++ = '\0';
	(void)snprintf(needle->label, sizeof needle->label, "%.*s", LABEL - 1, line);
	for (unsigned byte; needle->size < LONGEST && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		needle->bytes[needle->size++] = (unsigned char)byte;
	if (needle->size < HEAD)
		fail("a needle is too short");
	struct needle **at = bucket(needle->bytes);
	needle->next = *at;
	*at = needle;
}

static void read_list(const char *path)
{
	char line[LINE];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		fail("cannot read the list");
	while (fgets(line, sizeof line, file) != NULL)
		add(line);
	(void)fclose(file);
}

static void look(const unsigned char *at, size_t left, uint64_t offset)
{
	for (const struct needle *needle = *bucket(at); needle != NULL; needle = needle->next)
		if (needle->size <= left && memcmp(needle->bytes, at, needle->size) == 0)
			(void)printf("%" PRIu64 " %s\n", offset, needle->label);
}

/* The end of each block is looked at again with the next: a needle may begin there. */
static void search(void)
{
	static unsigned char block[BLOCK + LONGEST];
	uint64_t offset = 0;
	size_t kept = 0;

	for (;;) {
		size_t got = fread(block + kept, 1, BLOCK, stdin);
		size_t all = kept + got;
		size_t whole = got == BLOCK ? BLOCK - LONGEST + kept : all;
		for (size_t i = 0; i < whole && i + HEAD <= all; i++)
			look(block + i, all - i, offset + i);
		if (got < BLOCK)
			return;
		kept = all - whole;
		memmove(block, block + whole, kept);
		offset += whole;
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage: needle LIST");
	read_list(argv[1]);
	search();
	return 0;
}

/* Any octets as a template over data of every kind: it is rendered or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/handover/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *partial(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "p") == 0 ? "{{a}}\n{{#l}}{{.}}{{/l}}\n" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char json[] = "{\"a\":\"<x>\",\"b\":true,\"n\":null,\"l\":[1,2,{\"a\":1.5}],"
				   "\"m\":{\"a\":{\"b\":\"c\"}},\"e\":[]}";
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct text out = { 0 };
	struct tree *tree = NULL;

	/* Loops in loops grow without bound by nature; keep inputs small. */
	if (size > 400 || !tree_parse(json, strlen(json), &tree, &err))
		return 0;
	struct mustache mustache = { .name = "t",
		                     .source = arena_copy_part(&arena, (const char *)data, size),
		                     .escape = mustache_escape_html,
		                     .partial = partial };
	if (!mustache_render(&arena, &mustache, tree, &out, &err) && err.text[0] == '\0')
		abort();
	tree_drop(tree);
	text_free(&out);
	arena_reset(&arena);
	return 0;
}

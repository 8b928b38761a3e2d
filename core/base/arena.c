#include "core/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 * 1024, LINE_SIZE = 160 };

struct arena_block {
	struct arena_block *older;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(struct arena_block *older, size_t at_least)
{
	size_t size = at_least > BLOCK_SIZE ? at_least : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof *block + size);

	if (block == NULL) {
		(void)fputs("senderctl: out of memory\n", stderr);
		exit(3);
	}
	block->older = older;
	block->size = size;
	return block;
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t step = alignof(max_align_t);
	size_t room = (size + step - 1) / step * step;
	struct arena_block *block = arena->newest;

	if (block == NULL || block->size - block->used < room)
		block = arena->newest = block_new(block, room);
	void *found = block->bytes + block->used;
	block->used += room;
	return found;
}

char *arena_copy(struct arena *arena, const char *s)
{
	if (s == NULL)
		return NULL;
	size_t size = strlen(s) + 1;
	return memcpy(arena_take(arena, size), s, size);
}

char *arena_copy_part(struct arena *arena, const char *s, size_t length)
{
	char *copy = arena_take(arena, length + 1);

	memcpy(copy, s, length);
	return copy;
}

char *arena_print(struct arena *arena, const char *fmt, ...)
{
	char line[LINE_SIZE] = "";
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int size = vsnprintf(line, sizeof line, fmt, ap);
	char *made = arena_take(arena, size < 0 ? 1 : (size_t)size + 1);
	/* Most texts are short and are made once. */
	if (size > 0 && (size_t)size < sizeof line)
		memcpy(made, line, (size_t)size);
	else if (size > 0)
		(void)vsnprintf(made, (size_t)size + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return made;
}

void arena_reset(struct arena *arena)
{
	while (arena->newest != NULL) {
		struct arena_block *older = arena->newest->older;
		free(arena->newest);
		arena->newest = older;
	}
}

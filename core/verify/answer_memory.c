#include "core/verify/answer_memory.h"

#include <stdlib.h>
#include <string.h>

enum { BUCKETS = ANSWER_MEMORY_MOST };

struct entry {
	struct entry *next; /* in its bucket */
	const char *server;
	const char *name;
	int type;
	uint8_t *bytes; /* NULL: not known */
	size_t size;
	int64_t until; /* milliseconds; for how long the bytes are true */
	bool under_way;
	struct resolver_question *waiting;
	char texts[]; /* server and name */
};

struct answer_memory {
	struct entry *buckets[BUCKETS];
	size_t count;
};

struct answer_memory *answer_memory_open(void)
{
	return calloc(1, sizeof(struct answer_memory));
}

static void entry_drop(struct entry *entry)
{
	free(entry->bytes);
	free(entry);
}

/* All that nobody waits for. */
static void forget(struct answer_memory *memory, bool everything)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct entry **place = &memory->buckets[i];
		while (*place) {
			struct entry *entry = *place;
			if (entry->under_way && !everything) {
				place = &entry->next;
				continue;
			}
			*place = entry->next;
			memory->count--;
			entry_drop(entry);
		}
	}
}

void answer_memory_close(struct answer_memory *memory)
{
	if (!memory)
		return;
	forget(memory, true);
	free(memory);
}

static struct entry **bucket_of(struct answer_memory *memory, const char *name, int type)
{
	size_t value = (size_t)type;

	for (; *name; name++)
		value = value * 31 + (unsigned char)*name;
	return &memory->buckets[value % BUCKETS];
}

static struct entry *find(struct answer_memory *memory, const struct resolver_question *question)
{
	struct entry *entry = *bucket_of(memory, question->name, question->type);

	while (entry
	       && (entry->type != question->type || strcmp(entry->name, question->name) != 0
	           || strcmp(entry->server, question->server) != 0))
		entry = entry->next;
	return entry;
}

static struct entry *add(struct answer_memory *memory, const struct resolver_question *question)
{
	struct entry **bucket = bucket_of(memory, question->name, question->type);
	size_t server_size = strlen(question->server) + 1;
	size_t name_size = strlen(question->name) + 1;
	struct entry *entry = NULL;

	if (memory->count >= ANSWER_MEMORY_MOST)
		forget(memory, false);
	entry = malloc(sizeof(*entry) + server_size + name_size);
	if (!entry)
		return NULL;
	*entry = (struct entry){ .next = *bucket,
		                 .server = entry->texts,
		                 .name = entry->texts + server_size,
		                 .type = question->type };
	memcpy(entry->texts, question->server, server_size);
	memcpy(entry->texts + server_size, question->name, name_size);
	*bucket = entry;
	memory->count++;
	return entry;
}

enum answer_memory_state answer_memory_ask(struct answer_memory *memory,
                                           struct resolver_question *question, int64_t now,
                                           const uint8_t **bytes, size_t *size)
{
	struct entry *entry = find(memory, question);

	if (entry && entry->under_way) {
		question->next = entry->waiting;
		entry->waiting = question;
		return ANSWER_AWAITED;
	}
	if (entry && entry->bytes && now < entry->until) {
		*bytes = entry->bytes;
		*size = entry->size;
		return ANSWER_KNOWN;
	}
	if (!entry)
		entry = add(memory, question);
	if (entry)
		entry->under_way = true;
	return ANSWER_UNKNOWN;
}

struct resolver_question *answer_memory_take(struct answer_memory *memory,
                                             const struct resolver_question *question,
                                             const uint8_t *bytes, size_t size, uint32_t ttl,
                                             int64_t now)
{
	struct entry *entry = find(memory, question);
	struct resolver_question *waiting = NULL;

	if (!entry)
		return NULL;
	waiting = entry->waiting;
	entry->waiting = NULL;
	entry->under_way = false;
	free(entry->bytes);
	entry->bytes = bytes && ttl > 0 ? malloc(size) : NULL;
	if (entry->bytes) {
		memcpy(entry->bytes, bytes, size);
		entry->size = size;
		entry->until = now
		               + 1000
		                         * (int64_t)(ttl < ANSWER_MEMORY_SECONDS
		                                             ? ttl
		                                             : ANSWER_MEMORY_SECONDS);
	}
	return waiting;
}

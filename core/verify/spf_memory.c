#include "core/verify/spf_memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/record/spf_record.h"

enum { BUCKETS = 256 };

/* What was evaluated, copied. */
struct entry {
	struct entry *next; /* in its bucket */
	struct dns_record text;
	struct spf_foresight foresight; /* the domain itself is not in it */
	const char **addresses;
	unsigned *lookups; /* of each address */
	size_t count;
};

struct spf_memory {
	struct arena arena;
	struct entry *buckets[BUCKETS];
	size_t count;
};

struct spf_memory *spf_memory_open(void)
{
	return calloc(1, sizeof(struct spf_memory));
}

static void forget(struct spf_memory *memory)
{
	arena_reset(&memory->arena);
	*memory = (struct spf_memory){ 0 };
}

void spf_memory_close(struct spf_memory *memory)
{
	if (!memory)
		return;
	forget(memory);
	free(memory);
}

static size_t bucket_of(const struct dns_record *text)
{
	size_t value = 0;

	for (size_t i = 0; i < text->text_length; i++)
		value = value * 31 + (unsigned char)text->text[i];
	return value % BUCKETS;
}

static bool same_text(const struct dns_record *one, const struct dns_record *other)
{
	return one->text_length == other->text_length
	       && memcmp(one->text, other->text, one->text_length) == 0;
}

static bool same_answer(const struct dns_answer *one, const struct dns_answer *other)
{
	if (one->outcome != other->outcome || one->record_count != other->record_count)
		return false;
	for (size_t i = 0; i < one->record_count; i++)
		if (!same_text(&one->records[i], &other->records[i]))
			return false;
	return true;
}

/* The record of the domain; NULL when it has none, or several. */
static const struct dns_record *record_of(const struct spf_foresight *foresight)
{
	const struct dns_answer *answer = foresight->answers[0];
	const struct dns_record *record = NULL;

	for (size_t i = 0; i < answer->record_count; i++) {
		if (!spf_record_is(answer->records[i].text, answer->records[i].text_length))
			continue;
		if (record)
			return NULL;
		record = &answer->records[i];
	}
	return record;
}

/* Behind the domain itself, all names and answers are the same. */
static bool same_foresight(const struct entry *entry, const struct spf_foresight *foresight)
{
	if (entry->foresight.count + 1 != foresight->count)
		return false;
	for (size_t i = 0; i < entry->foresight.count; i++)
		if (strcmp(entry->foresight.names[i], foresight->names[i + 1]) != 0
		    || !same_answer(entry->foresight.answers[i], foresight->answers[i + 1]))
			return false;
	return true;
}

static bool same_clients(const struct entry *entry, const struct spf_check_request requests[],
                         size_t count)
{
	if (entry->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(entry->addresses[i], requests[i].address) != 0)
			return false;
	return true;
}

bool spf_memory_find(const struct spf_memory *memory, const struct spf_foresight *foresight,
                     const struct spf_check_request requests[], size_t count,
                     struct spf_check_verdict verdicts[])
{
	const struct dns_record *record = record_of(foresight);
	const struct entry *entry = record ? memory->buckets[bucket_of(record)] : NULL;

	while (entry
	       && (!same_text(&entry->text, record) || !same_clients(entry, requests, count)
	           || !same_foresight(entry, foresight)))
		entry = entry->next;
	if (!entry)
		return false;
	for (size_t i = 0; i < count; i++)
		verdicts[i] = (struct spf_check_verdict){ .result = SPF_PASS,
			                                  .text = record->text,
			                                  .lookups = entry->lookups[i] };
	return true;
}

static bool has_macro(const struct spf_foresight *foresight)
{
	for (size_t n = 0; n < foresight->count; n++) {
		const struct dns_answer *answer = foresight->answers[n];

		for (size_t i = 0; i < answer->record_count; i++)
			if (memchr(answer->records[i].text, '%', answer->records[i].text_length))
				return true;
	}
	return false;
}

static bool all_passed(const struct spf_check_verdict verdicts[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (verdicts[i].result != SPF_PASS)
			return false;
	return true;
}

static struct dns_record copy_text(struct arena *arena, const struct dns_record *text)
{
	return (struct dns_record){ .text = arena_copy_part(arena, text->text, text->text_length),
		                    .text_length = text->text_length };
}

static const struct dns_answer *copy_answer(struct arena *arena, const struct dns_answer *answer)
{
	struct dns_answer *copy = arena_take(arena, sizeof(*copy));
	struct dns_record *records = arena_take(arena,
	                                        (answer->record_count + 1) * sizeof(*records));

	for (size_t i = 0; i < answer->record_count; i++)
		records[i] = copy_text(arena, &answer->records[i]);
	copy->outcome = answer->outcome;
	copy->records = records;
	copy->record_count = answer->record_count;
	return copy;
}

void spf_memory_keep(struct spf_memory *memory, const struct spf_foresight *foresight,
                     const struct spf_check_request requests[], size_t count,
                     const struct spf_check_verdict verdicts[])
{
	const struct dns_record *record = record_of(foresight);
	struct arena *arena = &memory->arena;
	struct entry *entry = NULL;

	if (!record || !all_passed(verdicts, count) || has_macro(foresight))
		return;
	if (memory->count == SPF_MEMORY_MOST)
		forget(memory);
	memory->count++;
	entry = arena_take(arena, sizeof(*entry));
	entry->text = copy_text(arena, record);
	entry->next = memory->buckets[bucket_of(record)];
	memory->buckets[bucket_of(record)] = entry;
	for (size_t i = 1; i < foresight->count; i++) {
		entry->foresight.names[i - 1] = arena_copy(arena, foresight->names[i]);
		entry->foresight.answers[i - 1] = copy_answer(arena, foresight->answers[i]);
	}
	entry->foresight.count = foresight->count - 1;
	entry->addresses = arena_take(arena, (count + 1) * sizeof(char *));
	entry->lookups = arena_take(arena, (count + 1) * sizeof(unsigned));
	entry->count = count;
	for (size_t i = 0; i < count; i++) {
		entry->addresses[i] = arena_copy(arena, requests[i].address);
		entry->lookups[i] = verdicts[i].lookups;
	}
}

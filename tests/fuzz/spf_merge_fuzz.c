/* Any octets as the SPF records of a name, one per line: a merge that is done
 * gives a flawless record in which we pass before `all`, which keeps every
 * term of a single record in its order, and which a second merge leaves alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/spf_merge.h"
#include "core/record/spf_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

enum { RECORDS = 4 };

static bool ours(const struct spf_term *term)
{
	return term->kind == SPF_TERM_INCLUDE
	       && strcasecmp(term->domain, "_spf.vendor.example") == 0;
}

/* All terms of `before` but ours stand in `after`, in their order. */
static void order_must(const struct spf_record *before, const struct spf_record *after)
{
	size_t at = 0;

	for (size_t i = 0; i < before->term_count; i++) {
		if (ours(&before->terms[i]))
			continue;
		while (at < after->term_count
		       && strcmp(after->terms[at].text, before->terms[i].text) != 0)
			at++;
		must(at++ < after->term_count);
	}
}

static void result_must(struct arena *arena, const struct spf_merge_wish *wish,
                        const struct spf_merge *merge)
{
	struct spf_record after, before;
	struct err err = { 0 };
	bool found = false;

	must(spf_record_parse(arena, merge->record, strlen(merge->record), &after, &err));
	for (size_t i = 0; i < after.term_count && after.terms[i].kind != SPF_TERM_ALL; i++)
		found = found || (ours(&after.terms[i]) && after.terms[i].qualifier == '+');
	const struct spf_term *all = spf_record_find(&after, SPF_TERM_ALL);
	must(found || (all != NULL && all->qualifier == '+'));
	if (merge->spf_count == 1)
		for (size_t i = 0; i < wish->record_count; i++)
			if (spf_record_is(wish->records[i].text, wish->records[i].length)
			    && spf_record_parse(arena, wish->records[i].text,
			                        wish->records[i].length, &before, &err))
				order_must(&before, &after);

	struct spf_text again = { merge->record, strlen(merge->record) };
	struct spf_merge_wish twice = *wish;
	struct spf_merge second;
	twice.records = &again;
	twice.record_count = 1;
	must(spf_merge(arena, &twice, &second, &err));
	must(second.outcome == SPF_MERGE_UNCHANGED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const terms[] = { "include:_spf.vendor.example" };
	static const char *const relays[] = { "192.0.2.7", "2001:db8::7" };
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct spf_text records[RECORDS];
	struct spf_merge merge;
	size_t count = 0;
	const char *text = (const char *)data, *end = text + size;

	while (text < end && count < RECORDS) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((line != NULL ? line : end) - text);
		records[count++] = (struct spf_text){ text, length };
		text += length + 1;
	}
	struct spf_merge_wish wish = { .records = records,
		                       .record_count = count,
		                       .terms = terms,
		                       .term_count = 1,
		                       .relays = relays,
		                       .relay_count = size % 2 == 0 ? 2 : 0,
		                       .sends_now = true };
	must(spf_merge(&arena, &wish, &merge, &err));
	if (merge.outcome == SPF_MERGE_REFUSED)
		must(merge.reason != NULL && merge.reason[0] != '\0');
	else
		result_must(&arena, &wish, &merge);
	arena_reset(&arena);
	return 0;
}

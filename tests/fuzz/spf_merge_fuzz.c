/* Any octets as the SPF records of a name, one per line: a merge that is done
 * gives a flawless record in which we pass before `all`, which keeps every
 * term of a single record in its order, and which a second merge leaves alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/spf_merge.h"
#include "core/record/spf_term.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fine)
{
	if (!fine)
		abort();
}

enum { RECORDS = 4 };

/* Upper case and a final dot name the same host. */
static bool ours(const struct spf_term *term)
{
	static const char host[] = "_spf.vendor.example";

	return term->kind == SPF_TERM_INCLUDE
	       && strncasecmp(term->domain, host, sizeof host - 1) == 0
	       && (term->domain[sizeof host - 1] == '\0'
	           || strcmp(term->domain + sizeof host - 1, ".") == 0);
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

/* The ranges and the "all" of the record let every relay pass. */
static bool passes(const struct spf_record *record, const struct spf_merge_wish *wish)
{
	for (size_t i = 0; i < wish->relay_count; i++) {
		struct spf_address address;
		size_t at = 0;

		must(spf_term_read_address(wish->relays[i], &address));
		while (at < record->term_count
		       && !(record->terms[at].kind == SPF_TERM_ALL
		            || spf_term_holds(&record->terms[at], &address)))
			at++;
		if (at == record->term_count || record->terms[at].qualifier != '+')
			return false;
	}
	return wish->relay_count > 0;
}

static bool lets_us_pass(const struct spf_record *record, const struct spf_merge_wish *wish)
{
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);

	for (size_t i = 0; i < record->term_count && &record->terms[i] != all; i++)
		if (ours(&record->terms[i]) && record->terms[i].qualifier == '+')
			return true;
	return (all != NULL && all->qualifier == '+') || passes(record, wish);
}

/* One record: nothing else is lost, and everybody else's policy stays. */
static void rest_must(struct arena *arena, const struct spf_merge *merge,
                      const struct spf_record *after)
{
	struct spf_record before;
	struct err err = { 0 };

	must(spf_record_parse(arena, merge->present, strlen(merge->present), &before, &err));
	order_must(&before, after);
	const struct spf_term *old = spf_record_find(&before, SPF_TERM_ALL);
	const struct spf_term *new = spf_record_find(after, SPF_TERM_ALL);
	must((old == NULL) == (new == NULL));
	must(old == NULL || strcmp(old->text, new->text) == 0);
	if (merge->outcome == SPF_MERGE_UNCHANGED)
		must(strcmp(merge->present, merge->record) == 0);
}

static void result_must(struct arena *arena, const struct spf_merge_wish *wish,
                        const struct spf_merge *merge)
{
	struct spf_record after;
	struct err err = { 0 };

	must(spf_record_parse(arena, merge->record, strlen(merge->record), &after, &err));
	must(lets_us_pass(&after, wish));
	if (merge->spf_count == 1)
		rest_must(arena, merge, &after);

	struct spf_text again = { merge->record, strlen(merge->record) };
	struct spf_merge_wish twice = *wish;
	struct spf_merge second;
	twice.records = &again;
	twice.record_count = 1;
	must(spf_merge(arena, &twice, &second, &err));
	must(second.outcome == SPF_MERGE_UNCHANGED);
	must(strcmp(second.record, merge->record) == 0);
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
		                       .fails_today = size % 3 == 0,
		                       .sends_now = true };
	must(spf_merge(&arena, &wish, &merge, &err));
	if (merge.outcome == SPF_MERGE_REFUSED)
		must(merge.reason != NULL && merge.reason[0] != '\0');
	else
		result_must(&arena, &wish, &merge);
	arena_reset(&arena);
	return 0;
}

/* Any octets as an SPF record: every term is kept, every fault has a place. */
#include "core/record/spf_lint.h"
#include "core/record/spf_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct spf_record record = { 0 };
	struct spf_record again = { 0 };
	struct spf_lint_place place = { .domain = "acme.example" };
	struct spf_lint lint;
	struct err err = { 0 };
	struct text text = { 0 };
	bool good = spf_record_parse(&arena, (const char *)data, size, &record, &err);

	if (good != (record.problem_count == 0))
		abort();
	for (size_t i = 0; i < record.problem_count; i++)
		if (record.problems[i].column == 0 || record.problems[i].column > size + 1)
			abort();
	/* What was read can be written, and reads the same. */
	spf_record_render(record.terms, record.term_count, &text);
	if (good
	    && (!spf_record_parse(&arena, text_string(&text), text.length, &again, &err)
	        || again.term_count != record.term_count))
		abort();
	/* What receivers refuse is never called good, and every finding has a place. */
	spf_lint_run(&arena, (const char *)data, size, &place, &lint);
	if (!good && lint.errors == 0)
		abort();
	for (size_t i = 0; i < lint.count; i++)
		if (lint.findings[i].column > size + 1
		    || lint.findings[i].start > lint.findings[i].column)
			abort();
	text_free(&text);
	arena_reset(&arena);
	return 0;
}

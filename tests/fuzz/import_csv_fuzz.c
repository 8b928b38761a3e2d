/* libFuzzer: any bytes as a CSV file, arriving in two pieces. */
#include <stdint.h>

#include "core/model/import_csv.h"
#include "tests/fuzz/import_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct import_findings findings = { .arena = &arena, .file = "f" };
	struct err err = { 0 };
	size_t cut = size > 0 ? data[size - 1] % size : 0;
	struct import_csv *csv = import_csv_open(&findings, import_fuzz_row, NULL);

	if (import_csv_feed(csv, (const char *)data, cut, &err))
		(void)!import_csv_feed(csv, (const char *)data + cut, size - cut, &err);
	(void)!import_csv_end(csv, &err);
	(void)import_csv_place(csv, &arena, 1, IMPORT_SENDER);
	import_fuzz_findings(&findings);
	import_csv_close(csv);
	arena_reset(&arena);
	return 0;
}

/* libFuzzer: any bytes as a JSON document of providers and clients. */
#include <stdint.h>

#include "core/model/import_json.h"
#include "tests/fuzz/import_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct import_findings findings = { .arena = &arena, .file = "f" };
	struct err err = { 0 };
	struct import_json *json = import_json_open(&findings, (const char *)data, size);

	for (size_t i = 0; findings.total == 0 && i < import_json_providers(json); i++) {
		struct import_json_provider provider;
		import_json_provider(json, i, &provider);
		for (size_t j = 0; j < provider.relays; j++) {
			struct import_json_relay relay;
			import_json_relay(json, i, j, &relay);
		}
		(void)!import_json_rows(json, i, import_fuzz_row, NULL, &err);
		(void)import_json_place(json, &arena, 0, IMPORT_CLIENT);
	}
	import_fuzz_findings(&findings);
	import_json_close(json);
	arena_reset(&arena);
	return 0;
}

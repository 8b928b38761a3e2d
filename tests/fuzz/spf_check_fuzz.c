/* The guard around libspf2, in this process: the input is a world of records,
 * one a line, taken in order for whatever is asked.  Nothing may crash, and the
 * limits of RFC 7208 hold whatever is published. */
#include "core/verify/spf_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct arena arena;
	const uint8_t *data;
	size_t size;
	size_t at;
	size_t asked;
};

static const struct dns_answer *ask(void *context, const char *name, int type)
{
	struct world *world = context;
	struct dns_answer *answer = arena_take(&world->arena, sizeof(*answer));
	struct dns_record *records = arena_take(&world->arena, 12 * sizeof(*records));
	size_t length = 0;
	size_t copies = 0;

	(void)name;
	world->asked++;
	answer->records = records;
	answer->last_name = "";
	if (world->at >= world->size) {
		answer->outcome = DNS_NO_NAME;
		return answer;
	}
	while (world->at + length < world->size && world->data[world->at + length] != '\n')
		length++;
	/* The first octet says how the answer comes. */
	if (length > 0 && world->data[world->at] < 8) {
		answer->outcome = (enum dns_outcome)(world->data[world->at] % 8 + 1);
		world->at += length + 1;
		return answer;
	}
	copies = type == DNS_TXT ? 1 : length % 12 + 1;
	for (size_t i = 0; i < copies; i++) {
		records[i].type = type;
		records[i].text = arena_copy_part(&world->arena,
		                                  (const char *)world->data + world->at, length);
		records[i].text_length = length;
		memcpy(records[i].address, world->data + world->at, length < 16 ? length : 16);
	}
	answer->record_count = copies;
	answer->outcome = DNS_FOUND;
	world->at += length + 1;
	return answer;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const clients[] = { "192.0.2.1", "2001:db8::1" };

	for (size_t i = 0; i < LENGTH(clients); i++) {
		struct world world = { .data = data, .size = size };
		struct arena arena = { 0 };
		struct spf_check_source source = { ask, &world };
		struct spf_check_verdict verdict;
		struct spf_check_request request = { .address = clients[i],
			                             .mail_from = "a.b@acme.example",
			                             .helo = "relay.vendor.example",
			                             .now = 1 };

		spf_check_run(&arena, &request, &source, &verdict);
		if (verdict.result == SPF_UNKNOWN || verdict.result == SPF_INCOMPLETE)
			abort();
		if ((verdict.lookups > SPF_LOOKUPS_MOST || verdict.voids > SPF_VOIDS_MOST)
		    && verdict.result != SPF_PERMERROR)
			abort();
		if (world.asked > 400)
			abort();
		arena_reset(&arena);
		arena_reset(&world.arena);
	}
	return 0;
}

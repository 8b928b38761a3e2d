/* Any octets as an answer from the network. */
#include "core/verify/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = { DNS_A,   DNS_NS, DNS_CNAME, DNS_SOA,
		                     DNS_PTR, DNS_MX, DNS_TXT,   DNS_AAAA };
	struct arena arena = { 0 };

	for (size_t i = 0; i < LENGTH(types); i++) {
		struct dns_answer answer;

		dns_message_read(&arena, data, size, "acme.example", types[i], &answer);
		if (answer.outcome == DNS_FOUND && answer.record_count == 0)
			abort();
		for (size_t r = 0; r < answer.record_count; r++)
			if (!answer.records[r].text || !answer.records[r].name)
				abort();
		(void)dns_message_rcode_word(&answer);
	}
	arena_reset(&arena);
	return 0;
}

/* Any octets as a macro string, for domains and for explanations. */
#include <stdint.h>

#include "core/record/spf_macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct spf_macro_values values = { .sender = "a.b-c+d@mail.acme.example",
		                                        .local_part = "a.b-c+d",
		                                        .sender_domain = "mail.acme.example",
		                                        .domain = "acme.example",
		                                        .address_labels = "192.0.2.1",
		                                        .address = "192.0.2.1",
		                                        .family = "in-addr",
		                                        .helo = "relay..vendor.example.",
		                                        .now = 1 };

	for (enum spf_macro_place place = SPF_MACRO_DOMAIN; place <= SPF_MACRO_EXPLANATION;
	     place++) {
		struct text out = { 0 };
		struct err err = { 0 };
		bool good = spf_macro_expand((const char *)data, size, place, &values, &out, &err);

		/* 256 octets of value at most for each octet of macro, escaped. */
		if (out.length > 3 * 256 * (size + 1) || (!good && err.code != ERR_INPUT))
			abort();
		if (good && strlen(spf_macro_trim(text_string(&out))) > out.length)
			abort();
		(void)spf_macro_uses((const char *)data, size, 'p');
		text_free(&out);
	}
	return 0;
}

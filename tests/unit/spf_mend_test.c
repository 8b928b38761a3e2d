#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/record/spf_mend.h"

/* What is there, what was meant (NULL: good, or not certain), and what is named. */
static const struct {
	const char *text;
	const char *mended;
	const char *fault;
} cases[] = {
	{ "v=spf1 a -all", NULL, NULL },
	{ "v=spf1 a inlcude:x.example -all", "v=spf1 a include:x.example -all",
	  "inlcude:x.example" },
	{ "v=spf1 include: x.example -all", "v=spf1 include:x.example -all", "include:" },
	{ "v=spf1 ip:192.0.2.1 ip:192.0.2.2 -all", "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all",
	  "ip:192.0.2.1" },
	{ "v=spf1 ip4:1.2.3.400 inlcude:x.example -all", NULL, NULL },
	{ "v=spf1 ip4:1.2.3.400 -all", NULL, NULL },
	{ "\"v=spf1 a -all\"", "v=spf1 a -all", "\"v=spf1 a -all\"" },
	{ "\"v=spf1\"", "v=spf1", "\"v=spf1\"" },
	{ "\\\"v=spf1 a -all\\\"", "v=spf1 a -all", "\\\"v=spf1 a -all\\\"" },
	{ "'v=spf1 ip:192.0.2.1 -all'", "v=spf1 ip4:192.0.2.1 -all", "'v=spf1 ip:192.0.2.1 -all'" },
	{ "  v=spf1 a -all", "v=spf1 a -all", "  v=spf1 a -all" },
	{ "see v=spf1 a -all", NULL, NULL },
	{ "v=spf10 a -all", NULL, NULL },
	{ "\"v=DMARC1; p=none\"", NULL, NULL },
	{ "\"", NULL, NULL },
	{ "", NULL, NULL },
};

static void mends_what_is_certain(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		const char *fault = NULL;
		const char *mended = spf_mend(&arena, cases[i].text, &fault);

		if ((mended == NULL) != (cases[i].mended == NULL)
		    || (mended && strcmp(mended, cases[i].mended) != 0))
			fail_msg("%s: %s", cases[i].text, mended ? mended : "not certain");
		if (mended)
			assert_string_equal(fault, cases[i].fault);
		if (mended)
			assert_null(spf_mend(&arena, mended, NULL));
		arena_reset(&arena);
	}
}

static void knows_a_wrapped_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		bool wrapped = cases[i].text[0] != '\0' && cases[i].text[0] != 'v'
		               && cases[i].mended;

		assert_int_equal(spf_mend_is_wrapped(&arena, cases[i].text), wrapped);
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mends_what_is_certain),
		cmocka_unit_test(knows_a_wrapped_record),
	};

	return cmocka_run_group_tests_name("spf_mend", tests, NULL, NULL);
}

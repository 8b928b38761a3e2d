#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/attr.h"
#include "core/verify/query_id.h"
#include "core/verify/server_address.h"

static const struct {
	const char *text;
	const char *address; /* NULL: it is none */
} cases[] = {
	{ "192.0.2.53", "192.0.2.53:53" },
	{ "192.0.2.53:5353", "192.0.2.53:5353" },
	{ "2001:db8::53", "[2001:db8::53]:53" },
	{ "[2001:db8::53]", "[2001:db8::53]:53" },
	{ "[2001:db8::53]:65535", "[2001:db8::53]:65535" },
	{ "192.0.2.53:65536", NULL },
	{ "192.0.2.53:0", NULL },
	{ "192.0.2.53:", NULL },
	{ "192.0.2.53:+53", NULL },
	{ "[2001:db8::53]53", NULL },
	{ "192.0.2.256", NULL },
	{ "ns1.vendor.example", NULL },
	{ "[]", NULL },
	{ "", NULL },
};

static void an_address_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		const char *address = NULL;
		bool ok = server_address_parse(&arena, cases[i].text, 53, &address, &err);

		if (ok != (cases[i].address != NULL))
			fail_msg("\"%s\": %s", cases[i].text, ok ? address : err.text);
		if (ok)
			assert_string_equal(address, cases[i].address);
		else
			assert_int_equal(err.code, ERR_USAGE);
		arena_reset(&arena);
	}
}

static void ids_are_not_guessed(void **state)
{
	enum { TAKEN = 2 * QUERY_IDS };
	static bool seen[UINT16_MAX + 1];
	struct query_ids ids = { 0 };
	size_t different = 0, follows = 0;
	uint16_t last = 0;

	(void)state;
	for (size_t i = 0; i < TAKEN; i++) {
		uint16_t id = query_id_take(&ids);

		different += !seen[id];
		seen[id] = true;
		follows += i > 0 && (uint16_t)(id - last) <= 1;
		last = id;
	}
	/* by chance not even one is expected of each kind */
	assert_true(different > TAKEN - 8);
	assert_true(follows < 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_read),
		cmocka_unit_test(ids_are_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/verify/spf_memory.h"
#include "told.h"

#define HOST  "_spf.vendor.example"
#define OURS  "v=spf1 include:" HOST " -all"
#define RANGE "v=spf1 ip4:192.0.2.0/24 -all"

/* One domain, and what stands at it and at the host. */
struct world {
	const char *domain;
	const char *record;
	const char *beside; /* another text at the domain; NULL: none */
	const char *host;
	const char *address;
	enum spf_result result;
};

#define ACME \
	{ \
		"acme.example", OURS, NULL, RANGE, "192.0.2.25", SPF_PASS \
	}

static const struct world acme = ACME;

/* What is kept in one world, and whether it is found in the other. */
static const struct {
	const char *what;
	struct world kept, asked;
	bool found;
} cases[] = {
	{ "the same domain again", ACME, ACME, true },
	{ "another domain with the same record",
	  ACME,
	  { "globex.example", OURS, "other text", RANGE, "192.0.2.25", SPF_PASS },
	  true },
	{ "another record",
	  ACME,
	  { "globex.example", "v=spf1 include:" HOST " ~all", NULL, RANGE, "192.0.2.25", SPF_PASS },
	  false },
	{ "the host says something else now",
	  ACME,
	  { "acme.example", OURS, NULL, "v=spf1 -all", "192.0.2.25", SPF_PASS },
	  false },
	{ "another client",
	  ACME,
	  { "acme.example", OURS, NULL, RANGE, "192.0.2.26", SPF_PASS },
	  false },
	{ "a second SPF record",
	  ACME,
	  { "acme.example", OURS, "v=spf1 -all", RANGE, "192.0.2.25", SPF_PASS },
	  false },
	{ "it did not pass",
	  { "acme.example", OURS, NULL, "v=spf1 -all", "192.0.2.25", SPF_FAIL },
	  { "acme.example", OURS, NULL, "v=spf1 -all", "192.0.2.25", SPF_FAIL },
	  false },
	{ "a macro in the record",
	  { "acme.example", OURS " exp=%{d}", NULL, RANGE, "192.0.2.25", SPF_PASS },
	  { "acme.example", OURS " exp=%{d}", NULL, RANGE, "192.0.2.25", SPF_PASS },
	  false },
	{ "a macro at the host",
	  { "acme.example", OURS, NULL, "v=spf1 exists:%{l}.x.example", "192.0.2.25", SPF_PASS },
	  { "acme.example", OURS, NULL, "v=spf1 exists:%{l}.x.example", "192.0.2.25", SPF_PASS },
	  false },
};

/* To the host itself the record means something else: it includes itself. */
static const struct world itself = { HOST, OURS, NULL, OURS, "192.0.2.25", SPF_PASS };

static void foresee(struct inquiry *inquiry, const struct world *world,
                    struct spf_foresight *foresight)
{
	told(inquiry, "", HOST, DNS_TXT, DNS_FOUND, world->host, NULL);
	told(inquiry, "", world->domain, DNS_TXT, DNS_FOUND, world->record, world->beside, NULL);
	assert_true(spf_foresight(inquiry, world->domain,
	                          inquiry_ask(inquiry, world->domain, DNS_TXT), foresight));
}

static void keep(struct spf_memory *memory, const struct world *world)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct spf_foresight foresight;
	const struct spf_check_request request = { .address = world->address };
	const struct spf_check_verdict verdict = { .result = world->result, .lookups = 1 };

	foresee(inquiry, world, &foresight);
	spf_memory_keep(memory, &foresight, &request, 1, &verdict);
	inquiry_close(inquiry);
}

static bool find(const struct spf_memory *memory, const struct world *world)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct spf_foresight foresight;
	const struct spf_check_request request = { .address = world->address };
	struct spf_check_verdict verdict = { .result = SPF_UNKNOWN };
	bool found = false;

	foresee(inquiry, world, &foresight);
	found = spf_memory_find(memory, &foresight, &request, 1, &verdict);
	if (found) {
		assert_int_equal(verdict.result, SPF_PASS);
		assert_int_equal(verdict.lookups, 1);
		assert_string_equal(verdict.text, world->record);
	}
	inquiry_close(inquiry);
	return found;
}

static void only_the_same_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct spf_memory *memory = spf_memory_open();

		assert_false(find(memory, &cases[i].asked));
		keep(memory, &cases[i].kept);
		if (find(memory, &cases[i].asked) != cases[i].found)
			fail_msg("%s", cases[i].what);
		spf_memory_close(memory);
	}
}

static void the_host_itself_is_another_case(void **state)
{
	struct spf_memory *memory = spf_memory_open();

	(void)state;
	keep(memory, &acme);
	assert_false(find(memory, &itself));
	spf_memory_close(memory);
}

/* It does not grow for ever. */
static void it_begins_anew(void **state)
{
	struct spf_memory *memory = spf_memory_open();
	struct world world = acme;
	char record[64];

	(void)state;
	keep(memory, &acme);
	world.record = record;
	for (int i = 0; i < SPF_MEMORY_MOST; i++) {
		assert_true(find(memory, &acme));
		(void)snprintf(record, sizeof(record), "v=spf1 ip4:198.51.%d.%d ip4:192.0.2.25",
		               i / 200, i % 200);
		keep(memory, &world);
		assert_true(find(memory, &world));
	}
	assert_false(find(memory, &acme));
	spf_memory_close(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_same_is_found),
		cmocka_unit_test(the_host_itself_is_another_case),
		cmocka_unit_test(it_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

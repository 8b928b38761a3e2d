#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/verify/domain_check.h"
#include "told.h"

#define KEY "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static const char *const names[] = { "s1._domainkey.acme.example", "s2._domainkey.acme.example" };

static void tell_everywhere(struct inquiry *inquiry, const char *name, const char *key)
{
	static const char *const servers[] = { "192.0.2.2", "192.0.2.3", "" };

	for (size_t i = 0; i < LENGTH(servers); i++)
		told(inquiry, servers[i], name, DNS_TXT, key ? DNS_FOUND : DNS_NO_NAME, key, NULL);
}

/* Each step begins where the last one ended, and what is over stays as it is. */
static void what_is_settled_is_not_looked_at_again(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct facts_domain domain = { .name = "acme.example" };
	struct facts facts = { .hosting_domain = "vendor.example" };
	struct requirement requirements[2];
	struct domain_check check = { .facts = &facts,
		                      .domain = &domain,
		                      .requirements = requirements,
		                      .requirement_count = 2 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		requirements[i] = (struct requirement){ .purpose = PURPOSE_DKIM,
			                                .domain = domain.name,
			                                .name = names[i],
			                                .type = "TXT",
			                                .value = KEY,
			                                .required = true };
	told_zone(inquiry);
	tell_everywhere(inquiry, names[0], KEY);
	assert_false(domain_check_step(inquiry, &check));
	assert_true(check.verdicts[0].settled);
	assert_int_equal(check.verdicts[0].state, VERDICT_MATCH);
	assert_false(check.verdicts[1].settled);
	assert_false(check.finished);

	tell_everywhere(inquiry, names[0], NULL);
	tell_everywhere(inquiry, names[1], KEY);
	assert_true(domain_check_step(inquiry, &check));
	assert_int_equal(check.verdicts[0].state, VERDICT_MATCH);
	assert_int_equal(check.verdicts[1].state, VERDICT_MATCH);
	assert_true(check.finished);
	inquiry_close(inquiry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_settled_is_not_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

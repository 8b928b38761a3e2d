#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/plan/dmarc_reading.h"
#include "tests/unit/ask_world.h"

enum { RECORDS = 6 };

/* Who publishes what; From; another domain; then what the two regimes make of
 * it: organization, policy and where it stands, does the other domain align. */
/* clang-format off */
static const struct {
	struct ask_world world[RECORDS];
	const char *planned;
	const char *from, *other;
	const char *walk, *list;
} cases[] = {
	/* the ordinary case: one record at the registered domain */
	{ { { "_dmarc.acme.com", "v=DMARC1; p=reject", ASK_TXT } }, NULL, "acme.com", "bounce.acme.com",
	  "acme.com reject _dmarc.acme.com aligned", "acme.com reject _dmarc.acme.com aligned" },
	{ { { "_dmarc.acme.com", "v=DMARC1; p=reject; sp=quarantine", ASK_TXT } }, NULL, "mail.acme.com",
	  "acme.com", "acme.com quarantine _dmarc.acme.com aligned",
	  "acme.com quarantine _dmarc.acme.com aligned" },
	{ { { "_dmarc.acme.co.uk", "v=DMARC1; p=none", ASK_TXT } }, NULL, "mail.acme.co.uk",
	  "other.co.uk", "acme.co.uk none _dmarc.acme.co.uk strange",
	  "acme.co.uk none _dmarc.acme.co.uk strange" },
	/* nobody publishes anything: the list knows a family, the tree does not */
	{ { { NULL, NULL, ASK_TXT } }, NULL, "mail.acme.com", "acme.com",
	  "mail.acme.com - - strange", "acme.com - - aligned" },
	/* only the subdomain has a record: its own organization by RFC 9989 */
	{ { { "_dmarc.mail.acme.com", "v=DMARC1; p=reject", ASK_TXT } }, NULL, "mail.acme.com", "acme.com",
	  "mail.acme.com reject _dmarc.mail.acme.com strange",
	  "acme.com reject _dmarc.mail.acme.com aligned" },
	/* a record between the two is found by walking only */
	{ { { "_dmarc.de.acme.com", "v=DMARC1; p=none; sp=reject", ASK_TXT } }, NULL, "shop.de.acme.com",
	  "de.acme.com", "de.acme.com reject _dmarc.de.acme.com aligned", "acme.com - - aligned" },
	/* psd=n: a part of the house on its own */
	{ { { "_dmarc.shop.acme.com", "v=DMARC1; p=reject; psd=n", ASK_TXT },
	    { "_dmarc.acme.com", "v=DMARC1; p=none", ASK_TXT } }, NULL, "shop.acme.com", "acme.com",
	  "shop.acme.com reject _dmarc.shop.acme.com strange",
	  "acme.com reject _dmarc.shop.acme.com aligned" },
	/* psd=y above: the registry's customers are the organizations */
	{ { { "_dmarc.bank", "v=DMARC1; p=reject; psd=y", ASK_TXT } }, NULL, "mail.acme.bank", "other.bank",
	  "acme.bank reject _dmarc.bank strange", "acme.bank - - strange" },
	{ { { "_dmarc.bank", "v=DMARC1; p=reject; psd=y", ASK_TXT } }, NULL, "mail.acme.bank", "acme.bank",
	  "acme.bank reject _dmarc.bank aligned", "acme.bank - - aligned" },
	/* t=y weakens by one level; the older standard does not know it */
	{ { { "_dmarc.acme.com", "v=DMARC1; p=reject; t=y", ASK_TXT } }, NULL, "acme.com", "acme.com",
	  "acme.com quarantine _dmarc.acme.com aligned", "acme.com reject _dmarc.acme.com aligned" },
	{ { { "_dmarc.acme.com", "v=DMARC1; p=quarantine; t=y; pct=50", ASK_TXT } }, NULL, "acme.com",
	  "acme.com", "acme.com none _dmarc.acme.com aligned",
	  "acme.com quarantine _dmarc.acme.com aligned" },
	/* what is broken or doubled is none */
	{ { { "_dmarc.acme.com", "v=DMARC1; p=reject", ASK_TXT },
	    { "_dmarc.acme.com", "v=DMARC1; p=none", ASK_TXT } }, NULL, "acme.com", "acme.com",
	  "acme.com - - aligned broken", "acme.com - - aligned broken" },
	{ { { "_dmarc.acme.com", "v=DMARC1; p=refuse", ASK_TXT } }, NULL, "acme.com", "a.acme.com",
	  "acme.com - - strange broken", "acme.com - - aligned broken" },
	{ { { "_dmarc.acme.com", "google-site-verification=1", ASK_TXT } }, NULL, "acme.com", "acme.com",
	  "acme.com - - aligned", "acme.com - - aligned" },
	{ { { "_dmarc.acme.com", "v=DMARC1; rua=mailto:d@acme.com", ASK_TXT } }, NULL, "acme.com", "acme.com",
	  "acme.com none _dmarc.acme.com aligned", "acme.com none _dmarc.acme.com aligned" },
	/* what will be published counts as if it were there; what is there goes first */
	{ { { NULL, NULL, ASK_TXT } }, "v=DMARC1; p=none", "acme.com", "bounce.acme.com",
	  "acme.com none _dmarc.acme.com aligned", "acme.com none _dmarc.acme.com aligned" },
	{ { { "_dmarc.acme.com", "v=DMARC1; p=reject", ASK_TXT } }, "v=DMARC1; p=none", "acme.com",
	  "acme.com", "acme.com reject _dmarc.acme.com aligned",
	  "acme.com reject _dmarc.acme.com aligned" },
	/* silence is no answer, and the plan does not stand in for it */
	{ { { "_dmarc.acme.com", NULL, ASK_TXT } }, "v=DMARC1; p=none", "acme.com", "acme.com",
	  "acme.com - - aligned unknown", "acme.com - - aligned unknown" },
	{ { { "_dmarc.acme.com", NULL, ASK_TXT } }, NULL, "acme.com", "acme.com",
	  "acme.com - - aligned unknown", "acme.com - - aligned unknown" },
	/* nine labels: the second question is about seven */
	{ { { "_dmarc.c.d.e.f.g.acme.com", "v=DMARC1; p=reject", ASK_TXT } }, NULL,
	  "a.b.c.d.e.f.g.acme.com", "acme.com",
	  "c.d.e.f.g.acme.com reject _dmarc.c.d.e.f.g.acme.com strange", "acme.com - - aligned" },
	{ { { "_dmarc.b.c.d.e.f.g.acme.com", "v=DMARC1; p=reject", ASK_TXT } }, NULL,
	  "a.b.c.d.e.f.g.acme.com", "acme.com",
	  "a.b.c.d.e.f.g.acme.com - - strange", "acme.com - - aligned" },
};
/* clang-format on */

static const char *shown(struct arena *arena, const struct ask *ask,
                         const struct dmarc_reading *reading, enum dmarc_regime regime,
                         const char *other)
{
	const struct dmarc_view *view = &reading->views[regime];
	struct err err = { 0 };
	bool aligned = false;

	assert_true(
		dmarc_reading_aligned(arena, ask, reading, regime, other, false, &aligned, &err));
	return arena_print(arena, "%s %s %s %s%s%s", view->organization,
	                   view->policy == DMARC_UNSAID ? "-" : dmarc_record_word(view->policy),
	                   view->name != NULL ? view->name : "-", aligned ? "aligned" : "strange",
	                   reading->broken != NULL ? " broken" : "",
	                   reading->unknown ? " unknown" : "");
}

static void both_standards_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct ask_world world[RECORDS + 1] = { { NULL, NULL, ASK_TXT } };
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct dmarc_reading reading;

		memcpy(world, cases[i].world, sizeof cases[i].world);
		struct ask ask = ask_world(world);
		assert_true(dmarc_reading_find(&arena, &ask, cases[i].from, cases[i].planned,
		                               &reading, &err));
		const char *walk = shown(&arena, &ask, &reading, DMARC_RFC9989, cases[i].other);
		const char *list = shown(&arena, &ask, &reading, DMARC_RFC7489, cases[i].other);
		if (strcmp(walk, cases[i].walk) != 0 || strcmp(list, cases[i].list) != 0)
			fail_msg("case %zu, %s: \"%s\", \"%s\"", i, cases[i].from, walk, list);
		arena_reset(&arena);
	}
}

static void strict_is_the_very_same(void **state)
{
	static const struct ask_world world[] = {
		{ "_dmarc.acme.com", "v=DMARC1; p=reject; aspf=s", ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	struct ask ask = ask_world(world);
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct dmarc_reading reading;
	bool aligned = true;

	(void)state;
	assert_true(dmarc_reading_find(&arena, &ask, "acme.com", NULL, &reading, &err));
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++) {
		assert_true(reading.views[regime].record.strict_spf);
		assert_true(dmarc_reading_aligned(&arena, &ask, &reading, regime, "b.acme.com",
		                                  true, &aligned, &err));
		assert_false(aligned);
		assert_true(dmarc_reading_aligned(&arena, &ask, &reading, regime, "acme.com", true,
		                                  &aligned, &err));
		assert_true(aligned);
	}
	arena_reset(&arena);
}

static void without_dns_only_the_plan_is_known(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct dmarc_reading reading;
	bool aligned = false;

	(void)state;
	assert_true(
		dmarc_reading_find(&arena, NULL, "acme.com", "v=DMARC1; p=none", &reading, &err));
	assert_true(reading.unknown);
	assert_true(dmarc_reading_aligned(&arena, NULL, &reading, DMARC_RFC9989, "bounce.acme.com",
	                                  false, &aligned, &err));
	assert_true(aligned);
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_standards_are_read),
		cmocka_unit_test(strict_is_the_very_same),
		cmocka_unit_test(without_dns_only_the_plan_is_known),
	};
	return cmocka_run_group_tests_name("dmarc_reading", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/plan/way_plan.h"
#include "tests/unit/ask_world.h"

enum { RECORDS = 8 };

#define V "include:_spf.vendor.test"
#define VENDOR \
	{ \
		"_spf.vendor.test", "v=spf1 ip4:192.0.2.1 -all", ASK_TXT \
	}

static const char *mx1_addresses[] = { "192.0.2.1", NULL };

static struct facts_relay relays[] = {
	{ .name = "mx1", .helo = "mx1.vendor.test", .addresses = mx1_addresses },
};

static const struct facts facts = {
	.provider = "lms",
	.hosting_domain = "learning.vendor.test",
	.spf_host = "_spf.vendor.test",
	.relays = relays,
	.relay_count = 1,
};

/* In this world a record lets us in when it names our include with "+". */
static bool ask_spf(void *context, struct arena *arena, const struct ask_spf *question,
                    struct spf_check_verdict *verdict, struct err *err)
{
	const char *record = question->record;
	struct ask_answer answer;

	if (record == NULL) {
		if (!ask_world_records(context, arena, question->domain, ASK_TXT, &answer, err))
			return false;
		record = answer.count > 0 ? answer.texts[0].text : NULL;
	}
	*verdict = (struct spf_check_verdict){
		.result = record == NULL                   ? SPF_NONE
		          : strstr(record, " " V) != NULL  ? SPF_PASS
		          : strstr(record, "-all") != NULL ? SPF_FAIL
		                                           : SPF_SOFTFAIL,
		.lookups = 3,
	};
	return true;
}

/* Where every way stands: its word, SPF/DKIM/DMARC by both standards, look-ups;
 * "=" marks the registered one, "!" a closed one. */
static const char *ranked(struct arena *arena, const struct way_plan *plans, size_t count)
{
	struct text out = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct way_plan *plan = &plans[i];
		text_addf(&out, "%s%s%s", plan->way->word, plan->registered ? "=" : "",
		          plan->refused != NULL ? "!" : "");
		if (plan->outcome.ours)
			text_addf(&out, " %s/%s/%d%d/%zu", plan->outcome.spf.result,
			          plan->outcome.dkim.result, plan->outcome.passes[DMARC_RFC9989],
			          plan->outcome.passes[DMARC_RFC7489], plan->lookups);
		text_add(&out, "; ");
	}
	const char *text = arena_copy(arena, text_string(&out));
	text_free(&out);
	return text;
}

static const struct facts_domain acme = {
	.name = "acme.test",
	.client = "acme",
	.mode = "relayed",
	.dkim = true,
	.publish = "txt",
};

/* clang-format off */
static const struct {
	struct ask_world world[RECORDS];
	bool no_dkim;
	const char *envelope, *spf_waived, *mode;
	const char *want;
	const char *warns; /* a word of the registered way's warning; NULL: it has none */
} cases[] = {
	/* everything possible: the subdomain with DKIM first, DMARC with SPF alone is warned of nowhere */
	{ { VENDOR, { "acme.test", "v=spf1 mx -all", ASK_TXT } }, false, NULL, NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim= pass/pass/11/2; dkim fail/pass/11/0; "
	  "spf pass/none/11/2; direct; hosted pass/pass/11/1; ", NULL },
	{ { VENDOR }, false, "bounce.acme.test", NULL, NULL,
	  "mailfrom-dkim= pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; "
	  "spf pass/none/11/1; direct; hosted pass/pass/11/1; ", NULL },
	/* D6: SPF alone under p=reject is refused, under p=quarantine warned of */
	{ { VENDOR, { "_dmarc.acme.test", "v=DMARC1; p=reject", ASK_TXT } }, true, NULL, NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; direct; "
	  "hosted pass/pass/11/1; spf=! pass/none/11/1; ", "p=reject" },
	{ { VENDOR, { "_dmarc.acme.test", "v=DMARC1; p=quarantine", ASK_TXT } }, true, NULL, NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; "
	  "spf= pass/none/11/1; direct; hosted pass/pass/11/1; ", "p=quarantine" },
	{ { VENDOR, { "_dmarc.acme.test", "v=DMARC1; p=reject", ASK_TXT } }, true, "b.acme.test", NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; direct; "
	  "hosted pass/pass/11/1; spf! pass/none/11/1; mailfrom=! pass/none/11/1; ", "p=reject" },
	/* aspf=s: a subdomain's SPF does not align; its DKIM still does */
	{ { VENDOR, { "_dmarc.acme.test", "v=DMARC1; p=none; aspf=s", ASK_TXT } }, true, "b.acme.test", NULL,
	  NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; "
	  "spf pass/none/11/1; direct; hosted pass/pass/11/1; mailfrom= pass/none/00/1; ", NULL },
	/* over ten look-ups, or broken: SPF at the domain is closed, the others are not */
	{ { VENDOR, { "acme.test", "v=spf1 a mx a:1.test a:2.test a:3.test a:4.test a:5.test a:6.test "
	              "a:7.test a:8.test -all", ASK_TXT } }, false, NULL, NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; dkim fail/pass/11/0; direct; hosted pass/pass/11/1; "
	  "spf-dkim=! fail/pass/11/0; spf! fail/none/00/0; ", "receivers refuse" },
	{ { VENDOR, { "acme.test", "v=spf1 ip4:300.1.1.1 ~all", ASK_TXT } }, false, NULL, NULL, NULL,
	  "mailfrom-dkim pass/pass/11/1; dkim softfail/pass/11/0; direct; hosted pass/pass/11/1; "
	  "spf-dkim=! softfail/pass/11/0; spf! softfail/none/00/0; ", NULL },
	/* SPF waived: DKIM alone, or neither */
	{ { VENDOR, { "acme.test", "v=spf1 mx -all", ASK_TXT } }, false, NULL, "by letter", NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/2; dkim= fail/pass/11/2; "
	  "spf pass/none/11/2; direct; hosted pass/pass/11/1; ", "before they look at DKIM" },
	{ { VENDOR, { "acme.test", "v=spf1 mx -all", ASK_TXT } }, true, NULL, "own server lets us in", NULL,
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/2; dkim fail/pass/11/0; "
	  "spf pass/none/11/2; direct; hosted pass/pass/11/1; let-in= fail/none/00/2; ",
	  "refuses our addresses" },
	/* other modes */
	{ { VENDOR }, false, NULL, NULL, "direct",
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; "
	  "spf pass/none/11/1; direct=; hosted pass/pass/11/1; ", NULL },
	{ { VENDOR }, false, NULL, NULL, "on-premises",
	  "mailfrom-dkim pass/pass/11/1; spf-dkim pass/pass/11/1; dkim none/pass/11/0; "
	  "spf pass/none/11/1; direct; hosted pass/pass/11/1; on-premises=; ", NULL },
	{ { VENDOR }, false, NULL, NULL, "hosted", "hosted= pass/pass/11/1; ", NULL },
};
/* clang-format on */

static void ways_are_ranked_by_what_receivers_will_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct ask_world world[RECORDS + 1] = { { NULL, NULL, ASK_TXT } };
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct facts_domain domain = acme;
		struct way_plan *plans;
		const char *warning = NULL;
		size_t count;

		memcpy(world, cases[i].world, sizeof cases[i].world);
		struct ask ask = ask_world(world);
		ask.spf = ask_spf;
		domain.dkim = !cases[i].no_dkim;
		domain.envelope_domain = cases[i].envelope;
		domain.waived[PURPOSE_SPF] = cases[i].spf_waived;
		if (cases[i].mode != NULL)
			domain.mode = cases[i].mode;
		assert_true(way_plan_all(&arena, &ask, &facts, &domain, &plans, &count, &err));
		const char *got = ranked(&arena, plans, count);
		for (size_t p = 0; p < count; p++)
			if (plans[p].registered)
				warning = plans[p].outcome.warning;
		if (strcmp(got, cases[i].want) != 0 || (warning == NULL) != (cases[i].warns == NULL)
		    || (warning != NULL && strstr(warning, cases[i].warns) == NULL))
			fail_msg("case %zu: \"%s\", %s", i, got, warning);
		arena_reset(&arena);
	}
}

static const struct way_plan *plan_of(const struct way_plan *plans, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(plans[i].way->word, word) == 0)
			return &plans[i];
	fail_msg("there is no way %s", word);
	return NULL;
}

static const char *records_of(struct arena *arena, const struct way_plan *plan)
{
	struct text out = { 0 };

	for (size_t i = 0; i < plan->list.count; i++) {
		const struct requirement *r = &plan->list.items[i];
		text_addf(&out, "%s %s %s %s %s%s; ", requirement_owner(r->owner),
		          requirement_action(r->action), r->name, r->type,
		          r->value != NULL ? r->value : "-", r->waived != NULL ? " (waived)" : "");
	}
	const char *text = arena_copy(arena, text_string(&out));
	text_free(&out);
	return text;
}

static void every_way_has_its_records_and_commands(void **state)
{
	static const struct ask_world world[] = { VENDOR,
		                                  { "acme.test", "v=spf1 mx ?all", ASK_TXT },
		                                  { NULL, NULL, ASK_TXT } };
	static const struct {
		const char *way, *records, *command;
	} rows[] = {
		{ "mailfrom-dkim",
		  "customer add bounce.acme.test TXT v=spf1 " V " -all; "
		  "customer add bounce.acme.test MX 10 mx1.vendor.test; "
		  "customer add _dmarc.acme.test TXT v=DMARC1; p=none; "
		  "customer add SELECTOR._domainkey.acme.test TXT -; ",
		  "senderctl domain set acme.test --mode relayed --envelope-domain bounce.acme.test "
		  "--dkim yes" },
		{ "spf-dkim",
		  "customer replace acme.test TXT v=spf1 mx " V " ?all; "
		  "customer add _dmarc.acme.test TXT v=DMARC1; p=none; "
		  "customer add SELECTOR._domainkey.acme.test TXT -; ",
		  NULL },
		{ "dkim",
		  "customer add _dmarc.acme.test TXT v=DMARC1; p=none; "
		  "customer add SELECTOR._domainkey.acme.test TXT -; ",
		  "senderctl domain set acme.test --mode relayed --envelope-domain \"\" --dkim yes" },
		{ "spf",
		  "customer replace acme.test TXT v=spf1 mx " V " ?all; "
		  "customer add _dmarc.acme.test TXT v=DMARC1; p=none; ",
		  "senderctl domain set acme.test --mode relayed --envelope-domain \"\" --dkim no" },
		{ "direct", "customer add acme.test SMTP -; ",
		  "senderctl smarthost add lms/acme HOST --user USER --password-file FILE" },
		{ "hosted",
		  "provider add acme.learning.vendor.test TXT v=spf1 " V " -all; "
		  "provider add acme.learning.vendor.test MX 10 mx1.vendor.test; "
		  "provider add _dmarc.acme.learning.vendor.test TXT v=DMARC1; p=none; "
		  "provider add SELECTOR._domainkey.acme.learning.vendor.test TXT -; ",
		  "senderctl site add lms/acme https://acme.learning.vendor.test/" },
	};
	struct ask ask = ask_world(world);
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct way_plan *plans;
	size_t count;

	(void)state;
	ask.spf = ask_spf;
	assert_true(way_plan_all(&arena, &ask, &facts, &acme, &plans, &count, &err));
	assert_int_equal(count, LENGTH(rows));
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct way_plan *plan = plan_of(plans, count, rows[i].way);
		assert_string_equal(records_of(&arena, plan), rows[i].records);
		assert_int_equal(plan->keyless,
		                 strstr(rows[i].records, "SELECTOR") != NULL ? 1 : 0);
		if (rows[i].command == NULL)
			assert_null(plan->commands[0]);
		else
			assert_string_equal(plan->commands[0], rows[i].command);
	}
	arena_reset(&arena);
}

/* A subdomain as sender, whose parent publishes nothing: two standards, two families. */
static void where_the_standards_differ_is_said(void **state)
{
	static const struct ask_world world[] = {
		VENDOR,
		{ "_dmarc.b.mail.acme.com", "v=DMARC1; p=none; psd=n", ASK_TXT },
		{ "_dmarc.mail.acme.com", "v=DMARC1; p=quarantine; pct=30", ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	struct facts_domain domain = acme;
	struct ask ask = ask_world(world);
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct way_plan *plans;
	size_t count;

	(void)state;
	ask.spf = ask_spf;
	domain.name = "mail.acme.com";
	domain.envelope_domain = "b.mail.acme.com";
	domain.dkim = false;
	assert_true(way_plan_all(&arena, &ask, &facts, &domain, &plans, &count, &err));
	const struct outcome *outcome = &plan_of(plans, count, "mailfrom")->outcome;
	assert_false(outcome->passes[DMARC_RFC9989]);
	assert_true(outcome->passes[DMARC_RFC7489]);
	assert_non_null(strstr(outcome->difference, "RFC 9989"));
	assert_non_null(strstr(outcome->receiver[DMARC_RFC9989], "quarantine"));
	assert_non_null(strstr(outcome->receiver[DMARC_RFC7489], "genuine"));
	/* a way on which the standards differ comes after those that pass by both */
	assert_string_equal(plans[count - 1].way->word, "mailfrom");
	assert_null(plan_of(plans, count, "spf-dkim")->outcome.difference);
	arena_reset(&arena);
}

static void without_dns_the_plan_says_what_it_does_not_know(void **state)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct way_plan *plans;
	size_t count;

	(void)state;
	assert_true(way_plan_all(&arena, NULL, &facts, &acme, &plans, &count, &err));
	const struct way_plan *both = plan_of(plans, count, "spf-dkim");
	assert_string_equal(both->outcome.spf.result, "pass");
	assert_false(both->priced);
	assert_int_equal(both->lookups, 1);
	assert_true(both->outcome.reading.unknown);
	assert_string_equal(plan_of(plans, count, "dkim")->outcome.spf.result, "unknown");
	arena_reset(&arena);
}

static void every_way_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < way_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ways[i].word, ways[j].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_are_ranked_by_what_receivers_will_say),
		cmocka_unit_test(every_way_has_its_records_and_commands),
		cmocka_unit_test(where_the_standards_differ_is_said),
		cmocka_unit_test(without_dns_the_plan_says_what_it_does_not_know),
		cmocka_unit_test(every_way_has_a_word_of_its_own),
	};
	return cmocka_run_group_tests_name("way_plan", tests, NULL, NULL);
}

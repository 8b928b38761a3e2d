#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/plan/planner.h"
#include "tests/unit/ask_world.h"

static const char *mx1_addresses[] = { "192.0.2.1", "2001:db8::1", NULL };

static struct facts_relay relays[] = {
	{ .name = "mx1", .helo = "mx1.vendor.example", .addresses = mx1_addresses },
};

static const struct facts facts = {
	.provider = "lms",
	.hosting_domain = "learning.vendor.example",
	.spf_host = "_spf.vendor.example",
	.relays = relays,
	.relay_count = 1,
};

static const unsigned char raw_key[32] = { 1, 2, 3 };
#define P "AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static struct facts_key key_in(const char *state, const char *publish)
{
	return (struct facts_key){ .id = 7,
		                   .selector = "e202611a",
		                   .algorithm = "ed25519-sha256",
		                   .bits = 256,
		                   .public_key = raw_key,
		                   .public_key_size = sizeof raw_key,
		                   .publish = publish,
		                   .state = state };
}

/* One line per requirement, for people who read a failing test. */
static const char *listed(struct planner *planner)
{
	struct text out = { 0 };

	for (size_t i = 0; i < planner->list.count; i++) {
		const struct requirement *r = &planner->list.items[i];
		text_addf(&out, "%s %s %s %s %s %s%s|", requirement_purpose(r->purpose),
		          requirement_owner(r->owner), requirement_action(r->action), r->name,
		          r->type, r->value != NULL ? r->value : "-",
		          r->required ? "" : " (optional)");
	}
	const char *text = arena_copy(planner->arena, text_string(&out));
	text_free(&out);
	return text;
}

static void expect(const struct facts_domain *domain, const struct ask_world *world,
                   const char *want)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct ask ask = ask_world(world);
	struct planner planner = { .arena = &arena,
		                   .facts = &facts,
		                   .ask = world != NULL ? &ask : NULL };

	if (!planner_domain(&planner, domain, &err))
		fail_msg("%s", err.text);
	assert_string_equal(listed(&planner), want);
	arena_reset(&arena);
}

static const struct facts_domain relayed = {
	.name = "acme.example",
	.mode = "relayed",
	.dkim = true,
	.publish = "txt",
};

static void a_relayed_domain_owes_spf_and_dkim(void **state)
{
	struct facts_key key = key_in("publish-pending", "txt");
	struct facts_domain domain = relayed;

	(void)state;
	domain.keys = &key;
	domain.key_count = 1;
	expect(&domain, NULL,
	       "spf customer add acme.example TXT v=spf1 include:_spf.vendor.example ~all|"
	       "dkim customer add e202611a._domainkey.acme.example TXT v=DKIM1; k=ed25519; p=" P "|"
	       "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|");
}

static void a_delegated_key_has_a_pointer_and_a_target(void **state)
{
	struct facts_key key = key_in("publish-pending", "cname");
	struct facts_domain domain = relayed;

	(void)state;
	domain.keys = &key;
	domain.key_count = 1;
	domain.waived[PURPOSE_SPF] = "their server lets our mail in";
	expect(&domain, NULL,
	       "spf customer add acme.example TXT v=spf1 include:_spf.vendor.example ~all "
	       "(optional)|"
	       "dkim customer add e202611a._domainkey.acme.example CNAME "
	       "e202611a.acme.example._domainkey.learning.vendor.example|"
	       "dkim provider add e202611a.acme.example._domainkey.learning.vendor.example TXT "
	       "v=DKIM1; k=ed25519; p=" P "|"
	       "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|");
}

/* State of a key, and what is said about its record. */
static void a_key_is_added_kept_removed_or_voided(void **state)
{
	static const struct {
		const char *key_state;
		const char *want;
	} rows[] = {
		{ "generated", "add" },    { "published", "keep" }, { "active", "keep" },
		{ "retiring", "keep" },    { "retired", "delete" }, { "cancelled", "delete" },
		{ "destroyed", "delete" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct arena arena = { 0 };
		struct err err = { 0 };
		struct facts_key key = key_in(rows[i].key_state, "txt");
		struct facts_domain domain = relayed;
		struct planner planner = { .arena = &arena, .facts = &facts };
		domain.keys = &key;
		domain.key_count = 1;
		assert_true(planner_domain(&planner, &domain, &err));
		assert_string_equal(requirement_action(planner.list.items[1].action), rows[i].want);
		arena_reset(&arena);
	}
	struct facts_key burnt = key_in("revoked", "txt");
	struct facts_domain domain = relayed;
	domain.keys = &burnt;
	domain.key_count = 1;
	expect(&domain, NULL,
	       "spf customer add acme.example TXT v=spf1 include:_spf.vendor.example ~all|"
	       "dkim customer replace e202611a._domainkey.acme.example TXT v=DKIM1; p= (optional)|"
	       "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|");
}

static void what_dns_says_is_merged_kept_or_left_alone(void **state)
{
	static const struct {
		struct ask_world world[6];
		const char *want;
	} rows[] = {
		{ { { "acme.example", "v=spf1 mx -all", ASK_TXT },
		    { "_dmarc.acme.example", "v=DMARC1; p=reject", ASK_TXT } },
		  "spf customer replace acme.example TXT v=spf1 mx include:_spf.vendor.example "
		  "-all|"
		  "dmarc customer keep _dmarc.acme.example TXT v=DMARC1; p=reject (optional)|" },
		{ { { "acme.example", "v=spf1 include:_spf.vendor.example -all", ASK_TXT } },
		  "spf customer keep acme.example TXT v=spf1 include:_spf.vendor.example -all|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		{ { { "acme.example", "v=spf1 mx -all", ASK_TXT },
		    { "acme.example", "v=spf1 a -all", ASK_TXT } },
		  "spf customer replace acme.example TXT v=spf1 mx a include:_spf.vendor.example "
		  "-all|"
		  "spf customer delete acme.example TXT v=spf1 a -all|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		{ { { "acme.example", "v=spf1 ip4:300.1.1.1 -all", ASK_TXT } },
		  "spf customer replace acme.example TXT -|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		/* in quotes: the customer's terms are there, and nobody reads them */
		{ { { "acme.example", "\"v=spf1 a mx -all\"", ASK_TXT } },
		  "spf customer replace acme.example TXT -|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		{ { { "acme.example", " v=spf1 a mx -all", ASK_TXT } },
		  "spf customer replace acme.example TXT -|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		/* a remark about SPF is no record, and beside a good one nothing is lost */
		{ { { "acme.example", "see v=spf1 a -all", ASK_TXT } },
		  "spf customer add acme.example TXT v=spf1 include:_spf.vendor.example ~all|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		{ { { "acme.example", "\"v=spf1 a mx -all\"", ASK_TXT },
		    { "acme.example", "v=spf1 mx -all", ASK_TXT } },
		  "spf customer replace acme.example TXT v=spf1 mx include:_spf.vendor.example "
		  "-all|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		{ { { "acme.example", NULL, ASK_TXT } },
		  "spf customer add acme.example TXT v=spf1 include:_spf.vendor.example ~all|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
		/* the includes' own lookups count too */
		{ { { "acme.example", "v=spf1 include:big.example -all", ASK_TXT },
		    { "big.example",
		      "v=spf1 a mx a:1.example a:2.example a:3.example a:4.example "
		      "a:5.example a:6.example a:7.example -all",
		      ASK_TXT } },
		  "spf customer replace acme.example TXT -|"
		  "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		expect(&relayed, rows[i].world, rows[i].want);
}

static void dmarc_is_looked_for_above_the_name_too(void **state)
{
	static const struct ask_world world[] = {
		{ "_dmarc.acme.example", "v=DMARC1; p=quarantine", ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	struct facts_domain domain = relayed;

	(void)state;
	domain.name = "a.b.c.d.e.f.g.h.acme.example";
	expect(&domain, world,
	       "spf customer add a.b.c.d.e.f.g.h.acme.example TXT "
	       "v=spf1 include:_spf.vendor.example ~all|"
	       "dmarc customer keep _dmarc.acme.example TXT v=DMARC1; p=quarantine (optional)|");
}

/* What stands there and is broken is not helped by a second record. */
static void a_broken_dmarc_record_is_mended_not_doubled(void **state)
{
	static const struct {
		struct ask_world world[4];
		const char *want, *note;
	} rows[] = {
		{ { { "_dmarc.acme.example", "v=DMARC1; p=none", ASK_TXT },
		    { "_dmarc.acme.example", "v=DMARC1; p=reject", ASK_TXT } },
		  "dmarc customer replace _dmarc.acme.example TXT - (optional)|",
		  "ignore them all" },
		{ { { "_dmarc.acme.example", "v=DMARC1; p=refuse", ASK_TXT } },
		  "dmarc customer replace _dmarc.acme.example TXT - (optional)|",
		  "p= is missing" },
		{ { { "_dmarc.acme.example", "v=DMARC1; p=reject; sp", ASK_TXT } },
		  "dmarc customer keep _dmarc.acme.example TXT v=DMARC1; p=reject; sp (optional)|",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct ask_world world[5] = { { NULL, NULL, ASK_TXT } };
		struct arena arena = { 0 };
		struct err err = { 0 };

		memcpy(world, rows[i].world, sizeof rows[i].world);
		struct ask ask = ask_world(world);
		struct planner planner = { .arena = &arena, .facts = &facts, .ask = &ask };
		assert_true(planner_domain(&planner, &relayed, &err));
		assert_non_null(strstr(listed(&planner), rows[i].want));
		const struct requirement *dmarc = &planner.list.items[planner.list.count - 1];
		if (rows[i].note != NULL)
			assert_non_null(strstr(dmarc->note, rows[i].note));
		else
			assert_null(dmarc->note);
		arena_reset(&arena);
	}
}

/* A merge that, tried out, does something else is not shown as a plan. */
static bool proves_bad(void *context, struct arena *arena, const struct ask_change *change,
                       struct ask_proof *proof, struct err *err)
{
	UNUSED(context);
	UNUSED(err);
	assert_string_equal(change->before[0], "v=spf1 mx -all");
	assert_string_equal(change->after, "v=spf1 mx include:_spf.vendor.example -all");
	assert_int_equal(change->relay_count, 2);
	*proof = (struct ask_proof){ .tried = 7, .bad = arena_copy(arena, "192.0.2.9 gets pass") };
	return true;
}

static void what_a_trial_disproves_is_refused(void **state)
{
	static const struct ask_world world[] = {
		{ "acme.example", "v=spf1 mx -all", ASK_TXT },
		{ "_spf.vendor.example", "v=spf1 ip4:192.0.2.1 -all", ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct ask ask = ask_world(world);
	struct planner planner = { .arena = &arena, .facts = &facts, .ask = &ask };

	(void)state;
	ask.prove = proves_bad;
	assert_true(planner_domain(&planner, &relayed, &err));
	assert_int_equal(planner.refused, 1);
	assert_null(planner.list.items[0].value);
	assert_string_equal(planner.list.items[0].present, "v=spf1 mx -all");
	assert_non_null(strstr(planner.list.items[0].note, "192.0.2.9 gets pass"));
	arena_reset(&arena);
}

/* D7: existing records are kept; all that is ever asked for is a copy of the reports. */
static void reports_are_asked_for_and_wanted(void **state)
{
	static const struct ask_world world[] = {
		{ "_dmarc.acme.example", "v=DMARC1; p=reject; sp=none", ASK_TXT },
		{ "_dmarc.other.example", "v=DMARC1; p=none; rua=mailto:dmarc@vendor.test",
		  ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	static const struct {
		const char *domain, *want;
	} rows[] = {
		{ "acme.example", "dmarc customer replace _dmarc.acme.example TXT v=DMARC1; "
		                  "p=reject; sp=none; rua=mailto:dmarc@vendor.test (optional)|" },
		{ "mail.acme.example", "dmarc customer keep _dmarc.acme.example TXT v=DMARC1; "
		                       "p=reject; sp=none (optional)|" },
		{ "other.example", "dmarc customer keep _dmarc.other.example TXT v=DMARC1; p=none; "
		                   "rua=mailto:dmarc@vendor.test (optional)|" },
		{ "new.example", "dmarc customer add _dmarc.new.example TXT v=DMARC1; p=none; "
		                 "rua=mailto:dmarc@vendor.test (optional)|" },
	};
	struct facts wanting = facts;
	struct facts_domain served[] = { relayed, relayed };
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct ask ask = ask_world(world);

	(void)state;
	wanting.dmarc_report = "dmarc@vendor.test";
	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct planner planner = { .arena = &arena, .facts = &wanting, .ask = &ask };
		struct facts_domain domain = relayed;
		domain.name = rows[i].domain;
		assert_true(planner_domain(&planner, &domain, &err));
		assert_non_null(strstr(listed(&planner), rows[i].want));
	}
	served[1].name = "sub.vendor.test"; /* of the same house: needs no permission */
	wanting.domains = served;
	wanting.domain_count = LENGTH(served);
	struct planner own = { .arena = &arena, .facts = &wanting };
	planner_provider(&own);
	assert_non_null(strstr(listed(&own), "dmarc provider add acme.example._report._dmarc."
	                                     "vendor.test TXT v=DMARC1 (optional)|"));
	assert_null(strstr(listed(&own), "sub.vendor.test._report"));
	arena_reset(&arena);
}

static void other_modes_owe_other_things(void **state)
{
	struct facts_sender sender = { .address = "claim@acme.learning.vendor.example",
		                       .url = "https://acme.learning.vendor.example/" };
	struct facts_domain hosted = { .name = "acme.learning.vendor.example",
		                       .mode = "hosted",
		                       .dkim = true,
		                       .publish = "cname",
		                       .senders = &sender,
		                       .sender_count = 1 };
	struct facts_domain direct = { .name = "acme.example",
		                       .mode = "direct",
		                       .smarthost = "smtp.acme.example",
		                       .smarthost_port = 587,
		                       .smarthost_tls = "starttls",
		                       .smarthost_user = "lms" };
	struct facts_key key = key_in("publish-pending", "cname");

	(void)state;
	hosted.keys = &key;
	hosted.key_count = 1;
	expect(&hosted, NULL,
	       "spf provider add acme.learning.vendor.example TXT v=spf1 "
	       "include:_spf.vendor.example -all|"
	       "mailfrom provider add acme.learning.vendor.example MX 10 mx1.vendor.example "
	       "(optional)|"
	       "dkim provider add e202611a._domainkey.acme.learning.vendor.example TXT "
	       "v=DKIM1; k=ed25519; p=" P "|"
	       "site provider add acme.learning.vendor.example URL "
	       "https://acme.learning.vendor.example/ (optional)|"
	       "dmarc provider add _dmarc.acme.learning.vendor.example TXT v=DMARC1; p=none "
	       "(optional)|");
	expect(&direct, NULL,
	       "smarthost customer add smtp.acme.example:587 SMTP starttls, AUTH lms|");
	direct.mode = "on-premises";
	expect(&direct, NULL, "");
}

static void a_mail_from_domain_of_its_own_leaves_the_apex_alone(void **state)
{
	struct facts_domain domain = relayed;

	(void)state;
	domain.envelope_domain = "bounce.acme.example";
	expect(&domain, NULL,
	       "mailfrom customer add bounce.acme.example TXT v=spf1 include:_spf.vendor.example "
	       "-all|"
	       "mailfrom customer add bounce.acme.example MX 10 mx1.vendor.example (optional)|"
	       "dmarc customer add _dmarc.acme.example TXT v=DMARC1; p=none (optional)|");
}

static void the_provider_owes_its_include_and_its_relays_names(void **state)
{
	struct arena arena = { 0 };
	struct planner planner = { .arena = &arena, .facts = &facts };

	(void)state;
	planner_provider(&planner);
	assert_string_equal(
		listed(&planner),
		"spf provider add _spf.vendor.example TXT v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 "
		"-all|"
		"spf provider add mx1.vendor.example TXT v=spf1 a -all|"
		"mailfrom provider add mx1.vendor.example A 192.0.2.1|"
		"mailfrom provider add 1.2.0.192.in-addr.arpa PTR mx1.vendor.example (optional)|"
		"mailfrom provider add mx1.vendor.example AAAA 2001:db8::1|"
		"mailfrom provider add 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		"8.b.d.0.1.0.0.2.ip6.arpa PTR mx1.vendor.example (optional)|");
	arena_reset(&arena);
}

static void many_addresses_are_chained_below_450_octets(void **state)
{
	static char texts[80][16];
	static const char *many[81];
	struct arena arena = { 0 };
	struct facts_relay big = { .name = "mx", .helo = "mx.vendor.example", .addresses = many };
	struct facts more = facts;
	struct planner planner = { .arena = &arena, .facts = &more };
	size_t addresses = 0;

	(void)state;
	for (size_t i = 0; i < 80; i++) {
		(void)snprintf(texts[i], sizeof texts[i], "198.51.100.%zu", i + 100);
		many[i] = texts[i];
	}
	more.relays = &big;
	planner_provider(&planner);
	for (size_t i = 0; i < planner.list.count; i++) {
		const struct requirement *r = &planner.list.items[i];
		if (r->purpose != PURPOSE_SPF)
			continue;
		assert_true(strlen(r->value) <= 450);
		for (const char *p = r->value; (p = strstr(p, "ip4:")) != NULL; p++)
			addresses++;
	}
	assert_int_equal(addresses, 80);
	assert_non_null(strstr(planner.list.items[0].value, "include:_1._spf.vendor.example"));
	arena_reset(&arena);
}

/* S19: the include of an include, a range: whatever lets every address pass. */
static bool everything_passes(void *context, struct arena *arena, const struct ask_spf *question,
                              struct spf_check_verdict *verdict, struct err *err)
{
	UNUSED(context);
	UNUSED(arena);
	UNUSED(err);
	*verdict = (struct spf_check_verdict){ .result = SPF_FAIL };
	if (strcmp(question->domain, "acme.example") == 0
	    && strcmp(question->helo, "mx1.vendor.example") == 0
	    && strchr("12", question->address[0]) != NULL)
		verdict->result = SPF_PASS;
	return true;
}

static void who_passes_already_needs_no_change(void **state)
{
	static const struct ask_world world[] = {
		{ "acme.example", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", ASK_TXT },
		{ NULL, NULL, ASK_TXT },
	};
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct ask ask = ask_world(world);
	struct planner planner = { .arena = &arena, .facts = &facts, .ask = &ask };

	(void)state;
	ask.spf = everything_passes;
	assert_true(planner_domain(&planner, &relayed, &err));
	assert_int_equal(planner.list.items[0].action, ACTION_KEEP);
	assert_string_equal(planner.list.items[0].value,
	                    "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all");
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relayed_domain_owes_spf_and_dkim),
		cmocka_unit_test(a_delegated_key_has_a_pointer_and_a_target),
		cmocka_unit_test(a_key_is_added_kept_removed_or_voided),
		cmocka_unit_test(what_dns_says_is_merged_kept_or_left_alone),
		cmocka_unit_test(dmarc_is_looked_for_above_the_name_too),
		cmocka_unit_test(a_broken_dmarc_record_is_mended_not_doubled),
		cmocka_unit_test(what_a_trial_disproves_is_refused),
		cmocka_unit_test(reports_are_asked_for_and_wanted),
		cmocka_unit_test(other_modes_owe_other_things),
		cmocka_unit_test(a_mail_from_domain_of_its_own_leaves_the_apex_alone),
		cmocka_unit_test(the_provider_owes_its_include_and_its_relays_names),
		cmocka_unit_test(many_addresses_are_chained_below_450_octets),
		cmocka_unit_test(who_passes_already_needs_no_change),
	};
	return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}

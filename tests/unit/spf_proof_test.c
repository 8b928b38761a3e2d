#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_proof.h"
#include "told.h"

#define V "include:_spf.vendor.example"

static struct spf_worker *worker;

static int open_worker(void **state)
{
	struct err err = { 0 };

	(void)state;
	return spf_worker_open(&worker, &err) ? 0 : -1;
}

static int close_worker(void **state)
{
	(void)state;
	spf_worker_close(worker);
	return 0;
}

/* The world around acme.example, whose own record each case brings along. */
static struct inquiry *world(void)
{
	struct inquiry *inquiry = inquiry_open(NULL);

	told(inquiry, "", "_spf.vendor.example", DNS_TXT, DNS_FOUND,
	     "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8:25::/48 -all", NULL);
	told(inquiry, "", "acme.example", DNS_MX, DNS_FOUND, "mail.acme.example", NULL);
	told(inquiry, "", "acme.example", DNS_A, DNS_FOUND, "198.51.100.80", NULL);
	told(inquiry, "", "acme.example", DNS_AAAA, DNS_NO_DATA, NULL);
	told(inquiry, "", "mail.acme.example", DNS_A, DNS_FOUND, "198.51.100.25", NULL);
	told(inquiry, "", "mail.acme.example", DNS_AAAA, DNS_FOUND, "2001:db8:1::25", NULL);
	told(inquiry, "", "other.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:203.0.113.128/25 -all",
	     NULL);
	told(inquiry, "", "slow.example", DNS_TXT, DNS_TIMEOUT, NULL);
	told(inquiry, "", "gone.example", DNS_TXT, DNS_NO_NAME, NULL);
	return inquiry;
}

enum { MOST = 3 };

/* What stands there, what shall; how many rows, bad ones, unsure ones; then some
 * rows: "address before after", with "+" when what was added explains it. */
/* clang-format off */
static const struct {
	const char *before[MOST];
	const char *after;
	const char *term;  /* NULL: V */
	size_t bad, unsure;
	const char *rows[12];
} cases[] = {
	/* the relay, the vendor's range, the neighbours, the mx, a stranger */
	{ { "v=spf1 mx -all" }, "v=spf1 mx " V " -all", NULL, 0, 0,
	  { "192.0.2.7 fail pass ours", "192.0.2.0 fail pass +", "192.0.2.15 fail pass +",
	    "192.0.1.255 fail fail", "192.0.2.16 fail fail", "2001:db8:25:: fail pass +",
	    "2001:db8:25:ffff:ffff:ffff:ffff:ffff fail pass +", "2001:db8:24:ffff:ffff:ffff:ffff:ffff fail fail",
	    "198.51.100.25 pass pass", "2001:db8:1::25 pass pass", "203.0.113.254 fail fail" } },
	/* ranges, and what is included */
	{ { "v=spf1 ip4:198.51.100.0/24 include:other.example ~all" },
	  "v=spf1 ip4:198.51.100.0/24 include:other.example " V " ~all", NULL, 0, 0,
	  { "198.51.100.0 pass pass", "198.51.100.255 pass pass", "198.51.99.255 softfail softfail",
	    "198.51.101.0 softfail softfail", "203.0.113.128 pass pass", "203.0.113.255 pass pass",
	    "203.0.113.127 softfail softfail", "203.0.114.0 softfail softfail" } },
	/* hosts with a network around them */
	{ { "v=spf1 a/28 mx//64 ?all" }, "v=spf1 a/28 mx//64 " V " ?all", NULL, 0, 0,
	  { "198.51.100.80 pass pass", "198.51.100.95 pass pass", "198.51.100.79 neutral neutral",
	    "198.51.100.96 neutral neutral", "2001:db8:1:: pass pass", "2001:db8:1:0:ffff:ffff:ffff:ffff pass pass",
	    "2001:db8:1:1:: neutral neutral" } },
	/* the policy is another one: everybody who failed sees it */
	{ { "v=spf1 ip4:198.51.100.1 -all" }, "v=spf1 ip4:198.51.100.1 " V " ~all", NULL, 8, 0,
	  { "203.0.113.254 fail softfail" } },
	{ { "v=spf1 ip4:198.51.100.1 -all" }, "v=spf1 ip4:198.51.100.0/24 " V " -all", NULL, 3, 0,
	  { "198.51.100.0 fail pass", "198.51.100.255 fail pass", "198.51.100.1 pass pass" } },
	{ { "v=spf1 ip4:198.51.100.1 -all" }, "v=spf1 " V " -all", NULL, 1, 0,
	  { "198.51.100.1 pass fail" } },
	/* our relay does not pass */
	{ { "v=spf1 mx -all" }, "v=spf1 mx -all " V, NULL, 1, 0, { "192.0.2.7 fail fail ours" } },
	{ { "v=spf1 mx -all" }, "v=spf1 mx include:gone.example -all", "include:gone.example", 3, 0,
	  { "192.0.2.7 fail permerror ours", "198.51.100.25 pass pass" } },
	/* a term that authorises nobody but us */
	{ { "v=spf1 mx -all" }, "v=spf1 mx ip4:192.0.2.7 -all", "ip4:192.0.2.7", 0, 0,
	  { "192.0.2.7 fail pass ours", "192.0.2.6 fail fail", "192.0.2.8 fail fail" } },
	/* nobody had a policy: nothing can get worse, but who passes must be ours */
	{ { NULL }, "v=spf1 " V " ~all", NULL, 0, 0,
	  { "192.0.2.7 none pass ours", "203.0.113.254 none softfail", "192.0.2.15 none pass +" } },
	{ { NULL }, "v=spf1 ip4:198.51.100.1 " V " ~all", NULL, 1, 0, { "198.51.100.1 none pass" } },
	/* several were a permerror: who passes by one of them may pass */
	{ { "v=spf1 mx -all", "v=spf1 ip4:198.51.100.1 ~all" }, "v=spf1 mx ip4:198.51.100.1 " V " ~all", NULL, 0, 0,
	  { "192.0.2.7 permerror pass ours", "198.51.100.1 permerror pass", "198.51.100.25 permerror pass",
	    "198.51.100.2 permerror softfail" } },
	{ { "v=spf1 mx -all", "v=spf1 ip4:198.51.100.1 ~all" }, "v=spf1 mx ip4:198.51.100.0/31 " V " ~all", NULL, 1, 0,
	  { "198.51.100.1 permerror pass", "198.51.100.0 permerror pass" } },
	/* what was never told proves nothing */
	{ { "v=spf1 include:slow.example -all" }, "v=spf1 " V " include:slow.example -all", NULL, 0, 6,
	  { "192.0.2.7 temperror pass ours", "203.0.113.254 temperror temperror" } },
	{ { "v=spf1 include:slow.example -all" }, "v=spf1 include:slow.example " V " -all", NULL, 0, 11,
	  { "192.0.2.7 temperror temperror ours" } },
	/* behind a redirect */
	{ { "v=spf1 redirect=other.example" }, "v=spf1 " V " redirect=other.example", NULL, 0, 0,
	  { "203.0.113.128 pass pass", "203.0.113.127 fail fail", "192.0.2.7 fail pass ours" } },
};
/* clang-format on */

static const char *line_of(struct arena *arena, const struct spf_proof_row *row)
{
	return arena_print(arena, "%s %s %s%s%s", row->address, spf_check_word(row->before),
	                   spf_check_word(row->after), row->ours ? " ours" : "",
	                   row->added ? " +" : "");
}

static bool has_line(struct arena *arena, const struct spf_proof *proof, const char *line)
{
	for (size_t i = 0; i < proof->row_count; i++)
		if (strcmp(line_of(arena, &proof->rows[i]), line) == 0)
			return true;
	return false;
}

static void complain(struct arena *arena, size_t number, const struct spf_proof *proof,
                     const char *line)
{
	for (size_t i = 0; i < proof->row_count; i++)
		print_message("%s%s\n", line_of(arena, &proof->rows[i]),
		              proof->rows[i].good ? "" : " BAD");
	fail_msg("case %zu: %zu bad, %zu unsure; wanted %s", number, proof->bad, proof->unsure,
	         line);
}

static void a_change_is_seen_where_it_shows(void **state)
{
	static const char *const relays[] = { "192.0.2.7" };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inquiry *inquiry = world();
		struct arena *arena = inquiry_arena(inquiry);
		const char *term = cases[i].term != NULL ? cases[i].term : V;
		struct spf_proof proof = { .domain = "acme.example",
			                   .before = cases[i].before,
			                   .after = cases[i].after,
			                   .terms = &term,
			                   .term_count = 1,
			                   .relays = relays,
			                   .relay_count = 1,
			                   .worker = worker };

		while (proof.before_count < MOST && cases[i].before[proof.before_count] != NULL)
			proof.before_count++;
		assert_true(spf_proof_step(inquiry, &proof));
		if (proof.bad != cases[i].bad || proof.unsure != cases[i].unsure)
			complain(arena, i, &proof, "other counts");
		for (size_t r = 0; r < LENGTH(cases[i].rows) && cases[i].rows[r] != NULL; r++)
			if (!has_line(arena, &proof, cases[i].rows[r]))
				complain(arena, i, &proof, cases[i].rows[r]);
		assert_true(proof.rows[0].ours);
		inquiry_close(inquiry);
	}
	assert_int_equal(spf_worker_deaths(worker), 0);
}

/* A step is called again when answers have come; what was told stays. */
static void a_proof_waits_for_answers(void **state)
{
	static const char *const relays[] = { "192.0.2.7", "::ffff:192.0.2.7" };
	static const char *const before[] = { "v=spf1 include:other.example -all" };
	static const char *const terms[] = { V };
	struct inquiry *inquiry = inquiry_open(NULL);
	struct spf_proof proof = { .domain = "acme.example",
		                   .before = before,
		                   .before_count = 1,
		                   .after = "v=spf1 include:other.example " V " -all",
		                   .terms = terms,
		                   .term_count = 1,
		                   .relays = relays,
		                   .relay_count = 2,
		                   .worker = worker };

	(void)state;
	assert_false(spf_proof_step(inquiry, &proof));
	assert_int_equal(proof.ours_unsure, 1);
	told(inquiry, "", "other.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:203.0.113.0/24 -all",
	     NULL);
	assert_false(spf_proof_step(inquiry, &proof));
	told(inquiry, "", "_spf.vendor.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:192.0.2.0/24 -all",
	     NULL);
	assert_true(spf_proof_step(inquiry, &proof));
	assert_int_equal(proof.unsure, 0);
	assert_int_equal(proof.bad, 0);
	assert_true(has_line(inquiry_arena(inquiry), &proof, "203.0.113.255 pass pass"));
	inquiry_close(inquiry);
}

/* ---- many evaluations at once ------------------------------------------------- */

/* Who asks for bomb.example dies. */
static const struct dns_answer *bomb(void *context, const char *name, int type)
{
	static const struct dns_answer nothing = { .outcome = DNS_NO_NAME };

	(*(size_t *)context)++;
	(void)type;
	if (strcmp(name, "bomb.example") == 0)
		(void)kill(spf_worker_process(worker), SIGKILL);
	return &nothing;
}

static const char *const with_bomb[] = { "v=spf1 ip4:192.0.2.0/24 a:bomb.example -all" };
static const char *const harmless[] = { "v=spf1 a:quiet.example ?all" };

static const struct spf_trial_view views[] = {
	{ with_bomb, 1 },
	{ harmless, 1 },
	{ NULL, 0 },
};

static const struct spf_trial trial = { .domain = "acme.example",
	                                .mail_from = "postmaster@acme.example",
	                                .helo = "acme.example",
	                                .views = views,
	                                .view_count = LENGTH(views) };

static void a_death_costs_its_own_results_only(void **state)
{
	struct spf_trial_try tries[] = {
		{ "192.0.2.1", 0, SPF_UNKNOWN }, { "198.51.100.1", 0, SPF_PASS },
		{ "192.0.2.2", 0, SPF_UNKNOWN }, { "198.51.100.1", 1, SPF_UNKNOWN },
		{ "192.0.2.1", 2, SPF_UNKNOWN },
	};
	static const enum spf_result wanted[] = { SPF_PASS, SPF_UNKNOWN, SPF_PASS, SPF_NEUTRAL,
		                                  SPF_NONE };
	size_t asked = 0;
	struct spf_check_source source = { bomb, &asked };

	(void)state;
	spf_worker_try(worker, &trial, &source, tries, LENGTH(tries));
	for (size_t i = 0; i < LENGTH(tries); i++)
		assert_int_equal(tries[i].result, wanted[i]);
}

static void each_question_is_asked_once(void **state)
{
	static char addresses[500][16];
	struct spf_trial_try tries[LENGTH(addresses)];
	size_t asked = 0;
	struct spf_check_source source = { bomb, &asked };
	size_t deaths = spf_worker_deaths(worker);

	(void)state;
	for (size_t i = 0; i < LENGTH(addresses); i++) {
		(void)snprintf(addresses[i], sizeof addresses[i], "198.51.%zu.%zu", i / 250,
		               i % 250);
		tries[i] = (struct spf_trial_try){ addresses[i], 1, SPF_UNKNOWN };
	}
	spf_worker_try(worker, &trial, &source, tries, LENGTH(tries));
	for (size_t i = 0; i < LENGTH(tries); i++)
		assert_int_equal(tries[i].result, SPF_NEUTRAL);
	assert_int_equal(asked, 1);
	assert_int_equal(spf_worker_deaths(worker), deaths);
}

/* What does not fit into a packet is tried one by one, or not at all; never is
 * it a pass. */
static void a_record_that_is_too_long_is_nobodys_pass(void **state)
{
	struct text record = { 0 };
	size_t asked = 0;
	struct spf_check_source source = { bomb, &asked };
	struct spf_trial_try one = { "192.0.2.1", 0, SPF_PASS };

	(void)state;
	text_add(&record, "v=spf1");
	for (int i = 0; i < 20000; i++)
		text_add(&record, " x=12345678");
	text_add(&record, " +all");
	const char *texts[] = { text_string(&record) };
	struct spf_trial_view view = { texts, 1 };
	struct spf_trial huge = trial;
	huge.views = &view;
	huge.view_count = 1;
	spf_worker_try(worker, &huge, &source, &one, 1);
	assert_int_equal(one.result, SPF_UNKNOWN);
	text_free(&record);
}

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_seen_where_it_shows),
		cmocka_unit_test(a_proof_waits_for_answers),
		cmocka_unit_test(each_question_is_asked_once),
		cmocka_unit_test(a_death_costs_its_own_results_only),
		cmocka_unit_test(a_record_that_is_too_long_is_nobodys_pass),
		cmocka_unit_test(each_question_is_asked_once),
	};
	return cmocka_run_group_tests_name("spf_proof", tests, open_worker, close_worker);
}

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_worker.h"
#include "told.h"

static struct spf_worker *worker;

/* A secret that stands nowhere but in our memory and environment. */
static char needle[33];

static void hide_needle(void)
{
	uint8_t bytes[16];

	assert_int_equal(getrandom(bytes, sizeof(bytes), 0), sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(needle + 2 * i, 3, "%02x", bytes[i]);
	assert_int_equal(setenv("PGPASSWORD", needle, 1), 0);
}

static int open_worker(void **state)
{
	struct err err = { 0 };

	(void)state;
	hide_needle();
	return spf_worker_open(&worker, &err) ? 0 : -1;
}

static int close_worker(void **state)
{
	(void)state;
	spf_worker_close(worker);
	return 0;
}

static const struct spf_check_request from_acme = { .address = "192.0.2.25",
	                                            .mail_from = "claim@acme.example",
	                                            .helo = "relay.vendor.example" };

static void check(struct inquiry *inquiry, const struct spf_check_request *request,
                  struct spf_check_verdict *verdict)
{
	struct spf_check_source source = spf_worker_source(inquiry);

	spf_worker_check(worker, inquiry_arena(inquiry), request, &source, verdict);
}

static void an_include_is_followed_and_the_match_is_named(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct spf_check_verdict verdict;

	(void)state;
	told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND,
	     "v=spf1 ip4:198.51.100.1 include:_spf.vendor.example -all", "other text", NULL);
	check(inquiry, &from_acme, &verdict);
	assert_int_equal(verdict.result, SPF_INCOMPLETE);
	told(inquiry, "", "_spf.vendor.example", DNS_TXT, DNS_FOUND, "v=spf1 ip4:192.0.2.0/24 -all",
	     NULL);
	check(inquiry, &from_acme, &verdict);
	assert_int_equal(verdict.result, SPF_PASS);
	assert_string_equal(verdict.mechanism, "include:_spf.vendor.example");
	assert_string_equal(verdict.record, "acme.example");
	assert_int_equal(verdict.column, 25);
	assert_int_equal(verdict.lookups, 1);
	assert_int_equal(verdict.step_count, 2);
	assert_true(verdict.steps[1].matched);
	assert_int_equal(verdict.steps[1].depth, 1);
	inquiry_close(inquiry);
}

/* libspf2 alone cuts compiled records at 511 octets and says nothing. */
static void a_long_record_is_not_cut(void **state)
{
	struct inquiry *inquiry = inquiry_open(NULL);
	struct spf_check_verdict verdict;
	struct text record = { 0 };

	(void)state;
	text_add(&record, "v=spf1");
	for (int i = 0; i < 300; i++)
		text_addf(&record, " ip4:198.51.%d.%d", i / 200, i % 200);
	text_add(&record, " ip4:192.0.2.25 -all");
	told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND, text_string(&record), NULL);
	check(inquiry, &from_acme, &verdict);
	assert_int_equal(verdict.result, SPF_PASS);
	assert_string_equal(verdict.mechanism, "ip4:192.0.2.25");
	text_free(&record);
	inquiry_close(inquiry);
}

/* CVE-2023-42118 and its relatives: what ends libspf2 alone. */
static void hostile_macros_hurt_nobody(void **state)
{
	static const char *const tails[] = { "", "A", "AAAAAAAAAA", "%{d}", "." };

	(void)state;
	for (size_t t = 0; t < LENGTH(tails); t++) {
		for (int count = 120; count <= 130; count++) {
			struct inquiry *inquiry = inquiry_open(NULL);
			struct spf_check_verdict verdict;
			struct text text = { 0 };
			struct text term = { 0 };

			for (int i = 0; i < count; i++)
				text_add(&text, "%{d}");
			for (int i = 0; i < (t == 2 ? 400 : 1); i++)
				text_add(&text, tails[t]);
			told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND,
			     "v=spf1 -all exp=x.example.com", NULL);
			told(inquiry, "", "x.example.com", DNS_TXT, DNS_FOUND, text_string(&text),
			     NULL);
			check(inquiry, &from_acme, &verdict);
			assert_int_equal(verdict.result, SPF_FAIL);
			text_addf(&term, "v=spf1 foo=%s exists:%s -all", text_string(&text),
			          text_string(&text));
			told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND, text_string(&term),
			     NULL);
			check(inquiry, &from_acme, &verdict);
			assert_int_not_equal(verdict.result, SPF_UNKNOWN);
			assert_int_not_equal(verdict.result, SPF_PASS);
			text_free(&text);
			text_free(&term);
			inquiry_close(inquiry);
		}
	}
	assert_int_equal(spf_worker_deaths(worker), 0);
}

static const struct dns_answer *kill_it(void *context, const char *name, int type)
{
	(void)name;
	(void)type;
	(void)kill(spf_worker_process(worker), *(int *)context);
	return NULL;
}

/* A crash and a stall cost one verdict each; the next one is right again. */
static void a_death_costs_one_verdict(void **state)
{
	static int signals[] = { SIGKILL, SIGSEGV, SIGSTOP };
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(signals); i++) {
		struct spf_check_source source = { kill_it, &signals[i] };
		struct spf_check_verdict verdict;
		size_t before = spf_worker_deaths(worker);

		spf_worker_check(worker, &arena, &from_acme, &source, &verdict);
		assert_int_equal(verdict.result, SPF_UNKNOWN);
		assert_non_null(verdict.problem);
		assert_int_equal(spf_worker_deaths(worker), before + 1);
		an_include_is_followed_and_the_match_is_named(NULL);
	}
	arena_reset(&arena);
}

struct counted {
	struct inquiry *inquiry;
	size_t asked;
};

static const struct dns_answer *count_question(void *context, const char *name, int type)
{
	struct counted *counted = context;

	counted->asked++;
	return inquiry_ask(counted->inquiry, name, type);
}

/* What is foreseen travels with the requests: nothing is left to be asked. */
static void many_clients_are_judged_at_once(void **state)
{
	static const char host[] = "_spf.vendor.example";
	struct counted counted = { inquiry_open(NULL), 0 };
	struct spf_check_source source = { count_question, &counted };
	struct spf_check_request requests[20];
	struct spf_check_verdict verdicts[20];
	struct spf_foresight foresight;
	struct spf_worker_job job = { requests, 8, &source, &foresight };

	(void)state;
	for (size_t i = 0; i < LENGTH(requests); i++) {
		requests[i] = from_acme;
		requests[i].address = i % 3 == 0 ? "198.51.100.7" : "192.0.2.25";
	}
	told(counted.inquiry, "", "acme.example", DNS_TXT, DNS_FOUND,
	     "v=spf1 include:_spf.vendor.example -all", NULL);
	told(counted.inquiry, "", host, DNS_TXT, DNS_FOUND, "v=spf1 ip4:192.0.2.0/24 -all", NULL);
	assert_true(spf_foresight(counted.inquiry, "acme.example",
	                          inquiry_ask(counted.inquiry, "acme.example", DNS_TXT),
	                          &foresight));
	job.count = LENGTH(requests);
	assert_int_equal(spf_worker_check_all(worker, inquiry_arena(counted.inquiry), &job,
	                                      verdicts),
	                 0);
	assert_int_equal(counted.asked, 0);
	for (size_t i = 0; i < LENGTH(requests); i++) {
		assert_int_equal(verdicts[i].result, i % 3 == 0 ? SPF_FAIL : SPF_PASS);
		assert_int_equal(verdicts[i].lookups, 1);
		assert_string_equal(verdicts[i].mechanism,
		                    i % 3 == 0 ? "-all" : "include:_spf.vendor.example");
	}
	job.foresight = NULL;
	assert_int_equal(spf_worker_check_all(worker, inquiry_arena(counted.inquiry), &job,
	                                      verdicts),
	                 3 * 2); /* three conversations, two records */
	assert_int_equal(counted.asked, 3 * 2);
	inquiry_close(counted.inquiry);
}

/* The first question ends the evaluator, and only the first. */
static const struct dns_answer *kill_once(void *context, const char *name, int type)
{
	struct counted *counted = context;

	if (counted->asked == 0)
		(void)kill(spf_worker_process(worker), SIGKILL);
	return count_question(context, name, type);
}

/* Who was evaluated together with what killed the evaluator is evaluated apart. */
static void a_death_spares_the_others(void **state)
{
	struct counted counted = { inquiry_open(NULL), 0 };
	struct spf_check_source source = { kill_once, &counted };
	struct spf_check_request requests[] = { from_acme, from_acme, from_acme };
	struct spf_check_verdict verdicts[LENGTH(requests)];
	struct spf_worker_job job = { requests, LENGTH(requests), &source, NULL };
	size_t before = spf_worker_deaths(worker);
	size_t asked = 0;

	(void)state;
	told(counted.inquiry, "", "acme.example", DNS_TXT, DNS_FOUND, "v=spf1 +all", NULL);
	asked = spf_worker_check_all(worker, inquiry_arena(counted.inquiry), &job, verdicts);
	assert_int_equal(asked, counted.asked);
	for (size_t i = 0; i < LENGTH(requests); i++)
		assert_int_equal(verdicts[i].result, SPF_PASS);
	assert_int_equal(spf_worker_deaths(worker), before + 1);
	inquiry_close(counted.inquiry);
}

enum { PIECE = 1 << 20, SHADOW = 1 << 30 };

/* Is the needle between these addresses?  Pieces overlap by its length. */
static bool range_holds_needle(int memory, unsigned long from, unsigned long to, size_t *seen)
{
	static char piece[PIECE];

	while (from < to) {
		size_t wanted = to - from < PIECE ? to - from : PIECE;
		ssize_t size = pread(memory, piece, wanted, (off_t)from);

		if (size <= 0)
			return false;
		*seen += (size_t)size;
		if (memmem(piece, (size_t)size, needle, strlen(needle)))
			return true;
		if ((size_t)size <= strlen(needle))
			return false;
		from += (size_t)size - (from + (size_t)size < to ? strlen(needle) : 0);
	}
	return false;
}

/* All memory of a process.  What is larger than SHADOW is a sanitizer's map of
 * it, which has terabytes and no contents. */
static bool holds_needle(pid_t process, size_t *seen)
{
	char path[64];
	char line[512];
	bool found = false;
	FILE *maps = NULL;
	int memory = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", process);
	maps = fopen(path, "r");
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", process);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	assert_non_null(maps);
	assert_true(memory >= 0);
	*seen = 0;
	while (!found && fgets(line, sizeof(line), maps)) {
		char *end = NULL;
		unsigned long from = strtoul(line, &end, 16);
		unsigned long to = strtoul(end + 1, &end, 16);

		if (end[1] == 'r' && to - from < SHADOW)
			found = range_holds_needle(memory, from, to, seen);
	}
	(void)fclose(maps);
	(void)close(memory);
	return found;
}

static size_t environment_size(pid_t process)
{
	char path[64];
	char bytes[256];
	size_t size = 0;
	FILE *file = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", process);
	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	return size;
}

/* "0 -> socket" is all it has. */
static size_t count_descriptors(pid_t process)
{
	char path[64];
	size_t count = 0;
	DIR *folder = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", process);
	folder = opendir(path);
	assert_non_null(folder);
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		count += entry->d_name[0] != '.';
	(void)closedir(folder);
	return count;
}

/* The same look at a fork of us finds it: so would the worker, were it one. */
static void nothing_of_ours_is_in_it(void **state)
{
	pid_t copy = 0;
	size_t seen = 0;

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root may look into the worker, which is as it should be */
	copy = fork();
	if (copy == 0)
		for (;;)
			(void)pause();
	assert_true(copy > 0);
	assert_true(holds_needle(getpid(), &seen));
	assert_true(holds_needle(copy, &seen));
	assert_true(environment_size(copy) > 0);
	(void)kill(copy, SIGKILL);
	(void)waitpid(copy, NULL, 0);

	an_include_is_followed_and_the_match_is_named(NULL);
	assert_false(holds_needle(spf_worker_process(worker), &seen));
	assert_true(seen > 1 << 20);
	assert_int_equal(environment_size(spf_worker_process(worker)), 0);
	assert_int_equal(count_descriptors(spf_worker_process(worker)), 1);
}

/* Result for records that look alike; the address is 192.0.2.25. */
static const struct {
	const char *record;
	enum spf_result result;
	size_t problem_column;
} results[] = {
	{ "v=spf1 ip4:10.0.0.0/0 -all", SPF_PASS, 0 },
	{ "v=spf1 redirect=none.example ip4:192.0.2.25", SPF_PASS, 0 },
	{ "v=spf1 -all ip4:192.0.2.25", SPF_FAIL, 0 },
	{ "v=spf1 ?all", SPF_NEUTRAL, 0 },
	{ "v=spf1", SPF_NEUTRAL, 0 },
	{ "v=spf1 ip4:192.0.2.25 inclde:x.example", SPF_PERMERROR, 23 },
	{ "v=spf1 include:none.example ip4:192.0.2.25", SPF_PERMERROR, 8 },
	{ "v=spf1 redirect=none.example", SPF_PERMERROR, 8 },
	{ "v=spf10 +all", SPF_NONE, 0 },
	{ "v=spf1 include:slow.example +all", SPF_TEMPERROR, 0 },
	{ "v=spf1 a:none.example mx:none.example ~all", SPF_SOFTFAIL, 0 },
	{ "v=spf1 a:none.example mx:none.example a:none.example ~all", SPF_PERMERROR, 0 },
};

static void results_are_those_of_a_receiver(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(results); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct spf_check_verdict verdict;

		told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND, results[i].record, NULL);
		told(inquiry, "", "none.example", DNS_TXT, DNS_NO_NAME, NULL);
		told(inquiry, "", "none.example", DNS_A, DNS_NO_NAME, NULL);
		told(inquiry, "", "none.example", DNS_MX, DNS_NO_NAME, NULL);
		told(inquiry, "", "slow.example", DNS_TXT, DNS_TIMEOUT, NULL);
		check(inquiry, &from_acme, &verdict);
		if (verdict.result != results[i].result
		    || verdict.problem_column != results[i].problem_column)
			fail_msg("%s: %s, column %zu: %s", results[i].record,
			         spf_check_word(verdict.result), verdict.problem_column,
			         verdict.problem ? verdict.problem : "");
		inquiry_close(inquiry);
	}
}

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_include_is_followed_and_the_match_is_named),
		cmocka_unit_test(a_long_record_is_not_cut),
		cmocka_unit_test(hostile_macros_hurt_nobody),
		cmocka_unit_test(results_are_those_of_a_receiver),
		cmocka_unit_test(nothing_of_ours_is_in_it),
		cmocka_unit_test(a_death_costs_one_verdict),
		cmocka_unit_test(many_clients_are_judged_at_once),
		cmocka_unit_test(a_death_spares_the_others),
		cmocka_unit_test(nothing_of_ours_is_in_it),
	};
	return cmocka_run_group_tests_name("spf_worker", tests, open_worker, close_worker);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_library.h"
#include "core/verify/spf_worker.h"
#include "tests/unit/told.h"

/* CVE-2023-42118: records that end libspf2 1.2.10-7 when it reads them itself.
 * What a row repeats 127 times fills its buffer to the brim; the tail runs over. */
static const struct {
	const char *record; /* "@" is the hostile text */
	size_t tail;
	enum spf_result result; /* what a receiver makes of it */
} cases[] = {
	{ "v=spf1 -all exp=x.example.com", 10, SPF_FAIL }, /* the text is the explanation */
	{ "v=spf1 -all exp=x.example.com", 400, SPF_FAIL },
	{ "v=spf1 exists:@.example.com -all", 4000, SPF_FAIL },
	{ "v=spf1 other=@ -all", 4000, SPF_FAIL },
};

static const char *hostile_text(struct arena *arena, size_t tail)
{
	struct text text = { 0 };

	for (int i = 0; i < 127; i++)
		text_add(&text, "%{d}");
	for (size_t i = 0; i < tail; i++)
		text_add_char(&text, 'A');
	const char *made = arena_copy(arena, text_string(&text));
	text_free(&text);
	return made;
}

static const char *hostile_record(struct arena *arena, size_t i)
{
	const char *at = strchr(cases[i].record, '@');

	if (at == NULL)
		return cases[i].record;
	return arena_print(arena, "%.*s%s%s", (int)(at - cases[i].record), cases[i].record,
	                   hostile_text(arena, cases[i].tail), at + 1);
}

/* ---- libspf2 alone, in a child ------------------------------------------------------ */

static const char *raw_record, *raw_explanation;

static SPF_dns_rr_t *raw_lookup(SPF_dns_server_t *dns, const char *name, ns_type type, int cache)
{
	const char *text = strcmp(name, "acme.example") == 0    ? raw_record
	                   : strcmp(name, "x.example.com") == 0 ? raw_explanation
	                                                        : NULL;
	bool found = type == ns_t_txt && text != NULL;
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, name, type, 60,
	                                       found ? NETDB_SUCCESS : HOST_NOT_FOUND);

	UNUSED(cache);
	if (found && SPF_dns_rr_buf_realloc(rr, 0, strlen(text) + 1) == SPF_E_SUCCESS) {
		memcpy(rr->rr[0], text, strlen(text) + 1);
		rr->num_rr = 1;
	}
	return rr;
}

static void evaluate_raw(void)
{
	SPF_dns_server_t dns = { .lookup = raw_lookup, .name = "test" };
	SPF_server_t *server = SPF_server_new_dns(&dns, 0);
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;

	(void)SPF_request_set_ipv4_str(request, "192.0.2.25");
	(void)SPF_request_set_helo_dom(request, "relay.vendor.example");
	(void)SPF_request_set_env_from(request, "claim@acme.example");
	(void)SPF_request_query_mailfrom(request, &response);
}

static bool library_dies(const char *record, const char *explanation)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct rlimit none = { 0, 0 };
		int nowhere = open("/dev/null", O_WRONLY);
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)dup2(nowhere, STDOUT_FILENO);
		(void)dup2(nowhere, STDERR_FILENO);
		raw_record = record;
		raw_explanation = explanation;
		evaluate_raw();
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status != 0;
}

/* The library of the system is the danger that the guard is about: when it has
 * been mended, this test has no control any more, and says so. */
static void the_library_alone_dies_of_them(void **state)
{
	struct arena arena = { 0 };
	size_t deaths = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		deaths += library_dies(hostile_record(&arena, i),
		                       hostile_text(&arena, cases[i].tail));
	arena_reset(&arena);
	if (deaths == 0)
		skip();
	assert_int_equal(deaths, LENGTH(cases));
}

/* ---- the same through the guard ------------------------------------------------------ */

/* What nobody told does not exist. */
static const struct dns_answer *ask_told(void *context, const char *name, int type)
{
	static const struct dns_answer nothing = { .outcome = DNS_NO_NAME, .last_name = "" };
	const struct dns_answer *answer = inquiry_ask(context, name, type);

	return answer != NULL ? answer : &nothing;
}

static void the_worker_reads_them_and_lives(void **state)
{
	const struct spf_check_request request = { .address = "192.0.2.25",
		                                   .mail_from = "claim@acme.example",
		                                   .helo = "relay.vendor.example" };
	struct spf_worker *worker = NULL;
	struct err err = { 0 };

	(void)state;
	assert_true(spf_worker_open(&worker, &err));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct inquiry *inquiry = inquiry_open(NULL);
		struct spf_check_source source = { ask_told, inquiry };
		struct arena *arena = inquiry_arena(inquiry);
		struct spf_check_verdict verdict;

		told(inquiry, "", "acme.example", DNS_TXT, DNS_FOUND, hostile_record(arena, i),
		     NULL);
		told(inquiry, "", "x.example.com", DNS_TXT, DNS_FOUND,
		     hostile_text(arena, cases[i].tail), NULL);
		spf_worker_check(worker, arena, &request, &source, &verdict);
		assert_int_equal(verdict.result, cases[i].result);
		inquiry_close(inquiry);
	}
	assert_int_equal(spf_worker_deaths(worker), 0);
	spf_worker_close(worker);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_library_alone_dies_of_them),
		cmocka_unit_test(the_worker_reads_them_and_lives),
	};

	spf_evaluator_main(argc, argv);
	return cmocka_run_group_tests_name("spf_crash", tests, NULL, NULL);
}

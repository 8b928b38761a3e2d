/*
 * spf_bench -- what the guard costs: processor time per evaluation of the same
 * records, libspf2 alone, behind the guard, and in the worker process.
 * In memory; ratios in one run.
 */

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <time.h>

#define HAVE_NETDB_H           1
#define HAVE_NS_TYPE           1
#define HAVE_DECL_NS_T_SPF     1
#define HAVE_DECL_NS_T_INVALID 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <spf2/spf.h>
#include <spf2/spf_dns_rr.h>
#pragma GCC diagnostic pop

#include "core/verify/spf_check.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_worker.h"

enum { EVALUATIONS = 5000, ROUNDS = 5, OPENINGS = 20 };

/* Four records, six terms that need a look-up; the last one matches. */
static const struct {
	const char *name;
	int type;
	const char *text;
} world[] = {
	{ "acme.example", DNS_TXT,
	  "v=spf1 a mx include:_spf.one.example include:_spf.two.example "
	  "include:_spf.vendor.example -all" },
	{ "acme.example", DNS_A, "198.51.100.1" },
	{ "acme.example", DNS_MX, "mail.acme.example" },
	{ "mail.acme.example", DNS_A, "198.51.100.2" },
	{ "_spf.one.example", DNS_TXT, "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/26 ~all" },
	{ "_spf.two.example", DNS_TXT, "v=spf1 a:relay.two.example ip6:2001:db8:2::/48 -all" },
	{ "relay.two.example", DNS_A, "198.51.100.3" },
	{ "_spf.vendor.example", DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all" },
};

static const char *find(const char *name, int type)
{
	for (size_t i = 0; i < LENGTH(world); i++)
		if (world[i].type == type && strcmp(world[i].name, name) == 0)
			return world[i].text;
	return NULL;
}

/* libspf2 alone. */
static SPF_dns_rr_t *raw_lookup(SPF_dns_server_t *dns, const char *name, ns_type type, int cache)
{
	const char *text = find(name, (int)type);
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, name, type, 60,
	                                       text ? NETDB_SUCCESS : HOST_NOT_FOUND);
	size_t size = text ? strlen(text) + 1 : 0;

	UNUSED(cache);
	if (!text || SPF_dns_rr_buf_realloc(rr, 0, size) != SPF_E_SUCCESS)
		return rr;
	if (type == ns_t_a)
		(void)inet_pton(AF_INET, text, rr->rr[0]);
	else
		memcpy(rr->rr[0], text, size);
	rr->num_rr = 1;
	return rr;
}

static bool run_raw(void)
{
	SPF_dns_server_t dns = { .lookup = raw_lookup, .name = "bench" };
	SPF_server_t *server = SPF_server_new_dns(&dns, 0);
	bool good = true;

	for (int i = 0; i < EVALUATIONS; i++) {
		SPF_request_t *request = SPF_request_new(server);
		SPF_response_t *response = NULL;

		(void)SPF_request_set_ipv4_str(request, "192.0.2.25");
		(void)SPF_request_set_helo_dom(request, "relay.vendor.example");
		(void)SPF_request_set_env_from(request, "claim@acme.example");
		(void)SPF_request_query_mailfrom(request, &response);
		good = good && response && SPF_response_result(response) == SPF_RESULT_PASS;
		SPF_response_free(response);
		SPF_request_free(request);
	}
	SPF_server_free(server);
	return good;
}

static const struct dns_answer *ask(void *context, const char *name, int type)
{
	struct arena *arena = context;
	const char *text = find(name, type);
	struct dns_answer *answer = arena_take(arena, sizeof(*answer));
	struct dns_record *record = arena_take(arena, sizeof(*record));

	answer->outcome = text ? DNS_FOUND : DNS_NO_NAME;
	answer->records = record;
	answer->record_count = text != NULL;
	record->text = text;
	record->text_length = text ? strlen(text) : 0;
	if (text && type == DNS_A)
		(void)inet_pton(AF_INET, text, record->address);
	return answer;
}

static const struct spf_check_request request = { .address = "192.0.2.25",
	                                          .mail_from = "claim@acme.example",
	                                          .helo = "relay.vendor.example",
	                                          .now = 1 };

/* Behind the guard: here, or in the worker. */
static bool run_guard(struct spf_worker *worker)
{
	struct arena arena = { 0 };
	struct spf_check_source source = { ask, &arena };
	struct spf_check_verdict verdict;
	bool good = true;

	for (int i = 0; i < EVALUATIONS; i++) {
		if (worker)
			spf_worker_check(worker, &arena, &request, &source, &verdict);
		else
			spf_check_run(&arena, &request, &source, &verdict);
		good = good && verdict.result == SPF_PASS;
		arena_reset(&arena);
	}
	return good;
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double cpu_now(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}

static double wall_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);

	struct spf_worker *worker = NULL;
	struct err err = { 0 };
	double raw = 1e9, guard = 1e9, process = 1e9;
	double opening = 1e9;
	bool good = true;

	for (int i = 0; good && i < OPENINGS; i++) {
		double start = wall_now();
		double spent = 0;

		spf_worker_close(worker);
		worker = NULL;
		good = spf_worker_open(&worker, &err);
		spent = wall_now() - start;
		opening = spent < opening ? spent : opening;
	}
	SPF_info_handler = NULL;
	SPF_warning_handler = NULL;
	for (int i = 0; good && i < ROUNDS; i++) {
		double start = cpu_now();
		double spent = 0;

		good = run_raw();
		spent = cpu_now() - start;
		raw = spent < raw ? spent : raw;
		start = cpu_now();
		good = good && run_guard(NULL);
		spent = cpu_now() - start;
		guard = spent < guard ? spent : guard;
		start = wall_now();
		good = good && run_guard(worker);
		spent = wall_now() - start;
		process = spent < process ? spent : process;
	}
	spf_worker_close(worker);
	if (!good) {
		(void)fputs("spf_bench: a result is wrong\n", stderr);
		return 1;
	}
	(void)printf("spf evaluation, 6 look-up terms, 4 records (best of %d rounds of %d):\n"
	             "  libspf2 alone          %6.1f us of processor time\n"
	             "  behind the guard       %6.1f us, ratio %.2f (aim: at most 2.5)\n"
	             "  in the worker process  %6.1f us of wall time\n"
	             "  starting the worker    %6.1f ms, once per command (best of %d)\n",
	             ROUNDS, EVALUATIONS, raw * 1e6 / EVALUATIONS, guard * 1e6 / EVALUATIONS,
	             guard / raw, process * 1e6 / EVALUATIONS, opening * 1e3, OPENINGS);
	return 0;
}

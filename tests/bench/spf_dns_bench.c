/* spf_dns_bench RESOLVER DOMAINS AT-ONCE: evaluate d0.example, d1.example, ... through
 * DNS, as `check` does, so many under way at once.  Prints the seconds it took. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/verify/inquiry.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_worker.h"

struct evaluation {
	struct spf_worker *worker;
	char mail_from[64];
	enum spf_result result;
};

static bool step(struct inquiry *inquiry, void *context)
{
	struct evaluation *evaluation = context;
	struct spf_check_source source = spf_worker_source(inquiry);
	struct spf_check_request request = { .address = "192.0.2.25",
		                             .mail_from = evaluation->mail_from,
		                             .helo = "relay.vendor.example",
		                             .now = 1 };
	struct spf_check_verdict verdict;

	spf_worker_check(evaluation->worker, inquiry_arena(inquiry), &request, &source, &verdict);
	evaluation->result = verdict.result;
	return verdict.result != SPF_INCOMPLETE;
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);

	const char *server = argc == 4 ? argv[1] : "";
	size_t count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	size_t at_once = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct resolver_settings settings = { .servers = &server, .server_count = 1, .timeout = 5 };
	struct arena arena = { 0 };
	struct evaluation *evaluations = arena_take(&arena, (count + 1) * sizeof(*evaluations));
	struct inquiry_job *jobs = arena_take(&arena, (count + 1) * sizeof(*jobs));
	struct spf_worker *worker = NULL;
	struct resolver *resolver = NULL;
	struct err err = { 0 };
	size_t passed = 0;

	if (!spf_worker_open(&worker, &err) || !resolver_open(&resolver, &settings, &err)) {
		(void)fprintf(stderr, "spf_dns_bench: %s\n", err.text);
		return 1;
	}
	double start = now();
	for (size_t i = 0; i < count; i++) {
		evaluations[i].worker = worker;
		(void)snprintf(evaluations[i].mail_from, sizeof(evaluations[i].mail_from),
		               "claim@d%zu.example", i);
		jobs[i] = (struct inquiry_job){ .step = step, .context = &evaluations[i] };
	}
	inquiry_run(resolver, jobs, count, at_once);
	double spent = now() - start;
	for (size_t i = 0; i < count; i++) {
		passed += evaluations[i].result == SPF_PASS;
		inquiry_close(jobs[i].inquiry);
	}
	resolver_close(resolver);
	spf_worker_close(worker);
	arena_reset(&arena);
	(void)printf("%.6f\n", spent);
	return passed == count ? 0 : 1;
}

/*
 * check_bench -- full checks a second: SPF, DMARC and two DKIM keys of many
 * domains, in one process, without a database.  tests/bench/check.sh starts the
 * name server and says what the same server gives dnsperf.
 *
 *   check_bench RESOLVER COUNT AT_ONCE KEYFILE quick|full
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/clock.h"
#include "core/verify/domain_check.h"
#include "core/verify/spf_evaluator.h"

enum { CHUNK = 2000 }; /* checks whose answers are kept */

static const char *addresses[] = { "192.0.2.25", NULL };
static struct facts_relay relay = { .name = "mx1",
	                            .helo = "mx1.bench.example",
	                            .addresses = addresses };
static struct facts facts = {
	.spf_host = "_spf.bench.example",
	.hosting_domain = "bench.example",
	.relays = &relay,
	.relay_count = 1,
};

static const char *key_text(struct arena *arena, const char *file)
{
	char line[4096] = "";
	FILE *in = fopen(file, "r");

	if (in == NULL || fgets(line, sizeof line, in) == NULL)
		exit(1);
	(void)fclose(in);
	line[strcspn(line, "\n")] = '\0';
	return arena_copy(arena, line);
}

static void describe(struct arena *arena, const char *key, size_t number,
                     struct domain_check *check, struct spf_worker *worker)
{
	struct facts_domain *domain = arena_take(arena, sizeof *domain);
	struct requirement *r = arena_take(arena, 4 * sizeof *r);
	const char *name = arena_print(arena, "d%06zu.bench.example", number);

	*domain = (struct facts_domain){ .name = name, .mode = "relayed", .dkim = true };
	for (size_t i = 0; i < 4; i++)
		r[i] = (struct requirement){ .domain = name, .type = "TXT", .required = true };
	r[0].purpose = PURPOSE_SPF;
	r[0].name = name;
	r[0].value = "v=spf1 include:_spf.bench.example -all";
	r[1].purpose = PURPOSE_DMARC;
	r[1].name = arena_print(arena, "_dmarc.%s", name);
	for (size_t i = 2; i < 4; i++) {
		r[i].purpose = PURPOSE_DKIM;
		r[i].selector = i == 2 ? "s1" : "s2";
		r[i].name = arena_print(arena, "%s._domainkey.%s", r[i].selector, name);
		r[i].value = key;
	}
	*check = (struct domain_check){ .facts = &facts,
		                        .domain = domain,
		                        .requirements = r,
		                        .requirement_count = 4,
		                        .worker = worker };
}

static size_t run_chunk(struct resolver *resolver, struct spf_worker *worker, const char *key,
                        size_t first, size_t count, size_t at_once)
{
	static struct domain_check checks[CHUNK];
	static struct inquiry_job jobs[CHUNK];
	struct arena arena = { 0 };
	size_t good = 0;

	for (size_t i = 0; i < count; i++) {
		describe(&arena, key, first + i, &checks[i], worker);
		jobs[i] = (struct inquiry_job){ .step = domain_check_step, .context = &checks[i] };
	}
	inquiry_run(resolver, jobs, count, at_once);
	for (size_t i = 0; i < count; i++) {
		good += strcmp(verdict_overall(checks[i].verdicts, checks[i].verdict_count), "ok")
		        == 0;
		inquiry_close(jobs[i].inquiry);
	}
	arena_reset(&arena);
	return good;
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct spf_worker *worker = NULL;
	struct resolver *resolver = NULL;
	struct err err = { 0 };
	struct arena arena = { 0 };
	struct rusage self, children;
	size_t good = 0;

	spf_evaluator_main(argc, argv);
	if (argc != 6)
		return 2;
	const char *servers[] = { argv[1] };
	size_t count = strtoul(argv[2], NULL, 10), at_once = strtoul(argv[3], NULL, 10);
	const char *key = key_text(&arena, argv[4]);
	struct resolver_settings settings = {
		.servers = servers,
		.server_count = 1,
		.timeout = 5,
		.authoritative_port = (int)strtol(strrchr(argv[1], ':') + 1, NULL, 10),
		.quick = strcmp(argv[5], "quick") == 0
	};
	if (!spf_worker_open(&worker, &err) || !resolver_open(&resolver, &settings, &err)) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	int64_t began = clock_ticks();
	for (size_t first = 0; first < count; first += CHUNK)
		good += run_chunk(resolver, worker, key, first,
		                  count - first < CHUNK ? count - first : CHUNK, at_once);
	double seconds = (double)(clock_ticks() - began) / 1000.0;
	size_t questions = resolver_questions(resolver);
	resolver_close(resolver);
	spf_worker_close(worker);
	(void)getrusage(RUSAGE_SELF, &self);
	(void)getrusage(RUSAGE_CHILDREN, &children);
	printf("%zu %zu %.3f %zu %.3f %.3f %ld\n", count, good, seconds, questions,
	       seconds_of(&self.ru_utime) + seconds_of(&self.ru_stime),
	       seconds_of(&children.ru_utime) + seconds_of(&children.ru_stime), self.ru_maxrss);
	arena_reset(&arena);
	return good == count ? 0 : 1;
}

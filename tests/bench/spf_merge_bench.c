/* How many customers' records can be merged and proven in a second: 40 shapes
 * as they are seen, DNS in memory, the evaluator in its own process.  The
 * processor time of both processes counts. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "core/plan/spf_merge.h"
#include "core/verify/spf_evaluator.h"
#include "core/verify/spf_proof.h"

enum { RECORDS = 4000, ROUNDS = 3 };

#define V "include:_spf.vendor.example"

static const char *const shapes[] = {
	"v=spf1 -all",
	"v=spf1 mx -all",
	"v=spf1 mx ~all",
	"v=spf1 a mx ~all",
	"v=spf1 a mx -all",
	"v=spf1 a mx ?all",
	"v=spf1 +a +mx -all",
	"v=spf1 mx a:web.acme.example ~all",
	"v=spf1 ip4:198.51.100.10 -all",
	"v=spf1 ip4:198.51.100.0/24 -all",
	"v=spf1 ip4:198.51.100.0/24 ip4:203.0.113.0/25 ~all",
	"v=spf1 ip4:198.51.100.10 ip4:198.51.100.11 ip4:198.51.100.12 ip4:198.51.100.13 mx -all",
	"v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all",
	"v=spf1 ip6:2001:db8:1::25 mx ~all",
	"v=spf1 include:_spf.one.example ~all",
	"v=spf1 include:_spf.one.example -all",
	"v=spf1 include:_spf.one.example include:_spf.two.example ~all",
	"v=spf1 include:_spf.one.example include:_spf.two.example include:_spf.three.example -all",
	"v=spf1 mx include:_spf.one.example ~all",
	"v=spf1 a mx include:_spf.one.example ~all",
	"v=spf1 a mx include:_spf.one.example ip4:198.51.100.10 -all",
	"v=spf1 a mx ip4:198.51.100.10 include:_spf.two.example include:_spf.one.example ?all",
	"v=spf1 include:_spf.big.example ~all",
	"v=spf1 include:_spf.big.example include:_spf.one.example -all",
	"v=spf1 mx include:_spf.big.example ip4:203.0.113.7 ~all",
	"v=spf1 redirect=_spf.acme.example",
	"v=spf1 mx redirect=_spf.acme.example",
	"v=spf1 ip4:203.0.113.7 redirect=_spf.acme.example",
	"v=spf1 mx",
	"v=spf1 a:web.acme.example a:mail.acme.example -all",
	"v=spf1 mx/24 -all",
	"v=spf1 a/28 mx ~all",
	"v=spf1 ?include:_spf.one.example mx -all",
	"v=spf1 ~include:_spf.vendor.example mx -all",
	"v=spf1 mx -ip4:192.0.2.128/25 -all",
	"v=spf1 mx include:_spf.vendor.example -all",
	"v=spf1 mx ip4:192.0.2.0/24 -all",
	"v=spf1 exists:%{l}._list.acme.example mx -all",
	"v=spf1 mx exp=why.acme.example -all",
	"v=spf1 mx -all a:web.acme.example",
};

static const struct {
	const char *name;
	int type;
	const char *text;
} world[] = {
	{ "_spf.vendor.example", DNS_TXT, "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8:25::/48 -all" },
	{ "_spf.one.example", DNS_TXT, "v=spf1 ip4:203.0.113.0/26 ip4:203.0.113.64/27 ~all" },
	{ "_spf.two.example", DNS_TXT, "v=spf1 a:relay.two.example ip6:2001:db8:2::/48 -all" },
	{ "_spf.three.example", DNS_TXT, "v=spf1 ip4:203.0.113.200 ip4:203.0.113.201 ?all" },
	{ "_spf.big.example", DNS_TXT,
	  "v=spf1 include:_a.big.example include:_b.big.example ~all" },
	{ "_a.big.example", DNS_TXT, "v=spf1 ip4:198.18.0.0/19 ip4:198.18.64.0/20 ~all" },
	{ "_b.big.example", DNS_TXT, "v=spf1 ip6:2001:db8:b::/36 ~all" },
	{ "_spf.acme.example", DNS_TXT, "v=spf1 mx ip4:198.51.100.0/26 -all" },
	{ "acme.example", DNS_A, "198.51.100.80" },
	{ "acme.example", DNS_AAAA, NULL },
	{ "acme.example", DNS_MX, "mail.acme.example" },
	{ "_spf.acme.example", DNS_MX, NULL },
	{ "mail.acme.example", DNS_A, "198.51.100.25" },
	{ "mail.acme.example", DNS_AAAA, "2001:db8:1::25" },
	{ "web.acme.example", DNS_A, "198.51.100.81" },
	{ "web.acme.example", DNS_AAAA, "2001:db8:1::81" },
	{ "relay.two.example", DNS_A, "198.51.100.90" },
	{ "relay.two.example", DNS_AAAA, "2001:db8:2::90" },
	{ "why.acme.example", DNS_TXT, "ask postmaster" },
	{ "postmaster._list.acme.example", DNS_A, NULL },
};

static struct dns_record records[LENGTH(world)];
static struct dns_answer answers[LENGTH(world)];

static void make_answers(void)
{
	for (size_t i = 0; i < LENGTH(world); i++) {
		const char *text = world[i].text;

		answers[i] = (struct dns_answer){ .outcome = text ? DNS_FOUND : DNS_NO_DATA,
			                          .records = &records[i],
			                          .record_count = text != NULL,
			                          .last_name = world[i].name };
		if (!text)
			continue;
		records[i] = (struct dns_record){ .name = world[i].name,
			                          .type = world[i].type,
			                          .text = text,
			                          .text_length = strlen(text) };
		if (world[i].type == DNS_A || world[i].type == DNS_AAAA)
			(void)inet_pton(world[i].type == DNS_A ? AF_INET : AF_INET6, text,
			                records[i].address);
	}
}

static struct inquiry *open_world(void)
{
	struct inquiry *inquiry = inquiry_open(NULL);

	for (size_t i = 0; i < LENGTH(world); i++)
		inquiry_know(inquiry, NULL, &answers[i], world[i].name, world[i].type);
	return inquiry;
}

struct tally {
	size_t addresses;
	size_t merged;
	size_t bad;
};

/* One customer; false when something is not as it should be. */
static bool merge_and_prove(struct spf_worker *worker, const char *present, struct tally *tally)
{
	static const char *const relays[] = { "192.0.2.7", "2001:db8:25::7" };
	static const char *const terms[] = { V };
	struct spf_text text = { present, strlen(present) };
	struct spf_merge_wish wish = { .records = &text,
		                       .record_count = 1,
		                       .terms = terms,
		                       .term_count = 1,
		                       .relays = relays,
		                       .relay_count = 2,
		                       .sends_now = true };
	struct inquiry *inquiry = open_world();
	struct spf_merge merge;
	struct err err = { 0 };
	bool ok = spf_merge(inquiry_arena(inquiry), &wish, &merge, &err);

	if (ok) {
		struct spf_proof proof = { .domain = "acme.example",
			                   .before = &present,
			                   .before_count = 1,
			                   .after = merge.record,
			                   .terms = terms,
			                   .term_count = 1,
			                   .relays = relays,
			                   .relay_count = 2,
			                   .worker = worker };

		ok = spf_proof_step(inquiry, &proof);
		tally->addresses += proof.row_count;
		tally->merged += merge.outcome == SPF_MERGE_MERGED;
		tally->bad += proof.bad + proof.unsure;
	}
	inquiry_close(inquiry);
	return ok;
}

static double cpu_of(int who)
{
	struct rusage usage;

	(void)getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
	       + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* A round with a worker of its own: when it ends, its time is known. */
static bool run(double *spent, struct tally *tally)
{
	double before = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
	struct spf_worker *worker = NULL;
	struct err err = { 0 };
	bool ok = spf_worker_open(&worker, &err);

	*tally = (struct tally){ 0 };
	for (size_t i = 0; ok && i < RECORDS; i++)
		ok = merge_and_prove(worker, shapes[i % LENGTH(shapes)], tally);
	spf_worker_close(worker);
	*spent = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN) - before;
	return ok;
}

static double merges_alone(void)
{
	static const char *const terms[] = { V };
	double before = cpu_of(RUSAGE_SELF);

	for (size_t i = 0; i < RECORDS; i++) {
		const char *present = shapes[i % LENGTH(shapes)];
		struct arena arena = { 0 };
		struct spf_text text = { present, strlen(present) };
		struct spf_merge_wish wish = { .records = &text,
			                       .record_count = 1,
			                       .terms = terms,
			                       .term_count = 1,
			                       .sends_now = true };
		struct spf_merge merge;
		struct err err = { 0 };

		if (!spf_merge(&arena, &wish, &merge, &err))
			return 0;
		arena_reset(&arena);
	}
	return RECORDS / (cpu_of(RUSAGE_SELF) - before);
}

int main(int argc, char **argv)
{
	spf_evaluator_main(argc, argv);

	double best = 1e9;
	struct tally tally = { 0 };

	make_answers();
	for (int i = 0; i < ROUNDS; i++) {
		double spent = 0;

		if (!run(&spent, &tally)) {
			(void)fputs("spf_merge_bench: a merge was not told to the end\n", stderr);
			return 1;
		}
		best = spent < best ? spent : best;
	}
	(void)printf(
		"spf merge, %zu shapes of records (best of %d rounds of %d):\n"
		"  merge alone            %8.0f records a second\n"
		"  merge and proof        %8.0f records a second of one core (aim: 10,000), "
		"%.0f addresses a second\n"
		"  addresses per record   %8.1f, each before and after; %zu merged, %zu rows not "
		"good\n",
		LENGTH(shapes), ROUNDS, RECORDS, merges_alone(), RECORDS / best,
		(double)tally.addresses / best, (double)tally.addresses / RECORDS, tally.merged,
		tally.bad);
	return 0;
}

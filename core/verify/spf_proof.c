#include <arpa/inet.h>

#include "core/base/clock.h"
#include "core/record/spf_record.h"
#include "core/verify/spf_proof.h"
#include "core/verify/spf_view.h"

enum { ROWS_MOST = 2000 };

static void add_row(struct spf_proof *proof, struct arena *arena, const char *address, bool ours)
{
	for (size_t i = 0; i < proof->row_count; i++)
		if (strcmp(proof->rows[i].address, address) == 0)
			return;
	if (proof->row_count < ROWS_MOST)
		proof->rows[proof->row_count++] = (struct spf_proof_row){
			.address = arena_copy(arena, address),
			.ours = ours,
		};
}

static void add_octets(struct spf_proof *proof, struct arena *arena, bool six,
                       const uint8_t *octets)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(six ? AF_INET6 : AF_INET, octets, text, sizeof(text)))
		add_row(proof, arena, text, false);
}

/* One up or one down; false at the end of all addresses. */
static bool step_octets(uint8_t *octets, size_t size, bool up)
{
	for (size_t i = size; i-- > 0;) {
		octets[i] = (uint8_t)(octets[i] + (up ? 1 : -1));
		if (octets[i] != (up ? 0 : 0xff))
			return true;
	}
	return false;
}

/* The edges of a range: where an off-by-one would show. */
static void add_edges(struct spf_proof *proof, struct arena *arena, const struct spf_term *term)
{
	bool six = term->kind == SPF_TERM_IP6;
	size_t size = six ? 16 : 4;
	int prefix = six ? term->prefix6 : term->prefix4;
	size_t bits = prefix == SPF_NO_PREFIX ? size * 8 : (size_t)prefix;

	for (int last = 0; last <= 1; last++) {
		uint8_t edge[16];

		for (size_t i = 0; i < size; i++) {
			size_t kept = bits > i * 8 ? bits - i * 8 : 0;
			unsigned mask = kept >= 8 ? 0xffU : 0xffU << (8 - kept) & 0xffU;

			edge[i] = (uint8_t)((term->address[i] & mask) | (last ? ~mask & 0xffU : 0));
		}
		add_octets(proof, arena, six, edge);
		if (step_octets(edge, size, last))
			add_octets(proof, arena, six, edge);
	}
}

static bool add_hosts(struct spf_proof *proof, struct inquiry *inquiry, const char *name)
{
	static const int types[] = { DNS_A, DNS_AAAA };
	bool complete = true;

	for (size_t t = 0; t < LENGTH(types); t++) {
		const struct dns_answer *answer = inquiry_ask(inquiry, name, types[t]);

		complete = complete && answer;
		for (size_t i = 0; answer && i < answer->record_count; i++)
			add_row(proof, inquiry_arena(inquiry), answer->records[i].text, false);
	}
	return complete;
}

/* The hosts of a and mx, where no macro hides them. */
static bool add_named(struct spf_proof *proof, struct inquiry *inquiry, const struct spf_term *term)
{
	const char *name = term->domain ? term->domain : proof->domain;
	const struct dns_answer *hosts = NULL;
	bool complete = true;

	if (strchr(name, '%'))
		return true;
	if (term->kind == SPF_TERM_A)
		return add_hosts(proof, inquiry, name);
	hosts = inquiry_ask(inquiry, name, DNS_MX);
	for (size_t i = 0; hosts && i < hosts->record_count; i++)
		complete = add_hosts(proof, inquiry, hosts->records[i].text) && complete;
	return hosts && complete;
}

static bool choose_addresses(struct spf_proof *proof, struct inquiry *inquiry)
{
	struct arena *arena = inquiry_arena(inquiry);
	struct spf_record record = { 0 };
	struct err err = { 0 };
	bool complete = true;

	proof->rows = arena_take(arena, ROWS_MOST * sizeof(*proof->rows));
	proof->row_count = 0;
	for (size_t i = 0; i < proof->relay_count; i++)
		add_row(proof, arena, proof->relays[i], true);
	if (proof->before)
		(void)!spf_record_parse(arena, proof->before, strlen(proof->before), &record, &err);
	for (size_t i = 0; i < record.term_count; i++) {
		const struct spf_term *term = &record.terms[i];

		if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6)
			add_edges(proof, arena, term);
		if (term->kind == SPF_TERM_A || term->kind == SPF_TERM_MX)
			complete = add_named(proof, inquiry, term) && complete;
	}
	/* Strangers: of the blocks that are for documentation alone. */
	add_row(proof, arena, "203.0.113.254", false);
	add_row(proof, arena, "2001:db8:ffff::fffe", false);
	return complete;
}

static bool is_error(enum spf_result result)
{
	return result == SPF_TEMPERROR || result == SPF_UNKNOWN;
}

/* A record that was an error for everybody has no results worth keeping. */
static void judge(struct spf_proof *proof, struct spf_proof_row *row)
{
	row->unsure = is_error(row->before) || is_error(row->after);
	if (row->ours)
		row->good = row->after == SPF_PASS;
	else
		row->good = row->before == row->after || row->before == SPF_PERMERROR
		            || row->before == SPF_NONE;
	proof->unsure += row->unsure;
	proof->bad += !row->good && !row->unsure;
}

bool spf_proof_step(struct inquiry *inquiry, void *context)
{
	struct spf_proof *proof = context;
	struct spf_view view = { .inquiry = inquiry, .domain = proof->domain };
	struct spf_check_source source = spf_view_source(&view);
	bool complete = choose_addresses(proof, inquiry);

	proof->bad = 0;
	proof->unsure = 0;
	for (size_t i = 0; i < proof->row_count; i++) {
		struct spf_proof_row *row = &proof->rows[i];
		struct spf_check_verdict verdict;
		struct spf_check_request request = {
			.address = row->address,
			.mail_from = arena_print(inquiry_arena(inquiry), "postmaster@%s",
			                         proof->domain),
			.helo = proof->domain,
			.now = clock_now(),
		};

		spf_view_text(&view, proof->before);
		spf_worker_check(proof->worker, inquiry_arena(inquiry), &request, &source,
		                 &verdict);
		row->before = verdict.result;
		spf_view_text(&view, proof->after);
		spf_worker_check(proof->worker, inquiry_arena(inquiry), &request, &source,
		                 &verdict);
		row->after = verdict.result;
		complete = complete && row->before != SPF_INCOMPLETE
		           && row->after != SPF_INCOMPLETE;
		judge(proof, row);
	}
	return complete;
}

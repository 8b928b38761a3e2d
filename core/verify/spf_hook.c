#include "core/verify/spf_hook.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/words.h"
#include "core/verify/spf_loader.h"

/* "t.3.1.spf": a kind, the record, the term, sometimes one number more. */
static bool read_label(const char *label, char *kind, size_t *record, size_t *term, size_t *extra)
{
	char *end = NULL;

	*kind = label[0];
	*extra = 0;
	if (label[0] == '\0' || label[1] != '.')
		return false;
	*record = strtoul(label + 2, &end, 10);
	if (*end != '.')
		return false;
	*term = strtoul(end + 1, &end, 10);
	if (*end != '.')
		return false;
	if (isdigit((unsigned char)end[1]))
		*extra = strtoul(end + 1, &end, 10);
	return true;
}

SPF_errcode_t spf_hook_record(SPF_server_t *server, SPF_request_t *request,
                              SPF_response_t *response, SPF_record_t **recordp)
{
	struct spf_guard *guard = server->resolver->hook;
	size_t record = 0;
	size_t term = 0;
	size_t extra = 0;
	char kind = 0;
	SPF_errcode_t code = SPF_E_INTERNAL_ERROR;
	const char *target = NULL;

	UNUSED(response);
	if (guard->over || guard->incomplete)
		return SPF_E_DNS_ERROR;
	if (!read_label(request->cur_dom, &kind, &record, &term, &extra)
	    || record >= guard->record_count)
		return SPF_E_INTERNAL_ERROR;
	target = spf_guard_target(guard, record, term);
	code = spf_loader_run(guard, target, guard->step_count - 1,
	                      guard->records[record].depth + 1,
	                      guard->records[record].base
	                              && guard->records[record].record.terms[term].kind
	                                         == SPF_TERM_REDIRECT,
	                      recordp);
	if (code == SPF_E_NOT_SPF) {
		spf_guard_note(guard, _("no SPF record"));
		spf_guard_say(guard, arena_print(guard->arena, _("%s has no SPF record"), target));
		guard->verdict->problem_record = guard->records[record].domain;
		guard->verdict->problem_column = guard->records[record].record.terms[term].column;
	}
	return code;
}

static SPF_dns_rr_t *no_answer(SPF_dns_server_t *dns, const char *label, ns_type type, int code)
{
	return SPF_dns_rr_new_init(dns, label, type, 0, code);
}

static bool add_address(SPF_dns_rr_t *rr, const struct spf_guard *guard, const uint8_t *address)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, sizeof(SPF_dns_rr_data_t)) != SPF_E_SUCCESS)
		return false;
	memcpy(rr->rr[rr->num_rr], address, spf_guard_address_size(guard));
	rr->num_rr++;
	return true;
}

/* A name of ours as MX host or PTR name number `extra`. */
static bool add_label(SPF_dns_rr_t *rr, const char *text)
{
	size_t size = strlen(text) + 1;

	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, size) != SPF_E_SUCCESS)
		return false;
	memcpy(rr->rr[rr->num_rr], text, size);
	rr->num_rr++;
	return true;
}

/* The term that libspf2 looks at now. */
static SPF_dns_rr_t *mark(struct spf_guard *guard, SPF_dns_server_t *dns, const char *label,
                          size_t record, size_t term)
{
	struct spf_guard_record *loaded = &guard->records[record];
	const struct spf_term *written = &loaded->record.terms[term];

	if (guard->over || guard->incomplete || guard->step_count == SPF_STEPS_MOST)
		return no_answer(dns, label, ns_t_a, TRY_AGAIN);
	if (spf_record_costs_lookup(written->kind)
	    && ++guard->verdict->lookups > SPF_LOOKUPS_MOST) {
		guard->verdict->problem_record = loaded->domain;
		guard->verdict->problem_column = written->column;
		spf_guard_exceed(
			guard,
			arena_print(guard->arena,
		                    _("more than %d terms that need a look-up; %s of %s is one "
		                      "too many"),
		                    SPF_LOOKUPS_MOST, written->text, loaded->domain));
		return no_answer(dns, label, ns_t_a, TRY_AGAIN);
	}
	if (guard->step_count == guard->step_room) {
		size_t room = guard->step_room * 2 + 32;
		struct spf_check_step *steps = arena_take(guard->arena, room * sizeof(*steps));

		if (guard->step_count > 0)
			memcpy(steps, guard->steps, guard->step_count * sizeof(*steps));
		guard->steps = steps;
		guard->step_room = room;
	}
	guard->step_record[guard->step_count] = record;
	guard->steps[guard->step_count++] = (struct spf_check_step){ .record = loaded->domain,
		                                                     .column = written->column,
		                                                     .term = written->text,
		                                                     .note = "",
		                                                     .depth = loaded->depth };
	return no_answer(dns, label, ns_t_a, HOST_NOT_FOUND);
}

static SPF_dns_rr_t *answer_addresses(struct spf_guard *guard, SPF_dns_server_t *dns,
                                      const char *label, ns_type type, const char *name,
                                      const struct spf_term *term)
{
	/* exists asks for A, whatever the client's family (5.7). */
	bool exists = term->kind == SPF_TERM_EXISTS;
	bool any = !exists && spf_guard_prefix(guard, term) == 0;
	const struct dns_answer *answer =
		spf_guard_ask_term(guard, name, exists ? DNS_A : spf_guard_address_type(guard));
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, type, TRY_AGAIN);
	if (answer->outcome != DNS_FOUND) {
		spf_guard_note(guard, dns_message_outcome_sentence(answer->outcome));
		if (spf_guard_is_void(answer))
			return no_answer(dns, label, type, HOST_NOT_FOUND);
		spf_guard_say(guard, arena_print(guard->arena, _("%s: %s"), name,
		                                 dns_message_outcome_sentence(answer->outcome)));
		return no_answer(dns, label, type, TRY_AGAIN);
	}
	spf_guard_note_addresses(guard, answer->record_count);
	rr = no_answer(dns, label, type, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count; i++)
		if (!add_address(rr, guard,
		                 any || exists ? guard->address : answer->records[i].address))
			break;
	return rr;
}

static SPF_dns_rr_t *answer_hosts(struct spf_guard *guard, SPF_dns_server_t *dns, const char *label,
                                  size_t record, size_t term)
{
	const char *name = spf_guard_target(guard, record, term);
	const struct dns_answer *answer = spf_guard_ask_term(guard, name, DNS_MX);
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, ns_t_mx, TRY_AGAIN);
	if (answer->outcome != DNS_FOUND) {
		spf_guard_note(guard, dns_message_outcome_sentence(answer->outcome));
		if (spf_guard_is_void(answer))
			return no_answer(dns, label, ns_t_mx, HOST_NOT_FOUND);
		spf_guard_say(guard, arena_print(guard->arena, _("MX of %s: %s"), name,
		                                 dns_message_outcome_sentence(answer->outcome)));
		return no_answer(dns, label, ns_t_mx, TRY_AGAIN);
	}
	/* "If this limit is exceeded, the "mx" mechanism MUST produce a permerror" (4.6.4). */
	if (answer->record_count > SPF_NAMES_MOST) {
		spf_guard_exceed(guard, arena_print(guard->arena, _("%s has more than %d MX hosts"),
		                                    name, SPF_NAMES_MOST));
		return no_answer(dns, label, ns_t_mx, TRY_AGAIN);
	}
	rr = no_answer(dns, label, ns_t_mx, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count; i++) {
		char host[96];

		(void)snprintf(host, sizeof(host), "h.%zu.%zu.%zu.spf", record, term, i);
		if (!add_label(rr, host))
			break;
	}
	return rr;
}

/* The client's names, as labels of ours: below the term's target if the real
 * name is below the real target, elsewhere otherwise.  "If a DNS error occurs
 * while doing the PTR RR lookup, then this mechanism fails to match" (5.5). */
static SPF_dns_rr_t *answer_names(struct spf_guard *guard, SPF_dns_server_t *dns, const char *label)
{
	size_t record = guard->step_record[guard->step_count - 1];
	struct spf_guard_record *loaded = &guard->records[record];
	size_t term = 0;
	const struct dns_answer *answer = spf_guard_ask_term(guard, spf_guard_reverse(guard),
	                                                     DNS_PTR);
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, ns_t_ptr, TRY_AGAIN);
	while (loaded->record.terms[term].column != guard->steps[guard->step_count - 1].column)
		term++;
	if (answer->outcome != DNS_FOUND) {
		spf_guard_note(guard, dns_message_outcome_sentence(answer->outcome));
		return no_answer(dns, label, ns_t_ptr, HOST_NOT_FOUND);
	}
	rr = no_answer(dns, label, ns_t_ptr, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count && i < SPF_NAMES_MOST; i++) {
		bool below = spf_guard_is_below(answer->records[i].text,
		                                spf_guard_target(guard, record, term));
		char name[96];

		if (guard->incomplete || guard->over)
			break;
		(void)snprintf(name, sizeof(name), "p.%zu.%zu.%zu.%s.%zu.%zu.spf", record, term, i,
		               below ? "t" : "x", record, term);
		if (!add_label(rr, name))
			break;
	}
	return rr;
}

/* The addresses of MX host or PTR name number `extra`. */
static SPF_dns_rr_t *answer_host(struct spf_guard *guard, SPF_dns_server_t *dns, const char *label,
                                 ns_type type, char kind, size_t record, size_t number,
                                 size_t extra)
{
	const struct spf_term *term = &guard->records[record].record.terms[number];
	bool ptr = kind == 'p';
	const struct dns_answer *list = spf_guard_ask(guard,
	                                              ptr ? spf_guard_reverse(guard)
	                                                  : spf_guard_target(guard, record, number),
	                                              ptr ? DNS_PTR : DNS_MX);
	const struct dns_answer *answer = NULL;
	SPF_dns_rr_t *rr = NULL;

	if (!list || extra >= list->record_count)
		return no_answer(dns, label, type, TRY_AGAIN);
	if (!ptr && list->records[extra].text[0] == '\0') /* "0 .": takes no mail */
		return no_answer(dns, label, type, HOST_NOT_FOUND);
	if (!ptr)
		return answer_addresses(guard, dns, label, type, list->records[extra].text, term);
	answer = spf_guard_ask_term(guard, list->records[extra].text,
	                            spf_guard_address_type(guard));
	if (!answer)
		return no_answer(dns, label, type, TRY_AGAIN);
	if (answer->outcome != DNS_FOUND)
		return no_answer(dns, label, type, HOST_NOT_FOUND);
	rr = no_answer(dns, label, type, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count; i++)
		if (!add_address(rr, guard, answer->records[i].address))
			break;
	return rr;
}

SPF_dns_rr_t *spf_hook_lookup(SPF_dns_server_t *dns, const char *label, ns_type type, int cache)
{
	struct spf_guard *guard = dns->hook;
	size_t record = 0;
	size_t term = 0;
	size_t extra = 0;
	char kind = 0;

	UNUSED(cache);
	if (type == ns_t_ptr && guard->step_count > 0)
		return answer_names(guard, dns, label);
	if (!read_label(label, &kind, &record, &term, &extra) || record >= guard->record_count
	    || term >= guard->records[record].record.term_count)
		return no_answer(dns, label, type, HOST_NOT_FOUND);
	if (kind == 'm')
		return mark(guard, dns, label, record, term);
	if (kind == 'h' || kind == 'p')
		return answer_host(guard, dns, label, type, kind, record, term, extra);
	if (type == ns_t_mx)
		return answer_hosts(guard, dns, label, record, term);
	return answer_addresses(guard, dns, label, type, spf_guard_target(guard, record, term),
	                        &guard->records[record].record.terms[term]);
}

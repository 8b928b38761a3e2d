#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <strings.h>

/* What libspf2's headers want to know about the system. */
#define HAVE_NETDB_H           1
#define HAVE_NS_TYPE           1
#define HAVE_DECL_NS_T_SPF     1
#define HAVE_DECL_NS_T_INVALID 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <spf2/spf.h>
#include <spf2/spf_dns.h>
#include <spf2/spf_dns_rr.h>
#include <spf2/spf_record.h>
#pragma GCC diagnostic pop

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/record/spf_macro.h"
#include "core/record/spf_record.h"
#include "core/verify/spf_check.h"

enum {
	NAMES_MOST = 10,   /* RFC 7208 4.6.4: MX hosts, and PTR names that count */
	RECORDS_MOST = 16, /* ten terms can load eleven records */
	STEPS_MOST = 256,
	NEVER = 1 << 20 /* a limit of libspf2's that ours comes before */
};

/* A record that has been loaded. */
struct loaded {
	const char *domain;
	struct spf_record record;
	const char **targets; /* per term, expanded when it is needed */
	size_t parent;        /* the step that loaded it */
	unsigned depth;
	bool base; /* its result is the result: no include on the way */
};

struct guard {
	struct arena *arena;
	const struct spf_check_source *source;
	struct spf_check_verdict *verdict;
	struct spf_macro_values values; /* `domain` and `validated` change */
	int family;
	uint8_t address[16];
	const char *reverse; /* the name to ask PTR for */
	struct loaded records[RECORDS_MOST];
	size_t record_count;
	struct spf_check_step *steps;
	size_t step_count;
	size_t step_room;
	size_t step_record[STEPS_MOST]; /* which record a step belongs to */
	bool incomplete;
	bool over; /* a limit was reached: everything ends */
	SPF_server_t *server;
	SPF_response_t *scratch;
};

static const char *const words[SPF_RESULTS] = {
	[SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",    [SPF_PASS] = "pass",
	[SPF_FAIL] = "fail",           [SPF_SOFTFAIL] = "softfail",  [SPF_TEMPERROR] = "temperror",
	[SPF_PERMERROR] = "permerror", [SPF_INCOMPLETE] = "unknown", [SPF_UNKNOWN] = "unknown",
};

const char *spf_check_word(enum spf_result result)
{
	return words[result];
}

/* The first problem is the one that ends the evaluation. */
static void say(struct guard *guard, const char *problem)
{
	if (!guard->verdict->problem)
		guard->verdict->problem = problem;
}

static void exceed(struct guard *guard, const char *problem)
{
	guard->over = true;
	say(guard, problem);
}

static void note(struct guard *guard, const char *text)
{
	if (guard->step_count > 0)
		guard->steps[guard->step_count - 1].note = text;
}

/* Every question of the evaluation goes through here. */
static const struct dns_answer *ask(struct guard *guard, const char *name, int type)
{
	static const struct dns_answer nothing = { .outcome = DNS_NO_NAME };
	const struct dns_answer *answer = NULL;
	const char *canonical = NULL;

	if (guard->over || guard->incomplete)
		return NULL;
	/* "cannot be composed": RFC 7208 4.3 lets such a name not exist. */
	if (!dns_message_raw_name(guard->arena, name, &canonical))
		return &nothing;
	answer = guard->source->ask(guard->source->context, canonical, type);
	if (!answer)
		guard->incomplete = true;
	return answer;
}

static bool is_void(const struct dns_answer *answer)
{
	return answer->outcome == DNS_NO_NAME || answer->outcome == DNS_NO_DATA
	       || answer->outcome == DNS_IMPOSSIBLE;
}

/* The same for what terms look up: "void lookups" are limited to two. */
static const struct dns_answer *ask_term(struct guard *guard, const char *name, int type)
{
	const struct dns_answer *answer = ask(guard, name, type);

	if (!answer || !is_void(answer))
		return answer;
	if (++guard->verdict->voids > SPF_VOIDS_MOST) {
		exceed(guard, arena_print(guard->arena,
		                          _("more than %d look-ups found nothing (void lookups)"),
		                          SPF_VOIDS_MOST));
		return NULL;
	}
	return answer;
}

static int address_type(const struct guard *guard)
{
	return guard->family == AF_INET ? DNS_A : DNS_AAAA;
}

static size_t address_size(const struct guard *guard)
{
	return guard->family == AF_INET ? 4 : 16;
}

static bool holds_client(const struct guard *guard, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->record_count; i++)
		if (memcmp(answer->records[i].address, guard->address, address_size(guard)) == 0)
			return true;
	return false;
}

static bool is_below(const char *name, const char *domain)
{
	size_t length = strlen(name);
	size_t tail = strlen(domain);

	if (tail > 0 && domain[tail - 1] == '.')
		tail--;
	return length >= tail && strncasecmp(name + length - tail, domain, tail) == 0
	       && (length == tail || name[length - tail - 1] == '.');
}

/* %{p} (section 7.3): a validated name; the domain itself before one below it
 * before any other.  "unknown" when there is none, or when DNS fails. */
static const char *validated_name(struct guard *guard, const char *domain)
{
	const struct dns_answer *names = ask_term(guard, guard->reverse, DNS_PTR);
	const char *best = NULL;
	int best_rank = 0;

	if (!names || names->outcome != DNS_FOUND)
		return NULL;
	for (size_t i = 0; i < names->record_count && i < NAMES_MOST; i++) {
		const char *name = names->records[i].text;
		const struct dns_answer *answer = ask_term(guard, name, address_type(guard));
		int rank = strcasecmp(name, domain) == 0 ? 3 : is_below(name, domain) ? 2 : 1;

		if (!answer)
			return NULL;
		if (answer->outcome == DNS_FOUND && holds_client(guard, answer)
		    && rank > best_rank) {
			best = name;
			best_rank = rank;
		}
	}
	return best;
}

/* Macros of a domain-spec, in the record of this domain. */
static const char *expand(struct guard *guard, const char *domain, const char *spec,
                          enum spf_macro_place place)
{
	struct text out = { 0 };
	struct err err = { 0 };
	const char *result = NULL;

	guard->values.domain = domain;
	if (spf_macro_uses(spec, strlen(spec), 'p'))
		guard->values.validated = validated_name(guard, domain);
	if (spf_macro_expand(spec, strlen(spec), place, &guard->values, &out, &err)) {
		const char *text = text_string(&out);

		result = arena_copy(guard->arena,
		                    place == SPF_MACRO_DOMAIN ? spf_macro_trim(text) : text);
	}
	text_free(&out);
	return result;
}

/* What a term points at: its domain-spec expanded, or the domain itself. */
static const char *target_of(struct guard *guard, size_t record, size_t term)
{
	struct loaded *loaded = &guard->records[record];
	const struct spf_term *written = &loaded->record.terms[term];

	if (!loaded->targets[term]) {
		const char *target = written->domain ? expand(guard, loaded->domain,
		                                              written->domain, SPF_MACRO_DOMAIN)
		                                     : loaded->domain;

		loaded->targets[term] = target ? target : "";
		if (guard->step_count > 0 && written->domain)
			guard->steps[guard->step_count - 1].target = loaded->targets[term];
	}
	return loaded->targets[term];
}

static bool is_in_network(const struct guard *guard, const struct spf_term *term)
{
	int bits = term->kind == SPF_TERM_IP4 ? term->prefix4 : term->prefix6;
	size_t size = address_size(guard);

	if ((term->kind == SPF_TERM_IP4) != (guard->family == AF_INET))
		return false;
	if (bits == SPF_NO_PREFIX)
		bits = (int)size * 8;
	for (size_t i = 0; i < size && bits > 0; i++, bits -= 8) {
		unsigned mask = bits >= 8 ? 0xffU : 0xffU << (8 - bits) & 0xffU;

		if ((term->address[i] & mask) != (guard->address[i] & mask))
			return false;
	}
	return true;
}

static int client_prefix(const struct guard *guard, const struct spf_term *term)
{
	return guard->family == AF_INET ? term->prefix4 : term->prefix6;
}

/* Append one compiled term to the record that libspf2 will walk. */
static bool append(struct guard *guard, SPF_record_t *record, const char *canonical)
{
	SPF_record_t *one = NULL;
	char text[256];
	bool ok = false;

	(void)snprintf(text, sizeof(text), "v=spf1 %s", canonical);
	if (SPF_record_compile(guard->server, guard->scratch, &one, text) == SPF_E_SUCCESS && one
	    && record->num_mech + one->num_mech <= UINT8_MAX) {
		size_t length = record->mech_len + one->mech_len;
		void *room = realloc(record->mech_first, length);

		if (room) {
			memcpy((char *)room + record->mech_len, one->mech_first, one->mech_len);
			record->mech_first = room;
			record->mech_size = record->mech_len = length;
			record->num_mech = (unsigned char)(record->num_mech + one->num_mech);
			ok = true;
		}
	}
	if (one)
		SPF_record_free(one);
	return ok;
}

static void address_text(int family, const uint8_t *address, char text[INET6_ADDRSTRLEN])
{
	if (!inet_ntop(family, address, text, INET6_ADDRSTRLEN))
		text[0] = '\0';
}

/* The term in our words, where libspf2 reads it.  A prefix of 0 it takes for
 * "none": such a term is written without, and the hook lets it match. */
static void write_term(const struct guard *guard, const struct spf_term *term, size_t record,
                       size_t number, char out[160])
{
	char address[INET6_ADDRSTRLEN];
	char prefix[16] = "";
	int bits = term->kind == SPF_TERM_IP4   ? term->prefix4
	           : term->kind == SPF_TERM_IP6 ? term->prefix6
	                                        : client_prefix(guard, term);

	if (bits > 0)
		(void)snprintf(prefix, sizeof(prefix), "%s%d",
		               guard->family == AF_INET6 && term->kind != SPF_TERM_IP6 ? "//" : "/",
		               bits);
	if (term->kind == SPF_TERM_ALL) {
		(void)snprintf(out, 160, "%call", term->qualifier);
	} else if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) {
		address_text(guard->family, bits == 0 ? guard->address : term->address, address);
		(void)snprintf(out, 160, "%c%s:%s%s", term->qualifier,
		               spf_record_kind_word(term->kind), address, prefix);
	} else if (term->kind == SPF_TERM_REDIRECT) {
		(void)snprintf(out, 160, "redirect=t.%zu.%zu.spf", record, number);
	} else {
		(void)snprintf(out, 160, "%c%s:t.%zu.%zu.spf%s", term->qualifier,
		               spf_record_kind_word(term->kind), record, number, prefix);
	}
}

static bool append_term(struct guard *guard, SPF_record_t *compiled, size_t record, size_t number)
{
	const struct spf_term *term = &guard->records[record].record.terms[number];
	char marker[96];
	char canonical[160];

	(void)snprintf(marker, sizeof(marker), "exists:m.%zu.%zu.spf", record, number);
	write_term(guard, term, record, number, canonical);
	return append(guard, compiled, marker) && append(guard, compiled, canonical);
}

/* What libspf2 needs of a record to give the right answer, which is less than
 * all of it: address ranges that don't hold the client decide nothing, nothing
 * is looked at after a range that does or after "all", and an eleventh look-up
 * is already an error.  So its limit of 255 mechanisms is never met. */
static bool compile(struct guard *guard, size_t number, SPF_record_t *compiled)
{
	const struct spf_record *record = &guard->records[number].record;
	unsigned lookups = 0;

	for (size_t i = 0; i < record->term_count && lookups <= SPF_LOOKUPS_MOST; i++) {
		const struct spf_term *term = &record->terms[i];
		bool range = term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;

		if (spf_record_is_modifier(term->kind) || (range && !is_in_network(guard, term)))
			continue;
		if (!append_term(guard, compiled, number, i))
			return false;
		if (range || term->kind == SPF_TERM_ALL)
			return true;
		lookups++;
	}
	/* "redirect" is used when nothing matched, wherever it stands (6.1). */
	for (size_t i = 0; i < record->term_count; i++)
		if (record->terms[i].kind == SPF_TERM_REDIRECT
		    && !spf_record_find(record, SPF_TERM_ALL))
			return append_term(guard, compiled, number, i);
	return true;
}

/* Exactly one TXT is the record (4.5). */
static SPF_errcode_t select_record(struct guard *guard, const char *domain,
                                   const struct dns_record **selected)
{
	const struct dns_answer *answer = ask(guard, domain, DNS_TXT);

	*selected = NULL;
	if (!answer)
		return SPF_E_DNS_ERROR;
	if (is_void(answer))
		return SPF_E_NOT_SPF;
	if (answer->outcome != DNS_FOUND) {
		say(guard, arena_print(guard->arena, _("TXT of %s: %s"), domain,
		                       dns_message_outcome_sentence(answer->outcome)));
		return SPF_E_DNS_ERROR;
	}
	for (size_t i = 0; i < answer->record_count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (!spf_record_is(record->text, record->text_length))
			continue;
		if (*selected) {
			say(guard, arena_print(guard->arena, _("%s has more than one SPF record"),
			                       domain));
			guard->verdict->problem_record = domain;
			return SPF_E_SYNTAX;
		}
		*selected = record;
	}
	return *selected ? SPF_E_SUCCESS : SPF_E_NOT_SPF;
}

static SPF_errcode_t load_record(struct guard *guard, const char *domain, size_t parent,
                                 unsigned depth, bool base, SPF_record_t **compiled)
{
	const struct dns_record *text = NULL;
	struct loaded *loaded = &guard->records[guard->record_count];
	struct err err = { 0 };
	SPF_errcode_t code = select_record(guard, domain, &text);

	if (code != SPF_E_SUCCESS)
		return code;
	if (guard->record_count == RECORDS_MOST) {
		exceed(guard, _("too many records"));
		return SPF_E_RECURSIVE;
	}
	*loaded =
		(struct loaded){ .domain = domain, .parent = parent, .depth = depth, .base = base };
	if (guard->record_count == 0)
		guard->verdict->text = arena_copy_part(guard->arena, text->text, text->text_length);
	if (!spf_record_parse(guard->arena, text->text, text->text_length, &loaded->record, &err)) {
		if (!guard->verdict->problem) {
			guard->verdict->problem_record = domain;
			guard->verdict->problem_column = loaded->record.problems[0].column;
		}
		say(guard, arena_print(guard->arena, _("the record of %s: %s"), domain, err.text));
		return SPF_E_SYNTAX;
	}
	loaded->targets = arena_take(guard->arena,
	                             (loaded->record.term_count + 1) * sizeof(char *));
	*compiled = SPF_record_new(guard->server, NULL);
	if (!*compiled || !compile(guard, guard->record_count, *compiled)) {
		say(guard, _("the record cannot be compiled"));
		return SPF_E_INTERNAL_ERROR;
	}
	guard->record_count++;
	return SPF_E_SUCCESS;
}

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

/* libspf2 wants the record that an include or redirect names. */
static SPF_errcode_t hook_get_spf(SPF_server_t *server, SPF_request_t *request,
                                  SPF_response_t *response, SPF_record_t **recordp)
{
	struct guard *guard = server->resolver->hook;
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
	target = target_of(guard, record, term);
	code = load_record(guard, target, guard->step_count - 1, guard->records[record].depth + 1,
	                   guard->records[record].base
	                           && guard->records[record].record.terms[term].kind
	                                      == SPF_TERM_REDIRECT,
	                   recordp);
	if (code == SPF_E_NOT_SPF) {
		note(guard, _("no SPF record"));
		say(guard, arena_print(guard->arena, _("%s has no SPF record"), target));
		guard->verdict->problem_record = guard->records[record].domain;
		guard->verdict->problem_column = guard->records[record].record.terms[term].column;
	}
	return code;
}

static SPF_dns_rr_t *no_answer(SPF_dns_server_t *dns, const char *label, ns_type type, int code)
{
	return SPF_dns_rr_new_init(dns, label, type, 0, code);
}

static bool add_address(SPF_dns_rr_t *rr, const struct guard *guard, const uint8_t *address)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, sizeof(SPF_dns_rr_data_t)) != SPF_E_SUCCESS)
		return false;
	memcpy(rr->rr[rr->num_rr], address, address_size(guard));
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
static SPF_dns_rr_t *mark(struct guard *guard, SPF_dns_server_t *dns, const char *label,
                          size_t record, size_t term)
{
	struct loaded *loaded = &guard->records[record];
	const struct spf_term *written = &loaded->record.terms[term];

	if (guard->over || guard->incomplete || guard->step_count == STEPS_MOST)
		return no_answer(dns, label, ns_t_a, TRY_AGAIN);
	if (spf_record_costs_lookup(written->kind)
	    && ++guard->verdict->lookups > SPF_LOOKUPS_MOST) {
		guard->verdict->problem_record = loaded->domain;
		guard->verdict->problem_column = written->column;
		exceed(guard,
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

static SPF_dns_rr_t *answer_addresses(struct guard *guard, SPF_dns_server_t *dns, const char *label,
                                      ns_type type, const char *name, const struct spf_term *term)
{
	/* exists asks for A, whatever the client's family (5.7). */
	bool exists = term->kind == SPF_TERM_EXISTS;
	bool any = !exists && client_prefix(guard, term) == 0;
	const struct dns_answer *answer = ask_term(guard, name,
	                                           exists ? DNS_A : address_type(guard));
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, type, TRY_AGAIN);
	if (answer->outcome != DNS_FOUND) {
		note(guard, dns_message_outcome_sentence(answer->outcome));
		if (is_void(answer))
			return no_answer(dns, label, type, HOST_NOT_FOUND);
		say(guard, arena_print(guard->arena, _("%s: %s"), name,
		                       dns_message_outcome_sentence(answer->outcome)));
		return no_answer(dns, label, type, TRY_AGAIN);
	}
	note(guard, arena_print(guard->arena,
	                        ngettext("%zu address", "%zu addresses", answer->record_count),
	                        answer->record_count));
	rr = no_answer(dns, label, type, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count; i++)
		if (!add_address(rr, guard,
		                 any || exists ? guard->address : answer->records[i].address))
			break;
	return rr;
}

static SPF_dns_rr_t *answer_hosts(struct guard *guard, SPF_dns_server_t *dns, const char *label,
                                  size_t record, size_t term)
{
	const char *name = target_of(guard, record, term);
	const struct dns_answer *answer = ask_term(guard, name, DNS_MX);
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, ns_t_mx, TRY_AGAIN);
	if (answer->outcome != DNS_FOUND) {
		note(guard, dns_message_outcome_sentence(answer->outcome));
		if (is_void(answer))
			return no_answer(dns, label, ns_t_mx, HOST_NOT_FOUND);
		say(guard, arena_print(guard->arena, _("MX of %s: %s"), name,
		                       dns_message_outcome_sentence(answer->outcome)));
		return no_answer(dns, label, ns_t_mx, TRY_AGAIN);
	}
	/* "If this limit is exceeded, the "mx" mechanism MUST produce a permerror" (4.6.4). */
	if (answer->record_count > NAMES_MOST) {
		exceed(guard, arena_print(guard->arena, _("%s has more than %d MX hosts"), name,
		                          NAMES_MOST));
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
static SPF_dns_rr_t *answer_names(struct guard *guard, SPF_dns_server_t *dns, const char *label)
{
	size_t record = guard->step_record[guard->step_count - 1];
	struct loaded *loaded = &guard->records[record];
	size_t term = 0;
	const struct dns_answer *answer = ask_term(guard, guard->reverse, DNS_PTR);
	SPF_dns_rr_t *rr = NULL;

	if (!answer)
		return no_answer(dns, label, ns_t_ptr, TRY_AGAIN);
	while (loaded->record.terms[term].column != guard->steps[guard->step_count - 1].column)
		term++;
	if (answer->outcome != DNS_FOUND) {
		note(guard, dns_message_outcome_sentence(answer->outcome));
		return no_answer(dns, label, ns_t_ptr, HOST_NOT_FOUND);
	}
	rr = no_answer(dns, label, ns_t_ptr, NETDB_SUCCESS);
	for (size_t i = 0; rr && i < answer->record_count && i < NAMES_MOST; i++) {
		bool below = is_below(answer->records[i].text, target_of(guard, record, term));
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
static SPF_dns_rr_t *answer_host(struct guard *guard, SPF_dns_server_t *dns, const char *label,
                                 ns_type type, char kind, size_t record, size_t number,
                                 size_t extra)
{
	const struct spf_term *term = &guard->records[record].record.terms[number];
	bool ptr = kind == 'p';
	const struct dns_answer *list = ask(guard,
	                                    ptr ? guard->reverse : target_of(guard, record, number),
	                                    ptr ? DNS_PTR : DNS_MX);
	const struct dns_answer *answer = NULL;
	SPF_dns_rr_t *rr = NULL;

	if (!list || extra >= list->record_count)
		return no_answer(dns, label, type, TRY_AGAIN);
	if (!ptr && list->records[extra].text[0] == '\0') /* "0 .": takes no mail */
		return no_answer(dns, label, type, HOST_NOT_FOUND);
	if (!ptr)
		return answer_addresses(guard, dns, label, type, list->records[extra].text, term);
	answer = ask_term(guard, list->records[extra].text, address_type(guard));
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

static SPF_dns_rr_t *hook_lookup(SPF_dns_server_t *dns, const char *label, ns_type type, int cache)
{
	struct guard *guard = dns->hook;
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
	return answer_addresses(guard, dns, label, type, target_of(guard, record, term),
	                        &guard->records[record].record.terms[term]);
}

static bool evaluate(struct guard *guard, SPF_record_t *record, SPF_response_t **response)
{
	SPF_request_t *request = SPF_request_new(guard->server);
	struct in_addr four;
	struct in6_addr six;
	char label[] = "top.spf"; /* no label of a target */

	if (!request)
		return false;
	if (guard->family == AF_INET) {
		memcpy(&four, guard->address, sizeof(four));
		(void)SPF_request_set_ipv4(request, four);
	} else {
		memcpy(&six, guard->address, sizeof(six));
		(void)SPF_request_set_ipv6(request, six);
	}
	request->cur_dom = label;
	*response = SPF_response_new(request);
	if (*response) {
		(*response)->spf_record_exp = record;
		(void)SPF_record_interpret(record, request, *response, 0);
	}
	SPF_request_free(request);
	return *response != NULL;
}

static enum spf_result result_of(SPF_errcode_t code)
{
	switch ((int)code) {
	case SPF_E_SUCCESS:
		return SPF_NEUTRAL;
	case SPF_E_NOT_SPF:
		return SPF_NONE;
	case SPF_E_DNS_ERROR:
		return SPF_TEMPERROR;
	case SPF_E_INTERNAL_ERROR:
		return SPF_UNKNOWN;
	default:
		return SPF_PERMERROR;
	}
}

static enum spf_result result_from(const SPF_response_t *response)
{
	switch (response->result) {
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return SPF_NONE;
	case SPF_RESULT_TEMPERROR:
		return SPF_TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return SPF_PERMERROR;
	case SPF_RESULT_INVALID:
		break;
	}
	return result_of(response->err);
}

/* The match is the last term that was looked at, and the includes and
 * redirects that led to it. */
static void name_match(struct guard *guard)
{
	size_t step = guard->step_count;

	while (step > 0) {
		const struct loaded *loaded = &guard->records[guard->step_record[step - 1]];

		guard->steps[step - 1].matched = true;
		if (loaded->base) {
			guard->verdict->mechanism = guard->steps[step - 1].term;
			guard->verdict->record = loaded->domain;
			guard->verdict->column = guard->steps[step - 1].column;
			return;
		}
		step = loaded->parent + 1;
	}
}

/* exp= of the record that had the last word.  Whatever is wrong with it, "proceed
 * as if no exp modifier was given" (6.2). */
static void explain(struct guard *guard)
{
	const struct loaded *loaded = NULL;
	const struct spf_term *term = NULL;
	const struct dns_answer *answer = NULL;
	const char *domain = NULL;

	for (size_t i = 0; i < guard->record_count; i++)
		if (guard->records[i].base)
			loaded = &guard->records[i];
	term = loaded ? spf_record_find(&loaded->record, SPF_TERM_EXP) : NULL;
	domain = term ? expand(guard, loaded->domain, term->domain, SPF_MACRO_DOMAIN) : NULL;
	answer = domain ? ask(guard, domain, DNS_TXT) : NULL;
	if (!answer || answer->outcome != DNS_FOUND || answer->record_count != 1
	    || strlen(answer->records[0].text) != answer->records[0].text_length)
		return;
	guard->verdict->explanation = expand(guard, loaded->domain, answer->records[0].text,
	                                     SPF_MACRO_EXPLANATION);
}

static void judge(struct guard *guard, SPF_errcode_t code, SPF_record_t *record)
{
	struct spf_check_verdict *verdict = guard->verdict;
	SPF_response_t *response = NULL;

	verdict->result = result_of(code);
	if (code == SPF_E_SUCCESS) {
		if (!evaluate(guard, record, &response)) {
			verdict->result = SPF_UNKNOWN;
			return;
		}
		verdict->result = result_from(response);
		if (!guard->over && !guard->incomplete && response->reason == SPF_REASON_MECH)
			name_match(guard);
		SPF_response_free(response);
	}
	if (!guard->over && !guard->incomplete && verdict->result == SPF_FAIL)
		explain(guard);
	if (guard->over)
		verdict->result = SPF_PERMERROR;
	else if (guard->incomplete)
		verdict->result = SPF_INCOMPLETE;
	if (verdict->result != SPF_TEMPERROR && verdict->result != SPF_PERMERROR) {
		verdict->problem = NULL;
		verdict->problem_record = NULL;
		verdict->problem_column = 0;
	}
}

static const char *nibbles(struct arena *arena, const uint8_t address[16], bool reverse)
{
	char *text = arena_take(arena, 64);

	for (size_t i = 0; i < 32; i++) {
		size_t at = reverse ? 31 - i : i;
		unsigned nibble = at % 2 ? address[at / 2] & 15U : (unsigned)address[at / 2] >> 4;

		text[2 * i] = "0123456789ABCDEF"[nibble];
		text[2 * i + 1] = i < 31 ? '.' : '\0';
	}
	return text;
}

static bool read_client(struct guard *guard, const char *text)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	uint8_t six[16];
	char *pretty = arena_take(guard->arena, INET6_ADDRSTRLEN);

	guard->family = AF_INET;
	if (inet_pton(AF_INET, text, guard->address) != 1) {
		if (inet_pton(AF_INET6, text, six) != 1)
			return false;
		guard->family = memcmp(six, mapped, sizeof(mapped)) == 0 ? AF_INET : AF_INET6;
		memcpy(guard->address, guard->family == AF_INET ? six + 12 : six,
		       address_size(guard));
	}
	address_text(guard->family, guard->address, pretty);
	guard->values.address = pretty;
	if (guard->family == AF_INET) {
		guard->values.address_labels = pretty;
		guard->values.family = "in-addr";
		guard->reverse = arena_print(guard->arena, "%u.%u.%u.%u.in-addr.arpa",
		                             guard->address[3], guard->address[2],
		                             guard->address[1], guard->address[0]);
	} else {
		guard->values.address_labels = nibbles(guard->arena, guard->address, false);
		guard->values.family = "ip6";
		guard->reverse = arena_print(guard->arena, "%s.ip6.arpa",
		                             nibbles(guard->arena, guard->address, true));
	}
	return true;
}

/* Section 2.4: without a reverse-path the sender is postmaster@helo; section 4.3:
 * without a local part it is postmaster. */
static void read_sender(struct guard *guard, const struct spf_check_request *request)
{
	const char *sender = request->mail_from && *request->mail_from ? request->mail_from
	                                                               : request->helo;
	const char *at = strrchr(sender, '@');

	guard->values.local_part = at && at > sender ? arena_copy_part(guard->arena, sender,
	                                                               (size_t)(at - sender))
	                                             : "postmaster";
	guard->values.sender_domain = at ? at + 1 : sender;
	guard->values.sender = arena_print(guard->arena, "%s@%s", guard->values.local_part,
	                                   guard->values.sender_domain);
	guard->values.helo = request->helo;
	guard->values.receiver = request->receiver;
	guard->values.now = request->now;
}

/* "malformed ... or is not a multi-label domain name": none (4.3). */
static bool is_domain(struct arena *arena, const char *domain)
{
	const char *canonical = NULL;

	return domain[0] != '[' && dns_message_raw_name(arena, domain, &canonical)
	       && strchr(canonical, '.') != NULL;
}

void spf_check_run(struct arena *arena, const struct spf_check_request *request,
                   const struct spf_check_source *source, struct spf_check_verdict *verdict)
{
	struct guard *guard = arena_take(arena, sizeof(*guard));
	SPF_dns_server_t dns = {
		.lookup = hook_lookup,
		.get_spf = hook_get_spf,
		.name = "guard",
		.hook = guard,
	};
	SPF_record_t *record = NULL;
	SPF_errcode_t code = SPF_E_NOT_SPF;

	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN };
	guard->arena = arena;
	guard->source = source;
	guard->verdict = verdict;
	if (!read_client(guard, request->address)) {
		say(guard, _("the client's address is not an IP address"));
		return;
	}
	read_sender(guard, request);
	verdict->domain = guard->values.sender_domain;
	/* Its messages are for a terminal we don't have. */
	SPF_info_handler = NULL;
	SPF_warning_handler = NULL;
	SPF_debug_handler = NULL;
	guard->server = SPF_server_new_dns(&dns, 0);
	guard->scratch = SPF_response_new(NULL);
	if (guard->server && guard->scratch) {
		(void)SPF_server_set_rec_dom(guard->server, "receiver");
		(void)SPF_server_set_max_dns_mech(guard->server, NEVER);
		(void)SPF_server_set_max_dns_mx(guard->server, NEVER);
		(void)SPF_server_set_max_dns_ptr(guard->server, NEVER);
		if (is_domain(arena, verdict->domain))
			code = load_record(guard, verdict->domain, 0, 0, true, &record);
		judge(guard, code, record);
	}
	verdict->steps = guard->steps;
	verdict->step_count = guard->step_count;
	if (record)
		SPF_record_free(record);
	if (guard->scratch)
		SPF_response_free(guard->scratch);
	if (guard->server)
		SPF_server_free(guard->server);
}

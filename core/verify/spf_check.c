#include "core/verify/spf_check.h"

#include <string.h>

#include "core/base/words.h"
#include "core/verify/spf_client.h"
#include "core/verify/spf_guard.h"
#include "core/verify/spf_hook.h"
#include "core/verify/spf_loader.h"

enum { NEVER = 1 << 20 /* a limit of libspf2's that ours comes before */ };

static const char *const words[SPF_RESULTS] = {
	[SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",    [SPF_PASS] = "pass",
	[SPF_FAIL] = "fail",           [SPF_SOFTFAIL] = "softfail",  [SPF_TEMPERROR] = "temperror",
	[SPF_PERMERROR] = "permerror", [SPF_INCOMPLETE] = "unknown", [SPF_UNKNOWN] = "unknown",
};

const char *spf_check_word(enum spf_result result)
{
	return words[result];
}

static bool evaluate(struct spf_guard *guard, SPF_record_t *record, SPF_response_t **response)
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
static void name_match(struct spf_guard *guard)
{
	size_t step = guard->step_count;

	while (step > 0) {
		const struct spf_guard_record *loaded =
			&guard->records[guard->step_record[step - 1]];

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
static void explain(struct spf_guard *guard)
{
	const struct spf_guard_record *loaded = NULL;
	const struct spf_term *term = NULL;
	const struct dns_answer *answer = NULL;
	const char *domain = NULL;

	for (size_t i = 0; i < guard->record_count; i++)
		if (guard->records[i].base)
			loaded = &guard->records[i];
	term = loaded ? spf_record_find(&loaded->record, SPF_TERM_EXP) : NULL;
	domain = term ? spf_guard_expand(guard, loaded->domain, term->domain, SPF_MACRO_DOMAIN)
	              : NULL;
	answer = domain ? spf_guard_ask(guard, domain, DNS_TXT) : NULL;
	if (!answer || answer->outcome != DNS_FOUND || answer->record_count != 1
	    || strlen(answer->records[0].text) != answer->records[0].text_length)
		return;
	guard->verdict->explanation = spf_guard_expand(guard, loaded->domain,
	                                               answer->records[0].text,
	                                               SPF_MACRO_EXPLANATION);
}

static void judge(struct spf_guard *guard, SPF_errcode_t code, SPF_record_t *record)
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

/* "malformed ... or is not a multi-label domain name": none (4.3). */
static bool is_domain(struct arena *arena, const char *domain)
{
	const char *canonical = NULL;

	return domain[0] != '[' && dns_message_raw_name(arena, domain, &canonical)
	       && strchr(canonical, '.') != NULL;
}

struct spf_check_job {
	struct spf_guard_shelf shelf;
	SPF_dns_server_t dns;
	SPF_server_t *server;
	SPF_response_t *scratch;
};

struct spf_check_job *spf_check_job_open(struct arena *arena, bool quiet)
{
	struct spf_check_job *job = arena_take(arena, sizeof(*job));

	job->shelf.arena = arena;
	job->shelf.quiet = quiet;
	job->dns = (SPF_dns_server_t){
		.lookup = spf_hook_lookup,
		.get_spf = spf_hook_record,
		.name = "guard",
	};
	/* Its messages are for a terminal we don't have. */
	SPF_info_handler = NULL;
	SPF_warning_handler = NULL;
	SPF_debug_handler = NULL;
	job->server = SPF_server_new_dns(&job->dns, 0);
	job->scratch = SPF_response_new(NULL);
	if (!job->server || !job->scratch) {
		spf_check_job_close(job);
		return NULL;
	}
	(void)SPF_server_set_rec_dom(job->server, "receiver");
	(void)SPF_server_set_max_dns_mech(job->server, NEVER);
	(void)SPF_server_set_max_dns_mx(job->server, NEVER);
	(void)SPF_server_set_max_dns_ptr(job->server, NEVER);
	return job;
}

void spf_check_job_close(struct spf_check_job *job)
{
	if (!job)
		return;
	if (job->scratch)
		SPF_response_free(job->scratch);
	if (job->server)
		SPF_server_free(job->server);
	*job = (struct spf_check_job){ 0 };
}

void spf_check_job_run(struct spf_check_job *job, struct arena *arena,
                       const struct spf_check_request *request,
                       const struct spf_check_source *source, struct spf_check_verdict *verdict)
{
	struct spf_guard *guard = arena_take(arena, sizeof(*guard));
	SPF_record_t *record = NULL;
	SPF_errcode_t code = SPF_E_NOT_SPF;

	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN };
	guard->arena = arena;
	guard->shelf = &job->shelf;
	guard->source = source;
	guard->verdict = verdict;
	guard->server = job->server;
	guard->scratch = job->scratch;
	job->dns.hook = guard;
	if (!spf_client_read(guard, request->address)) {
		spf_guard_say(guard, _("the client's address is not an IP address"));
		return;
	}
	spf_client_read_sender(guard, request);
	verdict->domain = guard->values.sender_domain;
	if (is_domain(arena, verdict->domain))
		code = spf_loader_run(guard, verdict->domain, 0, 0, true, &record);
	judge(guard, code, record);
	verdict->steps = guard->steps;
	verdict->step_count = guard->step_count;
	if (record)
		SPF_record_free(record);
}

void spf_check_run(struct arena *arena, const struct spf_check_request *request,
                   const struct spf_check_source *source, struct spf_check_verdict *verdict)
{
	struct spf_check_job *job = spf_check_job_open(arena, false);

	*verdict = (struct spf_check_verdict){ .result = SPF_UNKNOWN };
	if (job)
		spf_check_job_run(job, arena, request, source, verdict);
	spf_check_job_close(job);
}

#include <strings.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/record/spf_record.h"
#include "core/verify/authorisation_check.h"
#include "core/verify/spf_foresight.h"
#include "core/verify/spf_view.h"
#include "core/verify/visibility.h"

static const char *envelope_sender(struct arena *arena, const struct facts_domain *domain,
                                   const char *name)
{
	const char *address = domain->sender_count > 0 ? domain->senders[0].address : "postmaster@";
	const char *at = strchr(address, '@');

	return arena_print(arena, "%.*s@%s", at ? (int)(at - address) : 10,
	                   at ? address : "postmaster", name);
}

/* Is our include there, and only shadowed or disapproved? */
static bool names_us(struct arena *arena, const char *text, const char *spf_host)
{
	struct spf_record record = { 0 };
	struct err err = { 0 };

	if (!text || !spf_record_parse(arena, text, strlen(text), &record, &err))
		return false;
	for (size_t i = 0; i < record.term_count; i++)
		if (record.terms[i].kind == SPF_TERM_INCLUDE
		    && strcasecmp(record.terms[i].domain, spf_host) == 0)
			return true;
	return false;
}

static const char *deciding_term(struct arena *arena, const struct spf_check_verdict *spf)
{
	if (!spf->mechanism)
		return _("no term of the record matches");
	return arena_print(arena, _("%s in column %zu of the record of %s decides"), spf->mechanism,
	                   spf->column, spf->record);
}

/* One address: fold its result into the verdict.  The worst one stays. */
static void fold(struct arena *arena, const struct facts *facts, const struct facts_relay *relay,
                 const char *address, const struct spf_check_verdict *spf, struct verdict *verdict)
{
	if (spf->result == SPF_PASS || verdict->state != VERDICT_MATCH)
		return;
	switch (spf->result) {
	case SPF_NONE:
		verdict->state = VERDICT_MISSING;
		verdict->explanation = _("there is no SPF record");
		break;
	case SPF_PERMERROR:
		verdict->state = VERDICT_CONFLICT;
		verdict->explanation = arena_print(arena, _("receivers answer permerror: %s"),
		                                   spf->problem ? spf->problem : "");
		break;
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		verdict->state = names_us(arena, spf->text, facts->spf_host) ? VERDICT_CONFLICT
		                                                             : VERDICT_MISSING;
		verdict->explanation = arena_print(arena, _("%s of %s gets %s: %s"), address,
		                                   relay->name, spf_check_word(spf->result),
		                                   deciding_term(arena, spf));
		break;
	case SPF_PASS:
	case SPF_TEMPERROR:
	case SPF_INCOMPLETE:
	case SPF_UNKNOWN:
	case SPF_RESULTS:
		verdict->state = VERDICT_UNKNOWN;
		verdict->explanation = arena_print(arena, _("could not be evaluated: %s"),
		                                   spf->problem ? spf->problem : "");
		break;
	}
}

static size_t count_addresses(const struct facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **address = facts->relays[i].addresses; *address; address++)
			count++;
	return count;
}

/* One evaluation for each address of each relay. */
struct occasion {
	const struct facts_relay **relays;
	struct spf_check_request *requests;
	struct spf_check_verdict *verdicts;
	size_t count;
};

static void list_occasions(struct arena *arena, const struct facts *facts,
                           const struct facts_domain *domain, const char *name,
                           struct occasion *occasion)
{
	const char *sender = envelope_sender(arena, domain, name);
	size_t room = count_addresses(facts) + 1;
	long long now = clock_now();

	occasion->relays = arena_take(arena, room * sizeof(struct facts_relay *));
	occasion->requests = arena_take(arena, room * sizeof(*occasion->requests));
	occasion->verdicts = arena_take(arena, room * sizeof(*occasion->verdicts));
	for (size_t i = 0; i < facts->relay_count; i++) {
		const struct facts_relay *relay = &facts->relays[i];

		for (const char **address = relay->addresses; *address; address++) {
			occasion->relays[occasion->count] = relay;
			occasion->requests[occasion->count++] =
				(struct spf_check_request){ .address = *address,
				                            .mail_from = sender,
				                            .helo = relay->helo,
				                            .now = now };
		}
	}
}

/* False: an answer is missing. */
static bool fold_all(struct arena *arena, const struct facts *facts,
                     const struct occasion *occasion, struct verdict *verdict)
{
	unsigned lookups = 0;

	verdict->state = VERDICT_MATCH;
	for (size_t i = 0; i < occasion->count; i++) {
		const struct spf_check_verdict *spf = &occasion->verdicts[i];

		if (spf->result == SPF_INCOMPLETE)
			return false;
		if (spf->text)
			verdict->found = spf->text;
		if (spf->lookups > lookups)
			lookups = spf->lookups;
		fold(arena, facts, occasion->relays[i], occasion->requests[i].address, spf,
		     verdict);
	}
	if (occasion->count == 0) {
		verdict->state = VERDICT_UNKNOWN;
		verdict->explanation = _("no relay with an address is registered");
	} else if (verdict->state == VERDICT_MATCH) {
		verdict->explanation = arena_print(arena,
		                                   _("pass for every relay address; %u of %d "
		                                     "look-ups"),
		                                   lookups, SPF_LOOKUPS_MOST);
	}
	return true;
}

static bool evaluate_all(struct inquiry *inquiry, struct spf_worker *worker,
                         const struct facts *facts, const struct facts_domain *domain,
                         struct spf_view *view, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	struct spf_check_source source = spf_view_source(view);
	struct spf_memory *memory = spf_worker_memory(worker);
	struct spf_foresight foresight;
	struct occasion occasion = { 0 };

	if (!spf_foresight(inquiry, view->domain, view->answer, &foresight))
		return false;
	list_occasions(arena, facts, domain, view->domain, &occasion);
	if (!spf_memory_find(memory, &foresight, occasion.requests, occasion.count,
	                     occasion.verdicts)) {
		struct spf_worker_job job = { occasion.requests, occasion.count, &source,
			                      &foresight };

		if (spf_worker_check_all(worker, arena, &job, occasion.verdicts) == 0)
			spf_memory_keep(memory, &foresight, occasion.requests, occasion.count,
			                occasion.verdicts);
	}
	return fold_all(arena, facts, &occasion, verdict);
}

static const struct dns_record *spf_of(const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->record_count; i++)
		if (spf_record_is(answer->records[i].text, answer->records[i].text_length))
			return &answer->records[i];
	return NULL;
}

static bool shows_record(const void *context, const struct dns_answer *answer)
{
	const struct dns_record *wanted = context;
	const struct dns_record *seen = spf_of(answer);

	return wanted && seen && strcmp(seen->text, wanted->text) == 0;
}

bool authorisation_check(struct inquiry *inquiry, struct spf_worker *worker,
                         const struct facts *facts, const struct facts_domain *domain,
                         struct verdict *verdict)
{
	/* What the zone's own servers say about the domain, the resolvers about all else. */
	struct spf_view view = { .inquiry = inquiry, .domain = verdict->requirement->name };
	struct authority authority;

	if (!authority_ask(inquiry, view.domain, DNS_TXT, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	view.answer = authority.answer;
	if (!evaluate_all(inquiry, worker, facts, domain, &view, verdict))
		return false;
	if (verdict->state != VERDICT_MATCH)
		return true;
	if (authority.state == AUTHORITY_SPLIT) {
		verdict_split(verdict, inquiry, &authority, NULL);
		return true;
	}
	if (authority.state == AUTHORITY_SILENT) {
		verdict_others_show(verdict, inquiry, &authority);
		return true;
	}
	return visibility_check(inquiry, view.domain, shows_record, spf_of(view.answer), verdict);
}

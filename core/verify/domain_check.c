#include <arpa/inet.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/verify/authorisation_check.h"
#include "core/verify/authority.h"
#include "core/verify/diagnosis.h"
#include "core/verify/dkim_check.h"
#include "core/verify/dmarc_check.h"
#include "core/verify/domain_check.h"
#include "core/verify/smtp_probe.h"

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static const struct facts_key *find_key(const struct facts_domain *domain, long long id)
{
	for (size_t i = 0; i < domain->key_count; i++)
		if (domain->keys[i].id == id)
			return &domain->keys[i];
	return NULL;
}

bool domain_check_is_successor(const struct facts_domain *domain, long long key_id)
{
	const struct facts_key *key = find_key(domain, key_id);

	if (!key
	    || (!is(key->state, "generated") && !is(key->state, "publish-pending")
	        && !is(key->state, "published")))
		return false;
	for (size_t i = 0; i < domain->key_count; i++)
		if (is(domain->keys[i].state, "active")
		    && is(domain->keys[i].algorithm, key->algorithm))
			return true;
	return false;
}

const struct requirement *domain_check_record(const struct domain_check *check,
                                              const struct requirement *requirement)
{
	if (is(requirement->type, "TXT"))
		return requirement;
	for (size_t i = 0; i < check->requirement_count; i++)
		if (check->requirements[i].purpose == PURPOSE_DKIM
		    && check->requirements[i].key_id == requirement->key_id
		    && is(check->requirements[i].type, "TXT"))
			return &check->requirements[i];
	return NULL;
}

static bool check_dkim(struct inquiry *inquiry, const struct domain_check *check,
                       struct verdict *verdict)
{
	const struct requirement *record = domain_check_record(check, verdict->requirement);

	if (record && record->value)
		return dkim_check(inquiry, record, verdict);
	verdict->state = VERDICT_MISSING;
	verdict->explanation = _("no signing key has been made for this domain yet");
	return true;
}

/* MX: what is wanted is among what is there. */
static bool check_mx(struct inquiry *inquiry, const struct domain_check *check,
                     struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	struct authority authority;
	size_t wanted = 0;
	size_t there = 0;

	if (!authority_ask(inquiry, verdict->requirement->name, DNS_MX, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, inquiry, &authority);
		return true;
	}
	verdict->expected = "";
	for (size_t i = 0; i < check->requirement_count; i++) {
		const struct requirement *each = &check->requirements[i];
		const char *host = each->value ? strrchr(each->value, ' ') : NULL;
		bool found = false;

		if (!is(each->type, "MX") || !is(each->name, verdict->requirement->name) || !host)
			continue;
		for (size_t r = 0; r < authority.answer->record_count; r++)
			found = found
			        || strcasecmp(authority.answer->records[r].text, host + 1) == 0;
		wanted++;
		there += found;
		verdict->expected = arena_print(arena, "%s%s%s", verdict->expected,
		                                wanted > 1 ? " | " : "", each->value);
	}
	verdict->found = verdict_show_answer(arena, authority.answer);
	verdict->state = there == wanted                      ? VERDICT_MATCH
	                 : authority.answer->record_count > 0 ? VERDICT_CONFLICT
	                                                      : VERDICT_MISSING;
	if (authority.state == AUTHORITY_SPLIT)
		verdict_split(verdict, inquiry, &authority, NULL);
	if (verdict->state == VERDICT_MISSING)
		verdict->explanation = _("bounces cannot be delivered: there is no MX record");
	if (verdict->state == VERDICT_CONFLICT)
		verdict->explanation = _("bounces go to another host");
	return true;
}

/* Addresses of a host by the recursive resolvers; false: call again. */
static bool find_addresses(struct inquiry *inquiry, const char *host, struct verdict *verdict,
                           const char ***addresses, size_t *count)
{
	struct arena *arena = inquiry_arena(inquiry);
	const struct dns_answer *four = inquiry_ask(inquiry, host, DNS_A);
	const struct dns_answer *six = inquiry_ask(inquiry, host, DNS_AAAA);
	const struct dns_answer *const both[] = { four, six };

	*count = 0;
	if (!four || !six)
		return false;
	*addresses = arena_take(arena,
	                        (four->record_count + six->record_count + 1) * sizeof(char *));
	verdict_observe_one(verdict, four);
	for (size_t i = 0; i < LENGTH(both); i++)
		for (size_t r = 0; r < both[i]->record_count; r++)
			(*addresses)[(*count)++] = both[i]->records[r].text;
	if (*count > 0)
		return true;
	verdict->state = dns_message_definite(four) ? VERDICT_MISSING : VERDICT_UNKNOWN;
	verdict->explanation = arena_print(arena, _("the host %s: %s"), host,
	                                   dns_message_outcome_sentence(four->outcome));
	return true;
}

static bool check_site(struct inquiry *inquiry, struct verdict *verdict)
{
	const char **addresses = NULL;
	size_t count = 0;

	if (!find_addresses(inquiry, verdict->requirement->name, verdict, &addresses, &count))
		return false;
	if (count > 0) {
		verdict->state = VERDICT_MATCH;
		verdict->found = addresses[0];
		verdict->explanation = _("the host of the URL has an address");
	}
	return true;
}

/* Only the addresses: the conversation itself comes after all questions. */
static bool check_smarthost(struct inquiry *inquiry, struct domain_check *check,
                            struct verdict *verdict)
{
	const char *host = check->domain->smarthost;
	uint8_t bytes[16];

	if (!host) {
		verdict->explanation = _("the domain has no smarthost");
		return true;
	}
	if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
		check->smarthost_addresses = arena_take(inquiry_arena(inquiry), sizeof(char *));
		check->smarthost_addresses[0] = host;
		check->smarthost_address_count = 1;
		return true;
	}
	return find_addresses(inquiry, host, verdict, &check->smarthost_addresses,
	                      &check->smarthost_address_count);
}

static bool check_one(struct inquiry *inquiry, struct domain_check *check, struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;

	switch (requirement->purpose) {
	case PURPOSE_DKIM:
		return check_dkim(inquiry, check, verdict);
	case PURPOSE_DMARC:
		return dmarc_check(inquiry, verdict);
	case PURPOSE_SPF:
	case PURPOSE_MAILFROM:
		if (is(requirement->type, "MX"))
			return check_mx(inquiry, check, verdict);
		return authorisation_check(inquiry, check->worker, check->facts, check->domain,
		                           verdict);
	case PURPOSE_SITE:
		return check_site(inquiry, verdict);
	case PURPOSE_SMARTHOST:
		return check_smarthost(inquiry, check, verdict);
	case PURPOSES:
		break;
	}
	return true;
}

/* Several rows about one thing (MX hosts, URLs of one host) get one verdict. */
static bool is_repeated(const struct domain_check *check, const struct requirement *requirement)
{
	for (size_t i = 0; i < check->verdict_count; i++) {
		const struct requirement *other = check->verdicts[i].requirement;

		if (other->purpose == requirement->purpose && is(other->type, requirement->type)
		    && is(other->name, requirement->name))
			return true;
	}
	return false;
}

static const char *expectation(const struct requirement *requirement)
{
	if (requirement->addition)
		return requirement->addition;
	return requirement->value ? requirement->value : "";
}

static void begin(struct inquiry *inquiry, struct domain_check *check)
{
	check->verdict_count = 0;
	check->verdicts = arena_take(inquiry_arena(inquiry),
	                             (check->requirement_count + 1) * sizeof(*check->verdicts));
	for (size_t i = 0; i < check->requirement_count; i++) {
		const struct requirement *requirement = &check->requirements[i];

		/* What shall go is the customer's to tidy up; nothing waits for it. */
		if (requirement->action == ACTION_DELETE || !requirement->name
		    || is_repeated(check, requirement))
			continue;
		check->verdicts[check->verdict_count++] = (struct verdict){
			.requirement = requirement,
			.state = VERDICT_UNKNOWN,
			.required = requirement->required
			            && !domain_check_is_successor(check->domain,
			                                          requirement->key_id),
			.expected = expectation(requirement),
			.found = "",
			.explanation = "",
		};
	}
}

bool domain_check_step(struct inquiry *inquiry, void *context)
{
	struct domain_check *check = context;
	bool complete = true;

	begin(inquiry, check);
	for (size_t i = 0; i < check->verdict_count; i++) {
		struct verdict *verdict = &check->verdicts[i];

		if (verdict->requirement->waived) {
			verdict->state = VERDICT_WAIVED;
			verdict->explanation = verdict->requirement->waived;
		} else if (!check_one(inquiry, check, verdict)
		           || !diagnosis_find(inquiry, check, verdict)) {
			/* Stands only if nobody calls again. */
			verdict->state = VERDICT_UNKNOWN;
			verdict->diagnosis = NULL;
			verdict->explanation = _(
				"internal error: the check did not come to an end");
			complete = false;
		}
	}
	check->finished = complete;
	return complete;
}

static void judge_probe(struct arena *arena, const struct smtp_probe_result *result,
                        struct verdict *verdict)
{
	verdict->found = arena_print(arena, "%s%s%s%s%s", result->address ? result->address : "",
	                             result->tls ? ", " : "", result->tls ? result->tls : "",
	                             result->auth ? ", AUTH " : "",
	                             result->auth ? result->auth : "");
	verdict->explanation = result->problem ? result->problem : "";
	switch (result->outcome) {
	case SMTP_PROBE_GOOD:
		verdict->state = VERDICT_MATCH;
		if (result->expires)
			verdict->explanation = arena_print(arena,
			                                   _("its certificate is valid until %s"),
			                                   result->expires);
		break;
	case SMTP_PROBE_BAD:
		verdict->state = VERDICT_CONFLICT;
		break;
	case SMTP_PROBE_ABSENT:
		verdict->state = VERDICT_MISSING;
		break;
	case SMTP_PROBE_SILENT:
		verdict->state = VERDICT_UNKNOWN;
		break;
	}
}

void domain_check_probe(struct domain_check *check, struct arena *arena, const char *ca_file,
                        int timeout)
{
	struct smtp_probe_result result;
	struct smtp_probe_request request = {
		.host = check->domain->smarthost,
		.port = check->domain->smarthost_port,
		.addresses = check->smarthost_addresses,
		.address_count = check->smarthost_address_count,
		.helo = check->facts->relay_count > 0 ? check->facts->relays[0].helo
		                                      : check->facts->hosting_domain,
		.ca_file = ca_file,
		.timeout = timeout,
	};

	if (!request.host || request.address_count == 0)
		return;
	request.implicit_tls = is(check->domain->smarthost_tls, "implicit");
	for (size_t i = 0; i < check->verdict_count; i++) {
		if (check->verdicts[i].requirement->purpose != PURPOSE_SMARTHOST
		    || check->verdicts[i].state == VERDICT_WAIVED)
			continue;
		smtp_probe_run(arena, &request, &result);
		judge_probe(arena, &result, &check->verdicts[i]);
	}
}

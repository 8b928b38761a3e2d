#include <arpa/inet.h>
#include <strings.h>

#include "core/base/clock.h"
#include "core/base/words.h"
#include "core/verify/authorisation_check.h"
#include "core/verify/authority.h"
#include "core/verify/diagnosis.h"
#include "core/verify/dkim_check.h"
#include "core/verify/dmarc_check.h"
#include "core/verify/domain_check.h"
#include "core/verify/return_check.h"
#include "core/verify/site_check.h"

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

/* A name that was delegated to us: is it a zone of its own, on the servers wanted? */
static bool check_delegation(struct inquiry *inquiry, const struct domain_check *check,
                             struct verdict *verdict)
{
	const char *name = verdict->requirement->name;
	struct authority authority;
	size_t wanted = 0, there = 0;

	if (!authority_ask(inquiry, name, DNS_NS, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	bool cut = authority.zone != NULL && strcasecmp(authority.zone, name) == 0;
	for (size_t i = 0; i < check->requirement_count; i++) {
		const struct requirement *each = &check->requirements[i];
		bool found = false;

		if (!is(each->type, "NS") || !is(each->name, name))
			continue;
		for (size_t a = 0; cut && a < authority.count; a++)
			found = found || strcasecmp(authority.answers[a].name, each->value) == 0;
		wanted++;
		there += found;
	}
	verdict->found = cut ? authority.zone : "";
	verdict->state = there == wanted ? VERDICT_MATCH : cut ? VERDICT_CONFLICT : VERDICT_MISSING;
	if (verdict->state == VERDICT_MISSING)
		verdict->explanation = _("this name is not delegated to our name servers");
	if (verdict->state == VERDICT_CONFLICT)
		verdict->explanation = _("this name is delegated, but not to all of our servers");
	return true;
}

static bool check_dkim(struct inquiry *inquiry, const struct domain_check *check,
                       struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;
	const struct requirement *record = NULL;

	if (is(requirement->type, "NS"))
		return check_delegation(inquiry, check, verdict);
	if (is(requirement->type, "CNAME") && requirement->key_id == 0 && requirement->value)
		return dkim_check_pointer(inquiry, verdict);
	record = domain_check_record(check, requirement);
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
		verdict_could_not_tell(verdict, &authority);
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

/* Only the addresses: the conversation itself comes after all questions. */
static bool check_smarthost(struct inquiry *inquiry, const struct domain_check *check,
                            struct verdict *verdict)
{
	const char *host = check->domain->smarthost;
	uint8_t bytes[16];

	if (!host) {
		verdict->explanation = _("the domain has no smarthost");
		return true;
	}
	if (inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1) {
		verdict->addresses = arena_take(inquiry_arena(inquiry), sizeof(char *));
		verdict->addresses[0] = host;
		verdict->address_count = 1;
		return true;
	}
	return site_check_addresses(inquiry, host, verdict);
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
		return site_check(inquiry, check->facts, check->domain, verdict);
	case PURPOSE_RETURN:
		return return_check(inquiry, verdict);
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
	check->verdicts = arena_take(inquiry_arena(inquiry),
	                             (check->requirement_count + 1) * sizeof(*check->verdicts));
	for (size_t i = 0; i < check->requirement_count; i++) {
		const struct requirement *requirement = &check->requirements[i];

		/* What shall go is the customer's to tidy up; nothing waits for it. */
		if (requirement->action != ACTION_DELETE && requirement->name
		    && !is_repeated(check, requirement))
			check->verdicts[check->verdict_count++].requirement = requirement;
	}
}

/* What was there and is gone is told, recommended or not.  But the records of keys
 * in our own zone, and those that lead to them, change with every key: of these
 * only what signatures need now. */
static bool is_told(const struct requirement *requirement, bool required)
{
	return required || requirement->purpose != PURPOSE_DKIM || requirement->key_id == 0
	       || (requirement->owner == OWNER_CUSTOMER && is(requirement->type, "TXT")
	           && requirement->action != ACTION_REPLACE);
}

static struct verdict undecided(const struct domain_check *check,
                                const struct requirement *requirement)
{
	bool required = requirement->required
	                && !domain_check_is_successor(check->domain, requirement->key_id);

	return (struct verdict){
		.requirement = requirement,
		.state = VERDICT_UNKNOWN,
		.required = required,
		.told = is_told(requirement, required),
		.expected = expectation(requirement),
		.found = "",
		.explanation = "",
	};
}

static void try_to_settle(struct inquiry *inquiry, struct domain_check *check,
                          struct verdict *verdict)
{
	const struct requirement *requirement = verdict->requirement;

	*verdict = undecided(check, requirement);
	if (requirement->waived) {
		verdict->state = VERDICT_WAIVED;
		verdict->explanation = requirement->waived;
		verdict->settled = true;
		return;
	}
	verdict->settled = check_one(inquiry, check, verdict)
	                   && diagnosis_find(inquiry, check, verdict);
	if (!verdict->settled) {
		/* Stands only if nobody calls again. */
		verdict->state = VERDICT_UNKNOWN;
		verdict->diagnosis = NULL;
		verdict->explanation = _("internal error: the check did not come to an end");
	}
}

/* What is settled rests on answers that do not change any more in this inquiry. */
bool domain_check_step(struct inquiry *inquiry, void *context)
{
	struct domain_check *check = context;
	bool complete = true;

	if (!check->verdicts) {
		check->began = clock_ticks();
		begin(inquiry, check);
	}
	for (size_t i = 0; i < check->verdict_count; i++) {
		if (!check->verdicts[i].settled)
			try_to_settle(inquiry, check, &check->verdicts[i]);
		complete = complete && check->verdicts[i].settled;
	}
	check->finished = complete;
	return complete;
}

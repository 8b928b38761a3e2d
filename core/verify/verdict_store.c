#include "core/base/clock.h"
#include "core/model/event.h"
#include "core/model/observation.h"
#include "core/record/dkim_record.h"
#include "core/verify/verdict_store.h"

static void list_observations(const struct verdict *verdict, struct observation *observations)
{
	for (size_t i = 0; i < verdict->observation_count; i++) {
		const struct dns_answer *answer = verdict->observations[i];

		observations[i] = (struct observation){
			.server = answer->server ? answer->server : "",
			.rcode = dns_message_rcode_word(answer),
			.ttl = answer->bytes ? (long long)answer->ttl : -1,
			.authentic = answer->authentic,
			.answer = answer->bytes,
			.size = answer->size,
		};
	}
}

static bool tell_change(struct db *db, const struct domain_check *check,
                        const struct verdict *verdict, struct err *err)
{
	struct tree *detail = tree_map();
	struct event event = { .provider_id = check->facts->provider_id,
		               .client_id = check->domain->client_id,
		               .subject = check->domain->name,
		               .what = "verdict.change",
		               .detail = detail };
	bool ok = false;

	tree_put_text(detail, "purpose", requirement_purpose(verdict->requirement->purpose));
	tree_put_text(detail, "name", verdict->requirement->name);
	tree_put_text(detail, "type", verdict->requirement->type);
	tree_put_text(detail, "state", verdict_word(verdict->state));
	ok = event_add(db, &event, err);
	tree_drop(detail);
	return ok;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* The moments of a key rest on the name that signatures point to, not on the
 * slot in our own zone behind it. */
static bool keep_moments(struct db *db, struct arena *arena, const struct domain_check *check,
                         const struct verdict *verdict, struct err *err)
{
	const struct requirement *requirement = verdict->requirement;
	uint32_t ttl = larger(verdict->longest_ttl, verdict->negative_ttl);
	long long provider = check->facts->provider_id;

	if (requirement->purpose != PURPOSE_DKIM || !requirement->selector
	    || strcmp(requirement->name,
	              dkim_record_name(arena, requirement->selector, check->domain->name))
	               != 0)
		return true;
	if (verdict->shown_everywhere)
		return observation_key_seen(db, arena, provider, check->domain->id,
		                            requirement->selector, ttl, err);
	if (verdict->shown_otherwise)
		return observation_key_missed(db, arena, provider, check->domain->id,
		                              requirement->selector, ttl, err);
	return true;
}

static bool keep_one(struct db *db, struct arena *arena, const struct domain_check *check,
                     const struct verdict *verdict, bool *confirmed, struct err *err)
{
	struct observation observations[VERDICT_OBSERVATIONS_MOST];
	bool changed = false;
	struct observation_verdict opinion = {
		.requirement = verdict->requirement,
		.required = verdict->required,
		.told = verdict->told,
		.state = verdict_word(verdict->state),
		.expected = verdict_plain(arena, verdict->expected),
		.found = verdict_plain(arena, verdict->found),
		.explanation = verdict_plain(arena, verdict->explanation),
		.expires = verdict->expires,
		.negative_ttl = verdict->negative_ttl,
		.age = check->began > 0 ? clock_ticks() - check->began : 0,
		.observations = observations,
		.observation_count = verdict->observation_count,
	};

	list_observations(verdict, observations);
	return observation_put_verdict(db, arena, check->facts->provider_id, check->domain->id,
	                               &opinion, confirmed, &changed, err)
	       && (!changed || tell_change(db, check, verdict, err))
	       && keep_moments(db, arena, check, verdict, err);
}

bool verdict_store(struct db *db, struct arena *arena, const struct domain_check *check,
                   bool confirmed[], struct err *err)
{
	for (size_t i = 0; i < check->verdict_count; i++)
		if (!keep_one(db, arena, check, &check->verdicts[i], &confirmed[i], err))
			return false;
	return observation_forget(db, arena, check->facts->provider_id, check->domain->id, err);
}

#include "core/base/clock.h"
#include "core/model/observation.h"
#include "core/record/dkim_record.h"
#include "core/verify/verdict_store.h"

static const struct observation *list_observations(struct arena *arena,
                                                   const struct verdict *verdict)
{
	struct observation *observations = arena_take(arena, (verdict->observation_count + 1)
	                                                             * sizeof(*observations));

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
	return observations;
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

static struct observation_verdict opinion(struct arena *arena, const struct verdict *verdict)
{
	return (struct observation_verdict){
		.requirement = verdict->requirement,
		.required = verdict->required,
		.told = verdict->told,
		.state = verdict_word(verdict->state),
		.expected = verdict_plain(arena, verdict->expected),
		.found = verdict_plain(arena, verdict->found),
		.explanation = verdict_plain(arena, verdict->explanation),
		.expires = verdict->expires,
		.negative_ttl = verdict->negative_ttl,
		.observations = list_observations(arena, verdict),
		.observation_count = verdict->observation_count,
	};
}

bool verdict_store(struct db *db, struct arena *arena, const struct domain_check *check,
                   bool confirmed[], struct err *err)
{
	struct observation_verdict *opinions = arena_take(arena, (check->verdict_count + 1)
	                                                                 * sizeof(*opinions));
	int64_t age = check->began > 0 ? clock_ticks() - check->began : 0;

	for (size_t i = 0; i < check->verdict_count; i++)
		opinions[i] = opinion(arena, &check->verdicts[i]);
	if (!observation_put_look(db, arena, check->facts->provider_id, check->domain->id, opinions,
	                          check->verdict_count, age, confirmed, err))
		return false;
	for (size_t i = 0; i < check->verdict_count; i++)
		if (!keep_moments(db, arena, check, &check->verdicts[i], err))
			return false;
	return true;
}

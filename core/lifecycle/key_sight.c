#include "core/lifecycle/key_sight.h"

#include "core/record/dkim_record.h"
#include "core/verify/dkim_check.h"

struct looking {
	struct requirement record;
	struct verdict verdict;
};

static bool look_step(struct inquiry *inquiry, void *context)
{
	struct looking *looking = context;

	looking->verdict = (struct verdict){
		.requirement = &looking->record,
		.state = VERDICT_UNKNOWN,
		.expected = looking->record.value,
		.found = "",
		.explanation = "",
	};
	return dkim_check(inquiry, &looking->record, &looking->verdict);
}

void key_sight_look(struct resolver *resolver, struct arena *arena, const struct dkim_key *key,
                    struct rotation_sight *sight)
{
	struct text value = { 0 };
	struct looking looking = { 0 };
	struct inquiry_job job = { .step = look_step, .context = &looking };

	dkim_record_render(&value, key->algorithm, key->public_key, key->public_size);
	looking.record = (struct requirement){
		.domain = key->domain,
		.purpose = PURPOSE_DKIM,
		.name = dkim_record_name(arena, key->selector, key->domain),
		.type = "TXT",
		.value = text_string(&value),
		.key_id = key->id,
	};
	inquiry_run(resolver, &job, 1, 1);
	*sight = (struct rotation_sight){
		.everywhere = looking.verdict.shown_everywhere,
		.otherwise = looking.verdict.shown_otherwise,
		.ttl = looking.verdict.longest_ttl > looking.verdict.negative_ttl
		               ? looking.verdict.longest_ttl
		               : looking.verdict.negative_ttl,
		.explanation = arena_copy(arena, looking.verdict.explanation),
	};
	inquiry_close(job.inquiry);
	text_free(&value);
}

#include "core/base/words.h"
#include "core/record/dmarc_walk.h"
#include "core/verify/dmarc_check.h"

/* "v=DMARC1" records among the TXT; several are as good as none. */
static size_t pick(const struct dns_answer *answer, const struct dns_record **picked)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->record_count; i++) {
		if (!dmarc_record_is(answer->records[i].text, answer->records[i].text_length))
			continue;
		*picked = &answer->records[i];
		count++;
	}
	return count;
}

/* The one valid record of an answer; else false, and when there is something
 * that receivers ignore, the verdict says what. */
static bool read_answer(struct arena *arena, const char *name, const struct dns_answer *answer,
                        struct dmarc_record *dmarc, struct verdict *verdict)
{
	const struct dns_record *record = NULL;
	struct err err = { 0 };
	size_t count = pick(answer, &record);

	if (count == 0)
		return false;
	verdict->found = verdict_show_answer(arena, answer);
	if (count == 1 && dmarc_record_parse(arena, record->text, record->text_length, dmarc, &err))
		return true;
	verdict->state = VERDICT_CONFLICT;
	if (count > 1)
		verdict->explanation = arena_print(arena,
		                                   _("%zu DMARC records at %s; receivers ignore "
		                                     "them all"),
		                                   count, name);
	else
		verdict->explanation = arena_print(arena, _("%s: %s"), name, err.text);
	return false;
}

static void match(struct arena *arena, const char *name, bool own, const struct dmarc_record *dmarc,
                  struct verdict *verdict)
{
	const char *policy = dmarc_record_word(dmarc_record_policy(dmarc, own, true));

	verdict->state = VERDICT_MATCH;
	verdict->explanation = own ? arena_print(arena, _("the policy is %s"), policy)
	                           : arena_print(arena, _("the policy is %s, from %s"), policy,
	                                         name);
}

/* The domain has no record of its own: up the tree, until the walk is over. */
static bool walk_up(struct inquiry *inquiry, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	const struct dmarc_meeting *met = NULL;
	const char *domain = NULL;
	struct dmarc_walk walk;

	dmarc_walk_begin(&walk, verdict->requirement->domain);
	(void)dmarc_walk_next(&walk);
	while ((domain = dmarc_walk_next(&walk)) != NULL) {
		const char *name = dmarc_record_name(arena, domain);
		const struct dns_answer *answer = inquiry_ask(inquiry, name, DNS_TXT);
		struct dmarc_record record;

		if (!answer)
			return false;
		verdict_observe_one(verdict, answer);
		if (!dns_message_definite(answer)) {
			verdict->state = VERDICT_UNKNOWN;
			verdict->explanation = arena_print(arena, _("%s: %s"), name,
			                                   dns_message_outcome_sentence(
								   answer->outcome));
			return true;
		}
		dmarc_walk_tell(&walk, read_answer(arena, name, answer, &record, verdict) ? &record
		                                                                          : NULL);
	}
	met = dmarc_walk_policy(&walk);
	if (met)
		match(arena, dmarc_record_name(arena, met->domain), false, &met->record, verdict);
	return true;
}

bool dmarc_check(struct inquiry *inquiry, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	const char *name = dmarc_record_name(arena, verdict->requirement->domain);
	struct dmarc_record record;
	struct authority authority;

	if (!authority_ask(inquiry, name, DNS_TXT, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, &authority);
		return true;
	}
	verdict->state = VERDICT_MISSING;
	verdict->explanation = _("no DMARC record here or above");
	if (read_answer(arena, name, authority.answer, &record, verdict)) {
		match(arena, name, true, &record, verdict);
		if (authority.state == AUTHORITY_SPLIT)
			verdict_split(verdict, inquiry, &authority, NULL);
		if (authority.state == AUTHORITY_SILENT)
			verdict_others_show(verdict, inquiry, &authority);
		return true;
	}
	return verdict->state == VERDICT_CONFLICT || walk_up(inquiry, verdict);
}

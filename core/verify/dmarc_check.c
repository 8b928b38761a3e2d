#include "core/base/words.h"
#include "core/record/dmarc_record.h"
#include "core/verify/dmarc_check.h"

enum { QUESTIONS_MOST = 8, LABELS_JUMP = 7 };

static const char *parent_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot + 1 : NULL;
}

static size_t count_labels(const char *name)
{
	size_t labels = 1;

	for (; *name; name++)
		labels += *name == '.';
	return labels;
}

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

static bool judge(struct arena *arena, const char *name, bool own, const struct dns_answer *answer,
                  struct verdict *verdict)
{
	const struct dns_record *record = NULL;
	struct dmarc_record dmarc = { 0 };
	struct err err = { 0 };
	size_t count = pick(answer, &record);

	if (count == 0)
		return false;
	verdict->found = verdict_show_answer(arena, answer);
	verdict->state = VERDICT_CONFLICT;
	if (count > 1) {
		verdict->explanation = arena_print(arena,
		                                   _("%zu DMARC records at %s; receivers ignore "
		                                     "them all"),
		                                   count, name);
	} else if (!dmarc_record_parse(arena, record->text, record->text_length, &dmarc, &err)) {
		verdict->explanation = arena_print(arena, _("%s: %s"), name, err.text);
	} else {
		verdict->state = VERDICT_MATCH;
		verdict->explanation =
			arena_print(arena,
		                    own ? _("the policy is %s") : _("the policy is %s, from %s"),
		                    dmarc_record_word(dmarc_record_policy(&dmarc, own, true)),
		                    name);
	}
	return true;
}

/* Up the tree: from names of eight labels and more on at seven. */
static bool walk_up(struct inquiry *inquiry, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	const char *domain = parent_of(verdict->requirement->domain);

	for (size_t questions = 1; domain && questions < QUESTIONS_MOST; questions++) {
		const char *name = NULL;
		const struct dns_answer *answer = NULL;

		while (count_labels(domain) > LABELS_JUMP)
			domain = parent_of(domain);
		name = dmarc_record_name(arena, domain);
		answer = inquiry_ask(inquiry, name, DNS_TXT);
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
		if (judge(arena, name, false, answer, verdict))
			return true;
		domain = parent_of(domain);
	}
	verdict->state = VERDICT_MISSING;
	verdict->explanation = _("no DMARC record here or above");
	return true;
}

bool dmarc_check(struct inquiry *inquiry, struct verdict *verdict)
{
	struct arena *arena = inquiry_arena(inquiry);
	const char *name = dmarc_record_name(arena, verdict->requirement->domain);
	struct authority authority;

	if (!authority_ask(inquiry, name, DNS_TXT, &authority))
		return false;
	verdict_observe(verdict, &authority);
	if (authority.state == AUTHORITY_UNKNOWN) {
		verdict_could_not_tell(verdict, inquiry, &authority);
		return true;
	}
	if (judge(arena, name, true, authority.answer, verdict)) {
		if (authority.state == AUTHORITY_SPLIT)
			verdict->state = VERDICT_PROPAGATING;
		return true;
	}
	return walk_up(inquiry, verdict);
}

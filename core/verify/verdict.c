#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/verify/verdict.h"

enum { TEXT_MOST = 4000 };

static const char *const words[VERDICT_STATES] = {
	[VERDICT_MATCH] = "match",         [VERDICT_CONFLICT] = "conflict",
	[VERDICT_MISSING] = "missing",     [VERDICT_UNKNOWN] = "unknown",
	[VERDICT_MISPLACED] = "misplaced", [VERDICT_PROPAGATING] = "propagating",
	[VERDICT_WAIVED] = "waived",
};

const char *verdict_word(enum verdict_state state)
{
	return words[state];
}

void verdict_observe_one(struct verdict *verdict, const struct dns_answer *answer)
{
	for (size_t i = 0; i < verdict->observation_count; i++)
		if (verdict->observations[i] == answer)
			return;
	if (verdict->observation_count < VERDICT_OBSERVATIONS_MOST)
		verdict->observations[verdict->observation_count++] = answer;
}

void verdict_observe(struct verdict *verdict, const struct authority *authority)
{
	for (size_t i = 0; i < authority->count; i++)
		verdict_observe_one(verdict, authority->answers[i].answer);
	verdict->negative_ttl = authority->negative_ttl;
	verdict->longest_ttl = authority->longest_ttl;
}

/* decisions.md: misplaced counts as missing, propagating as unknown; ok only if
 * everything required is there or waived. */
const char *verdict_overall(const struct verdict verdicts[], size_t count)
{
	size_t seen[VERDICT_STATES] = { 0 };

	for (size_t i = 0; i < count; i++)
		if (verdicts[i].required || verdicts[i].state == VERDICT_WAIVED)
			seen[verdicts[i].state]++;
	if (seen[VERDICT_CONFLICT] > 0)
		return "conflict";
	if (seen[VERDICT_MISSING] > 0 || seen[VERDICT_MISPLACED] > 0)
		return "missing";
	if (seen[VERDICT_UNKNOWN] > 0 || seen[VERDICT_PROPAGATING] > 0)
		return "unknown";
	return seen[VERDICT_WAIVED] > 0 && seen[VERDICT_MATCH] == 0 ? "waived" : "ok";
}

void verdict_could_not_tell(struct verdict *verdict, const struct authority *authority)
{
	verdict->state = VERDICT_UNKNOWN;
	verdict->explanation = authority->problem;
}

static const char *visible_in(struct verdict *verdict, struct inquiry *inquiry, uint64_t seconds)
{
	int64_t by = clock_now() + (int64_t)seconds;

	verdict->state = VERDICT_PROPAGATING;
	if (by > verdict->visible_by)
		verdict->visible_by = by;
	return clock_render_soon(inquiry_arena(inquiry), verdict->visible_by);
}

void verdict_split(struct verdict *verdict, struct inquiry *inquiry,
                   const struct authority *authority, const char *what)
{
	uint32_t kept = authority->longest_ttl > authority->negative_ttl ? authority->longest_ttl
	                                                                 : authority->negative_ttl;
	const char *by = visible_in(verdict, inquiry, (uint64_t)authority->refresh + kept);

	if (!what)
		what = arena_print(
			inquiry_arena(inquiry),
			_("the name servers of the zone do not say the same yet: %s differs"),
			authority->outlier ? authority->outlier : authority->zone);
	verdict->explanation = arena_print(inquiry_arena(inquiry),
	                                   _("%s; visible everywhere by %s"), what, by);
}

void verdict_others_show(struct verdict *verdict, struct inquiry *inquiry,
                         const struct authority *authority)
{
	verdict->state = VERDICT_UNKNOWN;
	verdict->explanation = arena_print(inquiry_arena(inquiry),
	                                   _("the others show the record; %s"), authority->problem);
}

void verdict_remembered(struct verdict *verdict, struct inquiry *inquiry,
                        const struct dns_answer *answer)
{
	const char *by = visible_in(verdict, inquiry, answer->ttl);

	verdict->explanation = arena_print(inquiry_arena(inquiry),
	                                   _("published; the resolver %s still remembers what was "
	                                     "there before; visible everywhere by %s"),
	                                   answer->server, by);
}

const char *verdict_plain(struct arena *arena, const char *text)
{
	size_t length = strlen(text);

	return utf8_plain(arena, text, length < TEXT_MOST ? length : TEXT_MOST);
}

const char *verdict_show_answer(struct arena *arena, const struct dns_answer *answer)
{
	struct text out = { 0 };
	const char *shown = "";

	if (!answer || answer->record_count == 0)
		return "";
	if (answer->record_count == 1 && answer->records[0].type != DNS_MX)
		return answer->records[0].text;
	for (size_t i = 0; i < answer->record_count; i++) {
		if (i > 0)
			text_add(&out, " | ");
		if (answer->records[i].type == DNS_MX)
			text_addf(&out, "%u ", answer->records[i].preference);
		text_add(&out, answer->records[i].text);
	}
	shown = arena_copy(arena, text_string(&out));
	text_free(&out);
	return shown;
}

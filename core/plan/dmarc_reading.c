#include "core/plan/dmarc_reading.h"

#include <string.h>

#include "core/base/words.h"
#include "core/record/dmarc_walk.h"
#include "core/record/suffix.h"

/* One way of looking for the policy. */
struct look {
	struct arena *arena;
	const struct ask *ask;
	struct dmarc_reading *reading;
};

/* "Records that do not start with a v= tag ..., multiple records: discarded" */
static const struct spf_text *only_record(struct look *look, const char *name,
                                          const struct ask_answer *answer)
{
	const struct spf_text *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++)
		if (dmarc_record_is(answer->texts[i].text, answer->texts[i].length)) {
			found = &answer->texts[i];
			count++;
		}
	if (count > 1)
		look->reading->broken =
			arena_print(look->arena,
		                    _("%zu DMARC records at %s; receivers ignore them all"), count,
		                    name);
	return count == 1 ? found : NULL;
}

/* The valid record at _dmarc of this domain, today or by plan. */
static bool record_at(struct look *look, const char *domain, struct dmarc_record *record,
                      bool *valid, struct err *err)
{
	const char *name = dmarc_record_name(look->arena, domain);
	struct ask_answer answer = { .state = ASK_NONE };
	const struct spf_text *text = NULL;
	struct spf_text planned = { look->reading->planned, 0 };
	struct err broken = { 0 };

	*valid = false;
	if (look->ask != NULL
	    && !look->ask->records(look->ask->context, look->arena, name, ASK_TXT, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN)
		look->reading->unknown = true;
	text = only_record(look, name, &answer);
	if (text == NULL && planned.text != NULL && answer.state != ASK_UNKNOWN
	    && strcmp(domain, look->reading->domain) == 0) {
		planned.length = strlen(planned.text);
		text = &planned;
	}
	if (text == NULL)
		return true;
	*valid = dmarc_record_parse(look->arena, text->text, text->length, record, &broken);
	if (!*valid)
		look->reading->broken = arena_print(look->arena, "%s: %s", name, broken.text);
	return true;
}

static bool walk_up(struct look *look, const char *start, struct dmarc_walk *walk, struct err *err)
{
	const char *domain;

	dmarc_walk_begin(walk, start);
	while ((domain = dmarc_walk_next(walk)) != NULL) {
		struct dmarc_record record;
		bool valid;
		if (!record_at(look, domain, &record, &valid, err))
			return false;
		dmarc_walk_tell(walk, valid ? &record : NULL);
	}
	return true;
}

static void view_take(struct look *look, struct dmarc_view *view, const char *domain,
                      const struct dmarc_record *record)
{
	view->name = dmarc_record_name(look->arena, domain);
	view->record = *record;
	view->policy = dmarc_record_policy(record, strcmp(domain, look->reading->domain) == 0,
	                                   true);
}

static bool view_9989(struct look *look, struct err *err)
{
	struct dmarc_view *view = &look->reading->views[DMARC_RFC9989];
	struct dmarc_walk walk;

	if (!walk_up(look, look->reading->domain, &walk, err))
		return false;
	view->organization = dmarc_walk_organization(&walk);
	const struct dmarc_meeting *met = dmarc_walk_policy(&walk);
	if (met != NULL)
		view_take(look, view, met->domain, &met->record);
	return true;
}

/* RFC 7489 6.6.3: its own record, else that of the registrable domain; the tags
 * np, psd and t did not exist. */
static bool view_7489(struct look *look, struct err *err)
{
	struct dmarc_view *view = &look->reading->views[DMARC_RFC7489];
	const char *domain = look->reading->domain;

	const char *places[] = { domain, suffix_registrable(look->arena, domain) };

	view->organization = places[1];
	for (size_t i = 0; i < LENGTH(places) && view->name == NULL; i++) {
		struct dmarc_record record;
		bool valid;
		if (!record_at(look, places[i], &record, &valid, err))
			return false;
		record.testing = false;
		record.missing_policy = DMARC_UNSAID;
		if (valid)
			view_take(look, view, places[i], &record);
	}
	return true;
}

bool dmarc_reading_find(struct arena *arena, const struct ask *ask, const char *domain,
                        const char *planned, struct dmarc_reading *reading, struct err *err)
{
	*reading = (struct dmarc_reading){ .domain = domain,
		                           .planned = planned,
		                           .unknown = ask == NULL };
	struct look look = { .arena = arena, .ask = ask, .reading = reading };
	return view_9989(&look, err) && view_7489(&look, err);
}

bool dmarc_reading_aligned(struct arena *arena, const struct ask *ask,
                           const struct dmarc_reading *reading, enum dmarc_regime regime,
                           const char *other, bool strict, bool *aligned, struct err *err)
{
	struct dmarc_reading scratch = *reading;
	struct look look = { .arena = arena, .ask = ask, .reading = &scratch };

	*aligned = strcmp(other, reading->domain) == 0;
	if (*aligned || strict)
		return true;
	if (regime == DMARC_RFC7489) {
		*aligned = strcmp(suffix_registrable(arena, other),
		                  reading->views[regime].organization)
		           == 0;
		return true;
	}
	struct dmarc_walk walk;
	if (!walk_up(&look, other, &walk, err))
		return false;
	*aligned = strcmp(dmarc_walk_organization(&walk), reading->views[regime].organization) == 0;
	return true;
}

const char *dmarc_reading_regime(enum dmarc_regime regime)
{
	static const char *const words[DMARC_REGIMES] = {
		[DMARC_RFC9989] = "rfc9989",
		[DMARC_RFC7489] = "rfc7489",
	};

	return words[regime];
}

#include "core/plan/dmarc_reading.h"

#include <string.h>

#include "core/base/words.h"
#include "core/record/name.h"
#include "core/record/suffix.h"

/* RFC 9989 4.10: at most eight questions; from eight labels on, the walk goes on at seven. */
enum { QUESTIONS_MOST = 8, LABELS_JUMP = 7 };

/* A valid record that was met, and the domain that published it. */
struct meeting {
	const char *domain;
	struct dmarc_record record;
};

struct look {
	struct arena *arena;
	const struct ask *ask;
	struct dmarc_reading *reading;
	struct meeting met[QUESTIONS_MOST]; /* from the longest name to the shortest */
	size_t count;
	bool stopped; /* a psd tag ended the walk */
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

static bool question(struct look *look, const char *domain, struct err *err)
{
	const char *name = dmarc_record_name(look->arena, domain);
	struct ask_answer answer = { .state = ASK_NONE };
	const struct spf_text *text = NULL;
	struct spf_text planned = { look->reading->planned, 0 };
	struct err broken = { 0 };

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
	struct meeting *met = &look->met[look->count];
	if (dmarc_record_parse(look->arena, text->text, text->length, &met->record, &broken)) {
		met->domain = domain;
		look->stopped = met->record.psd != DMARC_PSD_UNKNOWN;
		look->count++;
	} else {
		look->reading->broken = arena_print(look->arena, "%s: %s", name, broken.text);
	}
	return true;
}

static bool walk(struct look *look, const char *domain, struct err *err)
{
	for (int questions = 0; domain != NULL && questions < QUESTIONS_MOST && !look->stopped;
	     questions++) {
		if (!question(look, domain, err))
			return false;
		do
			domain = name_parent(domain);
		while (domain != NULL && name_labels(domain) > LABELS_JUMP);
	}
	return true;
}

/* The domain one label below `above`, on the way down to `start`. */
static const char *label_below(const char *start, const char *above)
{
	const char *below = start;

	for (const char *name = start; name != NULL && strcmp(name, above) != 0;
	     name = name_parent(name))
		below = name;
	return below;
}

/* RFC 9989 4.10.2: psd=n says it of itself, psd=y of the one below; else the
 * shortest name that has a record; else where the walk began. */
static const char *organization(const struct look *look, const char *start)
{
	for (size_t i = 0; i < look->count; i++) {
		const struct meeting *met = &look->met[i];
		if (met->record.psd == DMARC_PSD_NO)
			return met->domain;
		if (met->record.psd == DMARC_PSD_YES && strcmp(met->domain, start) != 0)
			return label_below(start, met->domain);
	}
	return look->count > 0 ? look->met[look->count - 1].domain : start;
}

static const struct meeting *met_at(const struct look *look, const char *domain)
{
	for (size_t i = 0; i < look->count; i++)
		if (strcmp(look->met[i].domain, domain) == 0)
			return &look->met[i];
	return NULL;
}

static void view_take(struct look *look, struct dmarc_view *view, const struct meeting *met)
{
	if (met == NULL)
		return;
	view->name = dmarc_record_name(look->arena, met->domain);
	view->record = met->record;
	view->policy = dmarc_record_policy(&view->record,
	                                   strcmp(met->domain, look->reading->domain) == 0, true);
}

/* Its own record, else that of the organizational domain, else the registry's (4.10.1). */
static bool view_9989(struct look *look, struct err *err)
{
	struct dmarc_view *view = &look->reading->views[DMARC_RFC9989];
	const char *domain = look->reading->domain;
	const struct meeting *met = NULL;

	if (!walk(look, domain, err))
		return false;
	view->organization = organization(look, domain);
	met = met_at(look, domain);
	if (met == NULL)
		met = met_at(look, view->organization);
	if (met == NULL && look->count > 0)
		met = &look->met[look->count - 1];
	view_take(look, view, met);
	return true;
}

/* RFC 7489 6.6.3: its own record, else that of the registrable domain; the tags
 * np, psd and t did not exist. */
static bool view_7489(struct look *look, struct err *err)
{
	struct dmarc_view *view = &look->reading->views[DMARC_RFC7489];
	const char *domain = look->reading->domain;

	view->organization = suffix_registrable(look->arena, domain);
	if (!question(look, domain, err))
		return false;
	if (look->count == 0 && strcmp(view->organization, domain) != 0
	    && !question(look, view->organization, err))
		return false;
	for (size_t i = 0; i < look->count; i++) {
		look->met[i].record.testing = false;
		look->met[i].record.missing_policy = DMARC_UNSAID;
	}
	view_take(look, view, look->count > 0 ? &look->met[0] : NULL);
	return true;
}

bool dmarc_reading_find(struct arena *arena, const struct ask *ask, const char *domain,
                        const char *planned, struct dmarc_reading *reading, struct err *err)
{
	*reading = (struct dmarc_reading){ .domain = domain,
		                           .planned = planned,
		                           .unknown = ask == NULL };
	struct look today = { .arena = arena, .ask = ask, .reading = reading };
	struct look before = today;
	return view_9989(&today, err) && view_7489(&before, err);
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
	if (!walk(&look, other, err))
		return false;
	*aligned = strcmp(organization(&look, other), reading->views[regime].organization) == 0;
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

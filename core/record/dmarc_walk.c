#include "core/record/dmarc_walk.h"

#include <string.h>

#include "core/record/name.h"

/* From eight labels on, the walk goes on at seven. */
enum { LABELS_JUMP = 7 };

void dmarc_walk_begin(struct dmarc_walk *walk, const char *start)
{
	*walk = (struct dmarc_walk){ .start = start };
}

const char *dmarc_walk_next(struct dmarc_walk *walk)
{
	if (walk->stopped || walk->questions == DMARC_WALK_QUESTIONS) {
		walk->at = NULL;
		return NULL;
	}
	if (walk->questions++ == 0) {
		walk->at = walk->start;
		return walk->at;
	}
	do
		walk->at = walk->at != NULL ? name_parent(walk->at) : NULL;
	while (walk->at != NULL && name_labels(walk->at) > LABELS_JUMP);
	if (walk->at == NULL)
		walk->stopped = true;
	return walk->at;
}

void dmarc_walk_tell(struct dmarc_walk *walk, const struct dmarc_record *record)
{
	if (record == NULL)
		return;
	walk->met[walk->count++] = (struct dmarc_meeting){ walk->at, *record };
	walk->stopped = record->psd != DMARC_PSD_UNKNOWN;
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

/* psd=n says it of itself, psd=y of the one below; else the shortest name that
 * has a record; else where the walk began. */
const char *dmarc_walk_organization(const struct dmarc_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		const struct dmarc_meeting *met = &walk->met[i];
		if (met->record.psd == DMARC_PSD_NO)
			return met->domain;
		if (met->record.psd == DMARC_PSD_YES && strcmp(met->domain, walk->start) != 0)
			return label_below(walk->start, met->domain);
	}
	return walk->count > 0 ? walk->met[walk->count - 1].domain : walk->start;
}

static const struct dmarc_meeting *met_at(const struct dmarc_walk *walk, const char *domain)
{
	for (size_t i = 0; i < walk->count; i++)
		if (strcmp(walk->met[i].domain, domain) == 0)
			return &walk->met[i];
	return NULL;
}

const struct dmarc_meeting *dmarc_walk_policy(const struct dmarc_walk *walk)
{
	const struct dmarc_meeting *met = met_at(walk, walk->start);

	if (met == NULL)
		met = met_at(walk, dmarc_walk_organization(walk));
	if (met == NULL && walk->count > 0)
		met = &walk->met[walk->count - 1];
	return met;
}

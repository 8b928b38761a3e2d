#include "core/record/spf_overlap.h"

#include <ctype.h>
#include <string.h>

#include "core/record/spf_range.h"

/* Who has more has other troubles, and every pair is looked at. */
enum { TERMS_MOST = 500 };

struct meaning {
	const struct spf_term *term;
	const char *key; /* equal for terms that ask the same; NULL: nothing to compare */
	bool is_range;
	struct spf_range range;
};

static int written_prefix(int prefix, int all)
{
	return prefix == SPF_NO_PREFIX ? all : prefix;
}

static const char *key_of(struct arena *arena, const struct spf_term *term, const char *domain)
{
	const char *name = term->domain ? term->domain : domain;
	size_t length = name ? strlen(name) : 0;
	char *key = NULL;

	length -= length > 0 && name[length - 1] == '.';
	key = arena_print(arena, "%d %.*s/%d//%d", (int)term->kind, (int)length, name ? name : "",
	                  written_prefix(term->prefix4, 32), written_prefix(term->prefix6, 128));
	for (char *letter = key; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	return key;
}

static void read_meaning(struct arena *arena, const struct spf_term *term, const char *domain,
                         struct meaning *meaning)
{
	*meaning = (struct meaning){ .term = term };
	meaning->is_range = spf_range_of(term, &meaning->range);
	if (!meaning->is_range && term->kind != SPF_TERM_BROKEN && term->kind != SPF_TERM_ALL
	    && !spf_record_is_modifier(term->kind))
		meaning->key = key_of(arena, term, domain);
}

/* Every client that matches the inner one matches the outer one. */
static bool covers(const struct meaning *outer, const struct meaning *inner)
{
	if (outer->is_range && inner->is_range)
		return spf_range_covers(&outer->range, &inner->range);
	return outer->key && inner->key && strcmp(outer->key, inner->key) == 0;
}

static bool overlaps_before(const struct meaning *meanings, size_t i, struct spf_overlap *overlap)
{
	for (size_t j = 0; j < i; j++) {
		if (!covers(&meanings[j], &meanings[i]))
			continue;
		overlap->other = meanings[j].term;
		overlap->kind = SPF_OVERLAP_PART;
		if (covers(&meanings[i], &meanings[j]))
			overlap->kind = SPF_OVERLAP_SAME;
		if (meanings[i].term->qualifier != meanings[j].term->qualifier)
			overlap->kind = SPF_OVERLAP_NEVER;
		return true;
	}
	return false;
}

/* A wider range comes later, and no other verdict stands between the two. */
static void overlaps_behind(const struct meaning *meanings, size_t count, size_t i,
                            struct spf_overlap *overlap)
{
	for (size_t j = i + 1; j < count; j++) {
		if (spf_record_is_modifier(meanings[j].term->kind))
			continue;
		if (meanings[j].term->qualifier != meanings[i].term->qualifier)
			return;
		if (!meanings[i].is_range || !covers(&meanings[j], &meanings[i])
		    || covers(&meanings[i], &meanings[j]))
			continue;
		*overlap = (struct spf_overlap){ SPF_OVERLAP_PART, meanings[j].term };
		return;
	}
}

const struct spf_overlap *spf_overlap_find(struct arena *arena, const struct spf_record *record,
                                           const char *domain)
{
	struct spf_overlap *overlaps = arena_take(arena,
	                                          (record->term_count + 1) * sizeof *overlaps);
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);
	size_t count = all ? (size_t)(all - record->terms) : record->term_count;
	struct meaning *meanings = NULL;

	if (count > TERMS_MOST)
		count = TERMS_MOST;
	meanings = arena_take(arena, (count + 1) * sizeof *meanings);
	for (size_t i = 0; i < count; i++)
		read_meaning(arena, &record->terms[i], domain, &meanings[i]);
	for (size_t i = 0; i < count; i++)
		if (!overlaps_before(meanings, i, &overlaps[i]))
			overlaps_behind(meanings, count, i, &overlaps[i]);
	return overlaps;
}

#include "core/plan/spf_merge.h"

#include <string.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/plan/spf_draft.h"
#include "core/plan/spf_place.h"
#include "core/plan/spf_unite.h"
#include "core/record/spf_term.h"

enum {
	RECORD_LONG = 450, /* RFC 7208 3.4: then an answer with other records still fits */
	ANSWER_LONG = 512
};

void spf_merge_refuse(struct spf_merge *merge, const char *reason)
{
	if (merge->outcome == SPF_MERGE_MERGED)
		merge->would_be = merge->record;
	merge->outcome = SPF_MERGE_REFUSED;
	merge->record = merge->present;
	merge->reason = reason;
}

void spf_merge_warn(struct spf_merge *merge, const char *sentence)
{
	for (size_t i = 0; i < merge->warning_count; i++)
		if (strcmp(merge->warnings[i], sentence) == 0)
			return;
	if (merge->warning_count < SPF_MERGE_NOTES)
		merge->warnings[merge->warning_count++] = sentence;
}

/* ---- reading what is there --------------------------------------------------------- */

static size_t records_count(const struct spf_merge_wish *wish)
{
	size_t count = 0;

	for (size_t i = 0; i < wish->record_count; i++)
		count += spf_record_is(wish->records[i].text, wish->records[i].length);
	return count;
}

/* S3: one bad token makes receivers throw the whole record away, ours with it. */
static bool is_broken(struct spf_draft *draft, const struct spf_record *record,
                      const struct err *err)
{
	if (draft->merge->spf_count == 1)
		return spf_draft_refuse(
			draft, arena_print(draft->arena,
		                           _("the published record is broken and must be mended "
		                             "first: %s"),
		                           err->text));
	return spf_draft_refuse(draft,
	                        arena_print(draft->arena,
	                                    _("one of %zu published records is broken and must be "
	                                      "mended or removed first (%s): %s"),
	                                    draft->merge->spf_count, record->text, err->text));
}

static bool records_read(struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	struct spf_merge *merge = draft->merge;
	struct err err = { 0 };

	merge->spf_count = records_count(wish);
	for (size_t i = 0; i < wish->record_count; i++) {
		const struct spf_text *text = &wish->records[i];
		struct spf_record record;

		if (!spf_record_is(text->text, text->length))
			continue;
		bool good = spf_record_parse(draft->arena, text->text, text->length, &record, &err);
		bool first = merge->present == NULL;
		if (first)
			merge->record = merge->present = record.text;
		if (!good)
			return is_broken(draft, &record, &err);
		if (first)
			spf_draft_begin(draft, &record);
		else if (!spf_unite(draft, &record))
			return false;
	}
	if (merge->spf_count > 1)
		spf_draft_note(draft, arena_print(draft->arena,
		                                  _("%zu SPF records become one: receivers reject "
		                                    "several"),
		                                  merge->spf_count));
	return true;
}

/* ---- what people should know --------------------------------------------------- */

static void behind_all_warn(struct spf_draft *draft)
{
	size_t end = spf_draft_end(draft);
	const char *first = NULL;
	size_t count = 0;

	for (size_t i = end + 1; i < draft->count; i++) {
		const struct spf_term *term = &draft->pieces[i].term;

		if (spf_record_is_modifier(term->kind))
			continue;
		first = first != NULL ? first : term->text;
		count++;
	}
	if (count == 1)
		spf_draft_warn(draft,
		               arena_print(draft->arena,
		                           _("\"%s\" stands behind \"%s\", where it is never read"),
		                           first, draft->pieces[end].term.text));
	if (count > 1)
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("%zu terms from \"%s\" on stand behind \"%s\", "
		                                    "where they are never read"),
		                                  count, first, draft->pieces[end].term.text));
}

/* S15, S22: said, and left to the customer. */
static void ends_warn(struct spf_draft *draft)
{
	int all = spf_draft_find(draft, SPF_TERM_ALL);
	bool redirect = spf_draft_find(draft, SPF_TERM_REDIRECT) != SPF_NOWHERE;

	if (all == SPF_NOWHERE && !redirect)
		spf_draft_warn(draft, _("the record has no \"all\": everybody else stays neutral"));
	if (all != SPF_NOWHERE && draft->pieces[all].term.qualifier == '+')
		spf_draft_warn(draft, _("\"+all\" lets the whole world send for this domain"));
	if (all != SPF_NOWHERE && redirect)
		spf_draft_warn(draft, _("\"redirect=\" beside \"all\" is never followed"));
	behind_all_warn(draft);
	if (spf_draft_find(draft, SPF_TERM_PTR) != SPF_NOWHERE)
		spf_draft_warn(
			draft,
			_("\"ptr\" is slow and unreliable, and RFC 7208 advises against it"));
}

/* S11.  Each record of an answer costs 12 octets and one per string of 255. */
static void length_warn(struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	size_t length = strlen(draft->merge->record);
	size_t answer = length + length / 255 + 13;

	for (size_t i = 0; i < wish->record_count; i++) {
		size_t other = wish->records[i].length;

		if (!spf_record_is(wish->records[i].text, other))
			answer += other + other / 255 + 13;
	}
	if (length > RECORD_LONG)
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("the record has %zu octets; above 450 some "
		                                    "answers no longer fit one packet"),
		                                  length));
	else if (answer > ANSWER_LONG)
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("with the other TXT records of this name the "
		                                    "answer has more than %d octets and no longer "
		                                    "fits one packet"),
		                                  ANSWER_LONG));
}

/* S1: "v=spf1" after a blank, a quote or with another version is nobody's record,
 * and its owner does not know. */
static void lookalikes_warn(struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	for (size_t i = 0; i < wish->record_count; i++) {
		const struct spf_text *text = &wish->records[i];
		const char *copy = arena_copy_part(draft->arena, text->text, text->length);

		if (!spf_record_is(text->text, text->length)
		    && strncasecmp(copy + strspn(copy, " \t\"'"), "v=spf", 5) == 0)
			spf_draft_warn(draft,
			               arena_print(draft->arena,
			                           _("the TXT \"%s\" looks like SPF and is none: "
			                             "receivers ignore it"),
			                           copy));
	}
}

/* ---- what it costs --------------------------------------------------------------- */

static size_t lookups_in(const struct spf_draft *draft)
{
	size_t end = spf_draft_end(draft);
	size_t count = 0;

	/* redirect= counts only without an "all" (6.1), and then nothing is behind the end. */
	for (size_t i = 0; i < end; i++) {
		enum spf_kind kind = draft->pieces[i].term.kind;

		if (kind != SPF_TERM_REDIRECT || end == draft->count)
			count += spf_record_costs_lookup(kind);
	}
	return count;
}

static void limit_check(struct spf_draft *draft)
{
	struct spf_merge *merge = draft->merge;

	if (merge->lookups <= SPF_LOOKUP_LIMIT)
		return;
	if (draft->changed)
		(void)spf_draft_refuse(
			draft, arena_print(draft->arena,
		                           _("the record would need %zu DNS lookups; receivers "
		                             "stop at %d"),
		                           merge->lookups, SPF_LOOKUP_LIMIT));
	else
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("the record needs %zu DNS lookups already; "
		                                    "receivers stop at %d and answer permerror"),
		                                  merge->lookups, SPF_LOOKUP_LIMIT));
}

/* ---- the whole ------------------------------------------------------------------------ */

/* S21: no mechanism but "-all": this domain sends no mail (RFC 7208 10.1.2). */
static bool says_never(const struct spf_draft *draft)
{
	int all = spf_draft_find(draft, SPF_TERM_ALL);

	for (size_t i = 0; i < draft->count; i++) {
		enum spf_kind kind = draft->pieces[i].term.kind;

		if (!spf_record_is_modifier(kind) && kind != SPF_TERM_ALL)
			return false;
	}
	return all != SPF_NOWHERE && draft->pieces[all].term.qualifier == '-';
}

static void start_new(struct spf_draft *draft)
{
	struct spf_term all;
	struct err err = { 0 };

	if (spf_record_parse_term(draft->arena, "~all", &all, &err))
		spf_draft_insert(draft, 0, &all);
	spf_draft_note(draft, _("a new record: nothing is published yet"));
	spf_draft_warn(draft, _("\"~all\" is a careful start; when every sender is known, \"-all\" "
	                        "is the stricter choice"));
}

static void finish(struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	struct spf_merge *merge = draft->merge;

	merge->record = spf_draft_render(draft);
	merge->outcome = draft->changed ? SPF_MERGE_MERGED : SPF_MERGE_UNCHANGED;
	merge->lookups = lookups_in(draft);
	ends_warn(draft);
	length_warn(draft, wish);
	limit_check(draft);
}

/* Every wish must let somebody pass. */
static bool wishes_read(struct arena *arena, const struct spf_merge_wish *wish,
                        struct spf_term *wanted, struct err *err)
{
	for (size_t i = 0; i < wish->term_count; i++) {
		struct spf_term *term = &wanted[i];

		if (!spf_record_parse_term(arena, wish->terms[i], term, err))
			return false;
		if (term->kind == SPF_TERM_ALL || spf_record_is_modifier(term->kind)
		    || term->qualifier != '+')
			return err_set(err, ERR_INPUT,
			               _("\"%s\" does not authorise anybody; an include, an "
			                 "address or a host is wanted"),
			               wish->terms[i]);
		if (spf_term_is_mapped(term))
			return err_set(err, ERR_INPUT,
			               _("\"%s\" never matches: receivers take such an address for "
			                 "IPv4; write ip4:"),
			               wish->terms[i]);
	}
	return true;
}

bool spf_merge(struct arena *arena, const struct spf_merge_wish *wish, struct spf_merge *merge,
               struct err *err)
{
	struct spf_term *wanted = arena_take(arena, (wish->term_count + 1) * sizeof *wanted);
	struct spf_draft draft = { .arena = arena, .merge = merge };

	*merge = (struct spf_merge){ 0 };
	if (!wishes_read(arena, wish, wanted, err))
		return false;
	lookalikes_warn(&draft, wish);
	if (!records_read(&draft, wish))
		return true;
	if (merge->spf_count == 0)
		start_new(&draft);
	else if (says_never(&draft) && !wish->sends_now) {
		(void)spf_draft_refuse(
			&draft,
			_("the domain declares \"v=spf1 -all\": it sends no mail at all; its owner "
		          "must confirm that this changes"));
		return true;
	}
	if (wish->fails_today || !spf_place_needless(&draft, wish))
		for (size_t i = 0; i < wish->term_count; i++)
			spf_place_term(&draft, wish, &wanted[i]);
	finish(&draft, wish);
	return true;
}

const char *spf_merge_word(enum spf_merge_outcome outcome)
{
	static const char *const words[SPF_MERGES] = {
		[SPF_MERGE_UNCHANGED] = "unchanged",
		[SPF_MERGE_MERGED] = "merged",
		[SPF_MERGE_REFUSED] = "refused",
	};

	return words[outcome];
}

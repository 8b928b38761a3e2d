#include "core/plan/spf_unite.h"

#include "core/base/words.h"
#include "core/record/spf_term.h"

/* From strict to soft. */
static int softness(char qualifier)
{
	return qualifier == '-' ? 0 : qualifier == '~' ? 1 : qualifier == '?' ? 2 : 3;
}

static bool ends_disagree(struct spf_draft *draft)
{
	return spf_draft_refuse(draft, _("one record ends in redirect=, another one ends "
	                                 "differently: only their owner can say which one is "
	                                 "meant"));
}

/* Of two terms that name the same thing the softer one speaks. */
static void soften(struct spf_draft *draft, size_t at, const struct spf_term *other)
{
	struct spf_term *term = &draft->pieces[at].term;

	if (term->qualifier == other->qualifier)
		return;
	spf_draft_warn(draft,
	               arena_print(draft->arena,
	                           _("the records say \"%s\" and \"%s\"; the softer one is kept"),
	                           term->text, other->text));
	if (softness(other->qualifier) > softness(term->qualifier))
		*term = *other;
}

static bool all_unite(struct spf_draft *draft, const struct spf_term *other)
{
	int all = spf_draft_find(draft, SPF_TERM_ALL);

	if (all != SPF_NOWHERE) {
		soften(draft, (size_t)all, other);
		return true;
	}
	if (spf_draft_find(draft, SPF_TERM_REDIRECT) != SPF_NOWHERE)
		return ends_disagree(draft);
	spf_draft_insert(draft, spf_draft_last_place(draft), other);
	return true;
}

static void warn_open_end(struct spf_draft *draft, const struct spf_term *all)
{
	spf_draft_warn(draft, arena_print(draft->arena,
	                                  _("one record has no \"all\"; \"%s\" of another one is "
	                                    "kept"),
	                                  all->text));
}

static int same_piece(const struct spf_draft *draft, const struct spf_term *term)
{
	for (size_t i = 0; i < draft->count; i++)
		if (spf_term_same(&draft->pieces[i].term, term))
			return (int)i;
	return SPF_NOWHERE;
}

static bool redirect_unite(struct spf_draft *draft, const struct spf_term *other, bool followed)
{
	int there = spf_draft_find(draft, SPF_TERM_REDIRECT);
	int all = spf_draft_find(draft, SPF_TERM_ALL);

	if (!followed) {
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("\"%s\" is left out: it stood beside \"all\", "
		                                    "where it is never followed"),
		                                  other->text));
		return true;
	}
	if (all != SPF_NOWHERE || there != SPF_NOWHERE)
		return ends_disagree(draft);
	spf_draft_insert(draft, draft->count, other);
	return true;
}

static bool modifier_unite(struct spf_draft *draft, const struct spf_term *other, bool followed)
{
	int same = same_piece(draft, other);

	if (other->kind == SPF_TERM_REDIRECT
	    && (same == SPF_NOWHERE || spf_draft_find(draft, SPF_TERM_ALL) != SPF_NOWHERE))
		return redirect_unite(draft, other, followed);
	if (same != SPF_NOWHERE)
		return true;
	if (other->kind == SPF_TERM_EXP && spf_draft_find(draft, SPF_TERM_EXP) != SPF_NOWHERE) {
		spf_draft_warn(draft, arena_print(draft->arena,
		                                  _("\"%s\" is left out: a record may have only "
		                                    "one exp="),
		                                  other->text));
		return true;
	}
	spf_draft_insert(draft, draft->count, other);
	return true;
}

bool spf_unite(struct spf_draft *draft, const struct spf_record *record)
{
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);
	int mine = SPF_NOWHERE;

	/* Mechanisms behind "all" never counted and are not brought along. */
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		int same = same_piece(draft, term);

		if (spf_record_is_modifier(term->kind) || (all != NULL && term >= all))
			continue;
		if (same != SPF_NOWHERE && (size_t)same < spf_draft_end(draft))
			soften(draft, (size_t)same, term);
		else
			spf_draft_insert(draft, spf_draft_last_place(draft), term);
	}
	for (size_t i = 0; i < record->term_count; i++)
		if (spf_record_is_modifier(record->terms[i].kind)
		    && !modifier_unite(draft, &record->terms[i], all == NULL))
			return false;
	mine = spf_draft_find(draft, SPF_TERM_ALL);
	if (all == NULL && mine != SPF_NOWHERE)
		warn_open_end(draft, &draft->pieces[mine].term);
	if (all != NULL && mine == SPF_NOWHERE
	    && spf_draft_find(draft, SPF_TERM_REDIRECT) == SPF_NOWHERE)
		warn_open_end(draft, all);
	return all == NULL || all_unite(draft, all);
}

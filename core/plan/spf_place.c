#include "core/plan/spf_place.h"

#include "core/base/words.h"
#include "core/record/spf_term.h"

/* ---- who passes already -------------------------------------------------------- */

/* A "+" term that asks DNS lets pass or says nothing; any other one may say no. */
static bool passes(const struct spf_draft *draft, const struct spf_address *address)
{
	for (size_t i = 0; i < draft->count; i++) {
		const struct spf_term *term = &draft->pieces[i].term;

		if (!spf_term_may_match(term, address))
			continue;
		if (term->qualifier != '+')
			return false;
		if (spf_term_is_range(term) || term->kind == SPF_TERM_ALL)
			return true;
	}
	return false;
}

/* Somebody of whom we know nothing passes. */
static bool everybody_passes(const struct spf_draft *draft)
{
	int all = spf_draft_find(draft, SPF_TERM_ALL);

	for (int i = 0; i <= all; i++)
		if (!spf_record_is_modifier(draft->pieces[i].term.kind)
		    && draft->pieces[i].term.qualifier != '+')
			return false;
	return all != SPF_NOWHERE;
}

bool spf_place_needless(const struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	struct spf_address address;

	if (wish->relay_count == 0)
		return everybody_passes(draft);
	for (size_t i = 0; i < wish->relay_count; i++)
		if (!spf_term_read_address(wish->relays[i], &address) || !passes(draft, &address))
			return false;
	return true;
}

/* ---- who would have a say before us -------------------------------------------- */

static bool may_match_us(const struct spf_term *term, const struct spf_merge_wish *wish)
{
	struct spf_address address;

	if (wish->relay_count == 0)
		return !spf_record_is_modifier(term->kind);
	for (size_t i = 0; i < wish->relay_count; i++)
		if (spf_term_read_address(wish->relays[i], &address)
		    && spf_term_may_match(term, &address))
			return true;
	return false;
}

static bool is_rival(const struct spf_term *term, const struct spf_merge_wish *wish)
{
	return !spf_record_is_modifier(term->kind) && term->qualifier != '+'
	       && may_match_us(term, wish);
}

/* S20: last, so that nobody else's look-ups change -- but before a term that
 * would say something else about us. */
static size_t place_for(const struct spf_draft *draft, const struct spf_merge_wish *wish)
{
	size_t last = spf_draft_last_place(draft);

	for (size_t i = 0; i < last; i++)
		if (is_rival(&draft->pieces[i].term, wish))
			return i;
	return last;
}

/* The first term before `at` that certainly speaks about us and does not let us
 * pass; `at` when there is none.  What asks DNS is certain only when it was tried. */
static size_t rival_before(const struct spf_draft *draft, const struct spf_merge_wish *wish,
                           size_t at)
{
	for (size_t i = 0; i < at && wish->relay_count > 0; i++) {
		const struct spf_term *term = &draft->pieces[i].term;

		if (is_rival(term, wish) && (spf_term_is_range(term) || wish->fails_today))
			return i;
	}
	return at;
}

/* ---- the term that is there ------------------------------------------------------ */

/* S12: everything behind the qualifier stays as it was written. */
static void change_to_pass(struct spf_draft *draft, size_t at)
{
	struct spf_term *term = &draft->pieces[at].term;
	const char *before = term->text;

	if (term->qualifier == '+')
		return;
	term->text = arena_copy(draft->arena, before + (term->qualifier_written ? 1 : 0));
	term->qualifier = '+';
	term->qualifier_written = false;
	spf_draft_note(draft,
	               arena_print(draft->arena, _("\"%s\" becomes \"%s\""), before, term->text));
}

static void move(struct spf_draft *draft, size_t from, size_t to)
{
	struct spf_term moved = draft->pieces[from].term;

	spf_draft_take_out(draft, from);
	spf_draft_insert(draft, to, &moved);
	spf_draft_note(draft, arena_print(draft->arena,
	                                  _("\"%s\" moves before \"%s\", which says otherwise "
	                                    "about our addresses"),
	                                  moved.text, draft->pieces[to + 1].term.text));
}

/* Is the wish fulfilled, or can a term that is there be made to fulfil it? */
static bool fulfil(struct spf_draft *draft, const struct spf_merge_wish *wish,
                   const struct spf_term *wanted)
{
	size_t end = spf_draft_end(draft);

	for (size_t i = 0; i < end; i++) {
		const struct spf_term *term = &draft->pieces[i].term;
		bool same = spf_term_same(term, wanted);
		size_t rival = rival_before(draft, wish, i);

		if (!same && !(term->qualifier == '+' && spf_term_covers(term, wanted)))
			continue;
		/* A wider term of theirs is not ours to move. */
		if (!same && rival < i)
			continue;
		change_to_pass(draft, i);
		if (rival < i)
			move(draft, i, rival);
		return true;
	}
	return false;
}

/* Behind "all" nothing counts (RFC 7208 5.1): from there it moves. */
static void take_from_behind(struct spf_draft *draft, const struct spf_term *wanted)
{
	for (size_t i = spf_draft_end(draft); i < draft->count; i++) {
		const struct spf_piece *piece = &draft->pieces[i];

		if (!spf_term_same(&piece->term, wanted))
			continue;
		spf_draft_note(draft,
		               arena_print(draft->arena,
		                           _("\"%s\" stood behind \"%s\", where it is never read"),
		                           piece->term.text,
		                           draft->pieces[spf_draft_end(draft)].term.text));
		spf_draft_take_out(draft, i);
		return;
	}
}

void spf_place_term(struct spf_draft *draft, const struct spf_merge_wish *wish,
                    const struct spf_term *wanted)
{
	if (fulfil(draft, wish, wanted))
		return;
	take_from_behind(draft, wanted);
	size_t at = place_for(draft, wish);
	spf_draft_insert(draft, at, wanted);
	if (at + 1 < draft->count)
		spf_draft_note(draft,
		               arena_print(draft->arena, _("\"%s\" is inserted before \"%s\""),
		                           wanted->text, draft->pieces[at + 1].term.text));
	else
		spf_draft_note(draft,
		               arena_print(draft->arena, _("\"%s\" is added"), wanted->text));
}

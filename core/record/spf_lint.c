#include "core/record/spf_lint.h"

#include <string.h>

#include "core/base/attr.h"
#include "core/base/words.h"
#include "core/record/spf_advice.h"
#include "core/record/spf_guess.h"
#include "core/record/spf_head.h"
#include "core/record/spf_overlap.h"
#include "core/record/spf_record.h"

enum {
	STRING_MOST = 255, /* one string of a TXT record */
	ANSWER_WISE = 450, /* RFC 7208 3.4: so that the answer fits 512 octets */
	ANSWER_MOST = 512, /* RFC 1035 4.2.1: by UDP, without EDNS */
	LOOKUPS_MOST = 10,
	REMARKS_MOST = SPF_ADVICE_MOST + 2, /* about one term, beside the parser's */
};

static const char version[] = "v=spf1 ";

struct linter {
	struct arena *arena;
	struct spf_finding *findings;
	size_t room;
	struct spf_lint *lint;
	const struct spf_lint_place *place;
	struct spf_head head;
	struct spf_record record; /* of the terms behind the head alone */
	size_t next_problem;      /* terms and problems both come in the order of the text */
	const struct spf_overlap *overlaps;
};

/* ---- findings ------------------------------------------------------------------ */

/* The list is nearly in order as it grows; what is about the whole stays last. */
static void add(struct linter *linter, struct spf_finding finding)
{
	struct spf_lint *lint = linter->lint;
	size_t place = lint->count;

	if (lint->count == linter->room)
		return;
	while (place > 0 && finding.start > 0
	       && (linter->findings[place - 1].start > finding.start
	           || linter->findings[place - 1].start == 0)) {
		linter->findings[place] = linter->findings[place - 1];
		place--;
	}
	linter->findings[place] = finding;
	lint->count++;
	lint->errors += finding.severity == SPF_ERROR;
	lint->warnings += finding.severity == SPF_WARNING;
}

/* Columns of the terms are those of "v=spf1 " and what stands behind the head. */
static size_t column_of(const struct linter *linter, size_t column)
{
	return column + linter->head.terms - (sizeof version - 1);
}

static void add_about(struct linter *linter, enum spf_severity severity,
                      const struct spf_term *term, const char *text)
{
	add(linter, (struct spf_finding){ .severity = severity,
	                                  .column = column_of(linter, term->column),
	                                  .start = column_of(linter, term->column),
	                                  .token = term->text,
	                                  .text = text });
}

static void warn(struct linter *linter, const struct spf_term *term, const char *text)
{
	add_about(linter, SPF_WARNING, term, text);
}

static void add_whole(struct linter *linter, enum spf_severity severity, const char *text)
{
	add(linter, (struct spf_finding){ .severity = severity, .text = text });
}

/* ---- what receivers refuse ------------------------------------------------------ */

static void add_head(struct linter *linter)
{
	for (size_t i = 0; i < linter->head.problem_count; i++) {
		const struct spf_problem *problem = &linter->head.problems[i];

		add(linter, (struct spf_finding){ .severity = SPF_ERROR,
		                                  .column = problem->column,
		                                  .start = problem->column,
		                                  .token = problem->token,
		                                  .text = problem->text });
	}
}

/* The parser's own words about a term; the last carries the advice. */
static void add_problems(struct linter *linter, const struct spf_term *term, const char *meant)
{
	const struct spf_record *record = &linter->record;
	size_t end = term->column + strlen(term->text);

	for (; linter->next_problem < record->problem_count; linter->next_problem++) {
		const struct spf_problem *problem = &record->problems[linter->next_problem];
		bool last = linter->next_problem + 1 == record->problem_count
		            || problem[1].column > end;

		if (problem->column > end)
			return;
		if (problem->column < term->column) /* of a term that was guessed about */
			continue;
		add(linter, (struct spf_finding){ .severity = SPF_ERROR,
		                                  .column = column_of(linter, problem->column),
		                                  .start = column_of(linter, term->column),
		                                  .token = term->text,
		                                  .text = problem->text,
		                                  .meant = last ? meant : NULL,
		                                  .replaces = strlen(term->text) });
	}
}

/* True when the next term was a part of this one. */
static bool add_mistakes(struct linter *linter, size_t i)
{
	const struct spf_record *record = &linter->record;
	const struct spf_term *term = &record->terms[i];
	const struct spf_term *next = i + 1 < record->term_count ? term + 1 : NULL;
	const struct spf_term *last = NULL;
	struct spf_guess guess;
	bool broken = false;

	if (!spf_guess_term(linter->arena, term, next, &guess)) {
		add_problems(linter, term, guess.meant);
		return false;
	}
	last = guess.joins ? next : term;
	broken = term->kind == SPF_TERM_BROKEN || (guess.joins && next->kind == SPF_TERM_BROKEN);
	add(linter,
	    (struct spf_finding){ .severity = broken ? SPF_ERROR : SPF_WARNING,
	                          .column = column_of(linter, term->column) + guess.at,
	                          .start = column_of(linter, term->column),
	                          .token = term->text,
	                          .text = guess.text,
	                          .meant = guess.meant,
	                          .replaces = last->column - term->column + strlen(last->text) });
	if (term->kind != SPF_TERM_BROKEN)
		add_problems(linter, term, NULL);
	return guess.joins;
}

/* ---- what is allowed and unwise --------------------------------------------------- */

static void advise(struct linter *linter, size_t i)
{
	struct spf_advice advice[SPF_ADVICE_MOST];
	const struct spf_term *term = &linter->record.terms[i];
	size_t count = spf_advice_term(linter->arena, term, &linter->overlaps[i],
	                               linter->place->domain, advice);

	for (size_t k = 0; k < count; k++)
		add_about(linter, advice[k].severity, term, advice[k].text);
}

static void look_at_terms(struct linter *linter)
{
	const struct spf_record *record = &linter->record;
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);
	bool joined = false;

	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		bool behind = all && term > all && !spf_record_is_modifier(term->kind);

		if (joined) {
			joined = false;
			continue;
		}
		joined = add_mistakes(linter, i);
		if (term->kind == SPF_TERM_BROKEN)
			continue;
		if (behind && term->kind == SPF_TERM_ALL)
			warn(linter, term, _("a second \"all\" is never reached"));
		else if (behind)
			warn(linter, term, _("what stands after \"all\" is ignored"));
		else if (all && term->kind == SPF_TERM_REDIRECT)
			warn(linter, term,
			     _("redirect= is ignored, because the record has an \"all\""));
		else
			advise(linter, i);
	}
}

/* ---- the record as a whole ---------------------------------------------------------- */

/* RFC 7208 4.6: blanks between terms may be many, and may end the record. */
static void look_at_blanks(struct linter *linter, const char *text, size_t length)
{
	for (size_t i = linter->head.terms; i + 1 < length; i++) {
		if (text[i] != ' ' || text[i + 1] != ' ' || i + 1 >= linter->head.end)
			continue;
		add(linter, (struct spf_finding){
				    .severity = SPF_NOTE,
				    .column = i + 2,
				    .start = i + 2,
				    .text = _("more than one space; allowed, and harmless"),
			    });
		break;
	}
	if (length > 0 && text[length - 1] == ' ' && linter->head.problem_count == 0)
		add(linter, (struct spf_finding){
				    .severity = SPF_NOTE,
				    .column = length,
				    .start = length,
				    .text = _("a space at the end; allowed, and harmless"),
			    });
}

static bool has_broken_term(const struct spf_record *record)
{
	return spf_record_find(record, SPF_TERM_BROKEN) != NULL;
}

static void look_at_end(struct linter *linter)
{
	const struct spf_record *record = &linter->record;
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);

	if (record->term_count == 0)
		add_whole(linter, SPF_WARNING,
		          _("the record is empty: it permits nobody and forbids nobody"));
	else if (!all && !spf_record_find(record, SPF_TERM_REDIRECT) && !has_broken_term(record))
		add_whole(linter, SPF_WARNING,
		          _("the record says nothing about other servers; that means \"?all\""));
	if (all == record->terms && record->term_count > 0 && all && all->qualifier == '-')
		add_whole(linter, SPF_NOTE, _("the record says that this name sends no mail"));
}

size_t spf_lint_answer_octets(size_t length)
{
	size_t strings = length == 0 ? 1 : (length + STRING_MOST - 1) / STRING_MOST;

	return 2 + 10 + length + strings; /* RFC 1035 4.1.3, with a pointer for the name */
}

/* The answer a resolver gets: header, question, and all TXT of the name. */
static void look_at_answer(struct linter *linter, size_t length)
{
	const struct spf_lint_place *place = linter->place;
	size_t alone = 12 + strlen(place->domain) + 2 + 4 + spf_lint_answer_octets(length);
	size_t whole = alone + place->other_octets;

	if (alone > ANSWER_MOST)
		add_whole(linter, SPF_WARNING,
		          arena_print(linter->arena,
		                      _("the answer with this record alone has %zu octets; by "
		                        "UDP without EDNS %d fit"),
		                      alone, ANSWER_MOST));
	else if (whole > ANSWER_MOST)
		add_whole(linter, SPF_WARNING,
		          arena_print(linter->arena,
		                      _("with the other TXT records of the name an answer has "
		                        "%zu octets; by UDP without EDNS %d fit"),
		                      whole, ANSWER_MOST));
}

static void look_at_size(struct linter *linter, size_t length)
{
	if (length > STRING_MOST && !linter->place->published)
		add_whole(linter, SPF_NOTE,
		          arena_print(linter->arena,
		                      _("%zu octets: must be split into strings of at most %d"),
		                      length, STRING_MOST));
	if (length > ANSWER_WISE)
		add_whole(linter, SPF_WARNING,
		          arena_print(linter->arena,
		                      _("%zu octets: more than %d may not fit an answer by UDP"),
		                      length, ANSWER_WISE));
	if (linter->place->domain)
		look_at_answer(linter, length);
}

/* Behind an "all" nothing costs anything, and redirect= beside it neither. */
static void count_lookups(struct linter *linter)
{
	const struct spf_record *record = &linter->record;
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);

	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (spf_record_costs_lookup(term->kind)
		    && (!all || (term < all && term->kind != SPF_TERM_REDIRECT)))
			linter->lint->lookups++;
	}
	if (linter->lint->lookups > LOOKUPS_MOST)
		add_whole(linter, SPF_ERROR,
		          arena_print(linter->arena, _("%u terms need a look-up; at most %d may"),
		                      linter->lint->lookups, LOOKUPS_MOST));
}

/* "v=spf1 " and what the head leaves: so the parser sees terms in any case. */
static void read_terms(struct linter *linter, const char *text)
{
	size_t size = linter->head.end - linter->head.terms;
	size_t front = sizeof version - 1;
	char *terms = arena_take(linter->arena, front + size + 1);
	struct err ignored = { 0 };

	memcpy(terms, version, front);
	memcpy(terms + front, text + linter->head.terms, size);
	(void)!spf_record_parse(linter->arena, terms, front + size, &linter->record, &ignored);
}

void spf_lint_run(struct arena *arena, const char *text, size_t length,
                  const struct spf_lint_place *place, struct spf_lint *lint)
{
	static const struct spf_lint_place nowhere = { 0 };
	struct linter linter = { .arena = arena, .lint = lint };

	*lint = (struct spf_lint){ 0 };
	linter.place = place ? place : &nowhere;
	spf_head_read(arena, text, length, &linter.head);
	read_terms(&linter, text);
	linter.room = SPF_HEAD_PROBLEMS + linter.record.problem_count
	              + REMARKS_MOST * (linter.record.term_count + 1);
	linter.findings = arena_take(arena, linter.room * sizeof *linter.findings);
	lint->findings = linter.findings;
	linter.overlaps = spf_overlap_find(arena, &linter.record, linter.place->domain);
	add_head(&linter);
	if (linter.head.foreign)
		return;
	look_at_blanks(&linter, text, length);
	look_at_terms(&linter);
	look_at_end(&linter);
	look_at_size(&linter, length);
	count_lookups(&linter);
}

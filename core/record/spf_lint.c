#include <strings.h>

#include "core/base/attr.h"
#include "core/base/words.h"
#include "core/record/spf_lint.h"
#include "core/record/spf_record.h"

enum {
	STRING_MOST = 255, /* one string of a TXT record */
	ANSWER_WISE = 450, /* RFC 7208 3.4: so that the answer fits 512 octets */
	LOOKUPS_MOST = 10,
};

struct linter {
	struct arena *arena;
	struct spf_finding *findings;
	size_t room;
	struct spf_lint *lint;
};

static void add(struct linter *linter, bool error, const struct spf_term *term, size_t column,
                const char *text)
{
	struct spf_lint *lint = linter->lint;

	if (lint->count == linter->room)
		return;
	linter->findings[lint->count++] = (struct spf_finding){
		.error = error,
		.column = column,
		.token = term ? term->text : NULL,
		.text = text,
	};
	lint->errors += error;
}

static void warn(struct linter *linter, const struct spf_term *term, const char *text)
{
	add(linter, false, term, term ? term->column : 0, text);
}

static void warn_about_all(struct linter *linter, const struct spf_record *record)
{
	const struct spf_term *all = spf_record_find(record, SPF_TERM_ALL);
	const struct spf_term *redirect = spf_record_find(record, SPF_TERM_REDIRECT);

	if (all && redirect)
		warn(linter, redirect,
		     _("redirect= is ignored, because the record has an \"all\""));
	if (!all && !redirect)
		warn(linter, NULL,
		     _("the record says nothing about other servers; that means \"?all\""));
	if (all && all->qualifier == '+')
		warn(linter, all, _("\"+all\" lets the whole world send in this name"));
	for (size_t i = 0; all && i < record->term_count; i++)
		if (&record->terms[i] > all && !spf_record_is_modifier(record->terms[i].kind))
			warn(linter, &record->terms[i], _("what stands after \"all\" is ignored"));
}

/* "ip4=192.0.2.1" is, by grammar, an unknown modifier, and does nothing. */
static bool looks_like_mechanism(const char *name)
{
	for (enum spf_kind kind = SPF_TERM_ALL; kind <= SPF_TERM_EXISTS; kind++)
		if (strcasecmp(name, spf_record_kind_word(kind)) == 0)
			return true;
	return false;
}

static void warn_about_term(struct linter *linter, const struct spf_record *record, size_t i)
{
	const struct spf_term *term = &record->terms[i];

	if (term->kind == SPF_TERM_PTR)
		warn(linter, term,
		     _("\"ptr\" is slow and unreliable; RFC 7208 says not to use it"));
	if (term->kind == SPF_TERM_OTHER && looks_like_mechanism(term->name))
		warn(linter, term,
		     arena_print(linter->arena, _("this does nothing; was \"%s:\" meant?"),
		                 term->name));
	for (size_t j = 0; j < i && !spf_record_is_modifier(term->kind); j++) {
		if (strcasecmp(term->text, record->terms[j].text) != 0)
			continue;
		warn(linter, term, _("the same term stood here before"));
		break;
	}
}

static void warn_about_size(struct linter *linter, size_t length)
{
	if (length > STRING_MOST)
		warn(linter, NULL,
		     arena_print(linter->arena,
		                 _("%zu octets: must be split into strings of at most %d"), length,
		                 STRING_MOST));
	if (length > ANSWER_WISE)
		warn(linter, NULL,
		     arena_print(linter->arena,
		                 _("%zu octets: more than %d may not fit an answer by UDP"), length,
		                 ANSWER_WISE));
}

static void count_lookups(struct linter *linter, const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++)
		linter->lint->lookups += spf_record_costs_lookup(record->terms[i].kind);
	if (linter->lint->lookups > LOOKUPS_MOST)
		add(linter, true, NULL, 0,
		    arena_print(linter->arena, _("%u terms need a look-up; at most %d may"),
		                linter->lint->lookups, LOOKUPS_MOST));
}

void spf_lint_run(struct arena *arena, const char *text, size_t length, struct spf_lint *lint)
{
	struct linter linter = { .arena = arena, .lint = lint };
	struct spf_record record = { 0 };
	struct err err = { 0 };

	*lint = (struct spf_lint){ 0 };
	(void)!spf_record_parse(arena, text, length, &record, &err);
	linter.room = record.problem_count + 4 * record.term_count + 8;
	linter.findings = arena_take(arena, linter.room * sizeof(*linter.findings));
	lint->findings = linter.findings;
	for (size_t i = 0; i < record.problem_count; i++)
		add(&linter, true, NULL, record.problems[i].column,
		    arena_print(arena, _("column %zu: %s: %s"), record.problems[i].column,
		                record.problems[i].token, record.problems[i].text));
	warn_about_all(&linter, &record);
	for (size_t i = 0; i < record.term_count; i++)
		warn_about_term(&linter, &record, i);
	warn_about_size(&linter, length);
	count_lookups(&linter, &record);
}

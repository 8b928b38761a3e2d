#include "core/plan/spf_cost.h"

#include <string.h>

#include "core/record/spf_record.h"

/* Counting further than this changes no decision; it bounds the questions too. */
enum { ENOUGH = 3 * SPF_LOOKUP_LIMIT };

struct visit {
	struct arena *arena;
	struct spf_cost *cost;
	const char *names[ENOUGH]; /* includes still to be read */
	size_t waiting;
};

static bool has_macro(const char *domain)
{
	return domain == NULL || strchr(domain, '%') != NULL;
}

/* The worst case is that no term matches: everything up to `all`, or else the
 * redirect.  A name that is included twice is looked up twice. */
static void record_price(struct visit *visit, const struct spf_text *text)
{
	struct spf_record record;
	struct err ignored = { 0 };
	bool ended = false;

	if (!spf_record_parse(visit->arena, text->text, text->length, &record, &ignored)) {
		visit->cost->unknown++;
		return;
	}
	const struct spf_term *all = spf_record_find(&record, SPF_TERM_ALL);
	for (size_t i = 0; i < record.term_count && visit->cost->lookups < ENOUGH; i++) {
		const struct spf_term *term = &record.terms[i];
		ended = ended || term == all;
		if (!spf_record_costs_lookup(term->kind)
		    || (term->kind == SPF_TERM_REDIRECT ? all != NULL : ended))
			continue;
		visit->cost->lookups++;
		if (term->kind != SPF_TERM_INCLUDE && term->kind != SPF_TERM_REDIRECT)
			continue;
		if (has_macro(term->domain))
			visit->cost->unknown++;
		else if (visit->waiting < ENOUGH)
			visit->names[visit->waiting++] = term->domain;
	}
}

bool spf_cost(struct arena *arena, const struct ask *ask, const char *record, struct spf_cost *cost,
              struct err *err)
{
	struct visit visit = { .arena = arena, .cost = cost };

	*cost = (struct spf_cost){ 0 };
	record_price(&visit, &(struct spf_text){ record, strlen(record) });
	while (visit.waiting > 0 && cost->lookups < ENOUGH) {
		const char *name = visit.names[--visit.waiting];
		struct ask_answer answer;
		size_t found = 0;
		if (!ask->txt(ask->context, arena, name, &answer, err))
			return false;
		for (size_t i = 0; i < answer.count; i++)
			if (spf_record_is(answer.texts[i].text, answer.texts[i].length)) {
				found++;
				record_price(&visit, &answer.texts[i]);
			}
		if (answer.state == ASK_UNKNOWN)
			cost->unknown++;
		else if (found != 1 && cost->dead == NULL)
			cost->dead = arena_copy(arena, name);
	}
	return true;
}

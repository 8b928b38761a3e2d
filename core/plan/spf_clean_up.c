#include "core/plan/spf_clean_up.h"

#include <string.h>

#include "core/base/words.h"
#include "core/plan/spf_draft.h"
#include "core/record/spf_term.h"

enum { ADDRESSES_MOST = 20 /* that are tried for one term */ };

/* A term that is looked at. */
struct suspect {
	struct arena *arena;
	const struct ask *ask;
	const char *domain;
	const struct spf_record *parsed;
	const struct spf_price *price;
	const struct spf_term *term;
};

static const char *record_without(const struct suspect *suspect)
{
	struct spf_draft draft = { .arena = suspect->arena };

	spf_draft_begin(&draft, suspect->parsed);
	spf_draft_take_out(&draft, (size_t)(suspect->term - suspect->parsed->terms));
	return spf_draft_render(&draft);
}

/* Its line in the price; NULL when the record was not priced. */
static const struct spf_price_line *line_of(const struct suspect *suspect)
{
	for (size_t i = 0; i < suspect->price->line_count; i++) {
		const struct spf_price_line *line = &suspect->price->lines[i];

		if (line->depth == 0 && line->column == suspect->term->column)
			return line;
	}
	return NULL;
}

static bool stood_before(const struct suspect *suspect)
{
	for (const struct spf_term *t = suspect->parsed->terms; t < suspect->term; t++)
		if (spf_term_same(t, suspect->term))
			return true;
	return false;
}

/* The addresses of a host, both families.  Unknown when DNS does not say. */
static bool host_addresses(struct suspect *suspect, const char *name,
                           const char *addresses[ADDRESSES_MOST], size_t *count, bool *known,
                           struct err *err)
{
	for (enum ask_what what = ASK_A; what <= ASK_AAAA; what++) {
		struct ask_answer answer;

		if (!suspect->ask->records(suspect->ask->context, suspect->arena, name, what,
		                           &answer, err))
			return false;
		*known = *known && answer.state != ASK_UNKNOWN
		         && *count + answer.count <= ADDRESSES_MOST;
		for (size_t i = 0; *known && i < answer.count; i++)
			addresses[(*count)++] = answer.texts[i].text;
	}
	return true;
}

static bool term_addresses(struct suspect *suspect, const char *addresses[ADDRESSES_MOST],
                           size_t *count, bool *known, struct err *err)
{
	const struct spf_term *term = suspect->term;
	const char *name = term->domain != NULL ? term->domain : suspect->domain;
	struct ask_answer hosts;

	*count = 0;
	*known = name != NULL && strchr(name, '%') == NULL;
	if (!*known)
		return true;
	if (term->kind == SPF_TERM_A)
		return host_addresses(suspect, name, addresses, count, known, err);
	if (!suspect->ask->records(suspect->ask->context, suspect->arena, name, ASK_MX, &hosts,
	                           err))
		return false;
	*known = hosts.state != ASK_UNKNOWN;
	for (size_t i = 0; *known && i < hosts.count; i++)
		if (!host_addresses(suspect, hosts.texts[i].text, addresses, count, known, err))
			return false;
	return true;
}

/* Do they all pass without the term? */
static bool all_pass(struct suspect *suspect, const char *without, const char *const *addresses,
                     size_t count, bool *pass, struct err *err)
{
	*pass = suspect->ask->spf != NULL && suspect->domain != NULL;
	for (size_t i = 0; i < count && *pass; i++) {
		struct ask_spf question = { .domain = suspect->domain,
			                    .record = without,
			                    .address = addresses[i],
			                    .helo = suspect->domain };
		struct spf_check_verdict verdict;

		if (!suspect->ask->spf(suspect->ask->context, suspect->arena, &question, &verdict,
		                       err))
			return false;
		*pass = verdict.result == SPF_PASS;
	}
	return true;
}

/* a and mx of single hosts: nothing behind them, or nothing new. */
static bool hosts_look(struct suspect *suspect, const char **why, struct err *err)
{
	const struct spf_term *term = suspect->term;
	const char *addresses[ADDRESSES_MOST];
	size_t count = 0;
	bool known = false;
	bool pass = false;

	if (suspect->ask == NULL || term->qualifier != '+'
	    || !term_addresses(suspect, addresses, &count, &known, err))
		return suspect->ask == NULL || term->qualifier != '+';
	if (!known)
		return true;
	if (count == 0) {
		*why = arena_print(suspect->arena, _("\"%s\" finds no address and could go"),
		                   term->text);
		return true;
	}
	if (term->prefix4 != SPF_NO_PREFIX || term->prefix6 != SPF_NO_PREFIX)
		return true;
	if (!all_pass(suspect, record_without(suspect), addresses, count, &pass, err))
		return false;
	if (pass)
		*why = arena_print(
			suspect->arena,
			_("all addresses of \"%s\" pass by other terms too; it could go"),
			term->text);
	return true;
}

static bool look(struct suspect *suspect, const char **why, struct err *err)
{
	const struct spf_price_line *line = line_of(suspect);
	const char *text = suspect->term->text;
	enum spf_kind kind = suspect->term->kind;

	*why = NULL;
	if (stood_before(suspect))
		*why = arena_print(suspect->arena,
		                   _("\"%s\" stands there twice; the second one could go"), text);
	else if (kind == SPF_TERM_PTR)
		*why = arena_print(suspect->arena,
		                   _("\"%s\" is slow and unreliable, and RFC 7208 advises against "
		                     "it; it could go"),
		                   text);
	else if (line != NULL && line->problem != NULL && kind == SPF_TERM_INCLUDE)
		*why = arena_print(suspect->arena,
		                   _("\"%s\" leads to no good SPF record and breaks this one; it "
		                     "could go"),
		                   text);
	else if (kind == SPF_TERM_A || kind == SPF_TERM_MX)
		return hosts_look(suspect, why, err);
	return true;
}

static struct spf_clean_up clean_up(const struct suspect *suspect, const char *why)
{
	const struct spf_price_line *line = line_of(suspect);

	return (struct spf_clean_up){ .frees = line != NULL ? line->lookups : 1,
		                      .without = record_without(suspect),
		                      .why = why };
}

/* The one that frees most comes first. */
static void sort(struct spf_clean_up *found, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j > 0 && found[j].frees > found[j - 1].frees; j--) {
			struct spf_clean_up smaller = found[j - 1];

			found[j - 1] = found[j];
			found[j] = smaller;
		}
}

bool spf_clean_up_find(struct arena *arena, const struct ask *ask, const char *domain,
                       const char *record, const struct spf_price *price,
                       struct spf_clean_up **found, size_t *count, struct err *err)
{
	struct spf_record parsed;
	struct suspect suspect = {
		.arena = arena, .ask = ask, .domain = domain, .parsed = &parsed, .price = price
	};
	struct err ignored = { 0 };
	const char *why = NULL;

	*count = 0;
	if (!spf_record_parse(arena, record, strlen(record), &parsed, &ignored))
		return true;
	*found = arena_take(arena, (parsed.term_count + 1) * sizeof **found);
	for (size_t i = 0; i < parsed.term_count; i++) {
		suspect.term = &parsed.terms[i];
		if (suspect.term->kind == SPF_TERM_ALL)
			break;
		if (!spf_record_costs_lookup(suspect.term->kind))
			continue;
		if (!look(&suspect, &why, err))
			return false;
		if (why != NULL)
			(*found)[(*count)++] = clean_up(&suspect, why);
	}
	sort(*found, *count);
	return true;
}

#include "core/plan/spf_price.h"

#include <string.h>

#include "core/base/words.h"

/* Counting further than this changes no decision; it bounds the questions too. */
enum { ENOUGH = 3 * SPF_LOOKUP_LIMIT, LINES_MOST = 2 * ENOUGH, HOSTS_MOST = 10 };

/* A record being read: where it stands, and how far we are. */
struct page {
	const char *domain;
	struct spf_record record;
	const struct spf_term *all;
	size_t next;     /* the term to look at */
	size_t opened;   /* the line that led here; LINES_MOST: none */
	bool redirected; /* all mechanisms are read, and the redirect too */
};

struct visit {
	struct arena *arena;
	const struct ask *ask;
	struct spf_price *price;
	struct spf_price_line *lines;
	struct page pages[ENOUGH + 1]; /* a stack: each page costs a term */
	size_t depth;
	size_t voids[2]; /* for a client with IPv4, with IPv6 */
};

/* A final dot is no part of what people call the name. */
static const char *without_dot(struct arena *arena, const char *name)
{
	size_t length = strlen(name);

	return length > 1 && name[length - 1] == '.' ? arena_copy_part(arena, name, length - 1)
	                                             : name;
}

static bool has_macro(const char *domain)
{
	return strchr(domain, '%') != NULL;
}

/* Who comes by this line gets a permerror. */
static void name_dead(struct visit *visit, size_t line, const char *name, const char *problem)
{
	visit->lines[line].problem = problem;
	if (visit->price->dead == NULL)
		visit->price->dead = name;
}

static void page_open(struct visit *visit, const char *domain, const struct spf_text *text,
                      size_t opened)
{
	struct page *page = &visit->pages[visit->depth];
	struct err ignored = { 0 };

	*page = (struct page){ .domain = domain, .opened = opened };
	if (spf_record_parse(visit->arena, text->text, text->length, &page->record, &ignored)) {
		page->all = spf_record_find(&page->record, SPF_TERM_ALL);
		visit->depth++;
		return;
	}
	if (opened == LINES_MOST) {
		visit->price->unknown++;
		return;
	}
	name_dead(visit, opened, domain,
	          arena_print(visit->arena,
	                      _("the record of %s is broken, receivers answer permerror: %s"),
	                      domain, ignored.text));
}

/* The next term of the innermost page that is ever looked at; NULL at its end. */
static const struct spf_term *page_turn(struct page *page)
{
	while (page->next < page->record.term_count) {
		const struct spf_term *term = &page->record.terms[page->next++];
		if (term == page->all)
			return NULL;
		if (spf_record_costs_lookup(term->kind) && term->kind != SPF_TERM_REDIRECT)
			return term;
	}
	/* redirect= comes last wherever it stands, and never beside an "all" (6.1). */
	if (page->redirected || page->all != NULL)
		return NULL;
	page->redirected = true;
	return spf_record_find(&page->record, SPF_TERM_REDIRECT);
}

/* Everything that led here costs as much more. */
static void charge(struct visit *visit, size_t line, size_t lookups, size_t voids)
{
	size_t depth = visit->depth;

	visit->price->lookups += lookups;
	visit->lines[line].lookups += lookups;
	visit->lines[line].voids += voids;
	while (depth-- > 0) {
		size_t opened = visit->pages[depth].opened;
		if (opened == LINES_MOST)
			continue;
		visit->lines[opened].lookups += lookups;
		visit->lines[opened].voids += voids;
	}
}

/* Of include and redirect= nobody knows then what is behind them; of the other
 * terms only whether they find something. */
static bool is_unknown(struct visit *visit, size_t line)
{
	enum spf_kind kind = visit->lines[line].kind;

	visit->lines[line].unknown = true;
	visit->price->unknown += kind == SPF_TERM_INCLUDE || kind == SPF_TERM_REDIRECT;
	return true;
}

/* Another time it may be known. */
static bool is_silent(struct visit *visit, size_t line)
{
	visit->price->silent++;
	return is_unknown(visit, line);
}

/* Does the name have no address of the one family, of the other? */
static bool address_look(struct visit *visit, const char *name, bool missing[2], bool *known,
                         struct err *err)
{
	for (int six = 0; six <= 1; six++) {
		struct ask_answer answer;
		if (!visit->ask->records(visit->ask->context, visit->arena, name,
		                         six ? ASK_AAAA : ASK_A, &answer, err))
			return false;
		missing[six] = answer.state == ASK_NONE;
		*known = *known && answer.state != ASK_UNKNOWN;
	}
	return true;
}

static void void_add(struct visit *visit, size_t line, const bool missing[2])
{
	visit->voids[0] += missing[0];
	visit->voids[1] += missing[1];
	charge(visit, line, 0, missing[0] || missing[1]);
}

static bool hosts_price(struct visit *visit, size_t line, const char *name, struct err *err)
{
	static const bool both[2] = { true, true };
	struct ask_answer answer;
	bool known = true;

	if (!visit->ask->records(visit->ask->context, visit->arena, name, ASK_MX, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN)
		return is_silent(visit, line);
	if (answer.state == ASK_NONE)
		void_add(visit, line, both);
	if (answer.count > HOSTS_MOST)
		visit->lines[line].problem =
			arena_print(visit->arena, _("%s has %zu MX hosts; receivers stop at %d"),
		                    name, answer.count, HOSTS_MOST);
	for (size_t i = 0; i < answer.count && i < HOSTS_MOST; i++) {
		bool missing[2] = { false, false };
		if (answer.texts[i].length == 0) /* "0 .": takes no mail */
			continue;
		if (!address_look(visit, answer.texts[i].text, missing, &known, err))
			return false;
		void_add(visit, line, missing);
	}
	return known || is_silent(visit, line);
}

/* Follow an include or a redirect into the record it names. */
static bool record_follow(struct visit *visit, size_t line, const char *name, struct err *err)
{
	struct ask_answer answer;
	const struct spf_text *found = NULL;
	size_t count = 0;

	if (!visit->ask->records(visit->ask->context, visit->arena, name, ASK_TXT, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN)
		return is_silent(visit, line);
	for (size_t i = 0; i < answer.count; i++)
		if (spf_record_is(answer.texts[i].text, answer.texts[i].length)) {
			found = &answer.texts[i];
			count++;
		}
	if (count == 1)
		page_open(visit, name, found, line);
	else if (count == 0)
		name_dead(visit, line, name,
		          arena_print(visit->arena,
		                      _("%s has no SPF record: receivers answer permerror"), name));
	else
		name_dead(visit, line, name,
		          arena_print(visit->arena,
		                      _("%s has %zu SPF records: receivers answer permerror"), name,
		                      count));
	return true;
}

/* One term: a line of the price, and what stands behind it. */
static bool term_price(struct visit *visit, const struct page *page, const struct spf_term *term,
                       struct err *err)
{
	size_t line = visit->price->line_count++;
	const char *name = term->domain != NULL ? term->domain : page->domain;
	bool missing[2] = { false, false };
	bool known = true;

	visit->lines[line] = (struct spf_price_line){ .record = page->domain,
		                                      .column = term->column,
		                                      .kind = term->kind,
		                                      .term = term->text,
		                                      .depth = (unsigned)visit->depth - 1 };
	charge(visit, line, 1, 0);
	if (term->kind == SPF_TERM_PTR) /* asks for the client's name, which is not ours to know */
		return true;
	if (visit->ask == NULL || name == NULL || has_macro(name))
		return is_unknown(visit, line);
	name = without_dot(visit->arena, name);
	if (term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_REDIRECT)
		return record_follow(visit, line, name, err);
	if (term->kind == SPF_TERM_MX)
		return hosts_price(visit, line, name, err);
	if (!address_look(visit, name, missing, &known, err))
		return false;
	if (term->kind == SPF_TERM_EXISTS) /* asks for A, whatever the client's family (5.7) */
		missing[1] = missing[0];
	void_add(visit, line, missing);
	return known || is_silent(visit, line);
}

bool spf_price(struct arena *arena, const struct ask *ask, const char *domain, const char *record,
               struct spf_price *price, struct err *err)
{
	struct visit *visit = arena_take(arena, sizeof *visit);

	*price = (struct spf_price){ 0 };
	*visit = (struct visit){ .arena = arena, .ask = ask, .price = price };
	visit->lines = arena_take(arena, LINES_MOST * sizeof *visit->lines);
	price->lines = visit->lines;
	page_open(visit, domain, &(struct spf_text){ record, strlen(record) }, LINES_MOST);
	while (visit->depth > 0 && price->lookups < ENOUGH) {
		struct page *page = &visit->pages[visit->depth - 1];
		const struct spf_term *term = page_turn(page);
		if (term == NULL)
			visit->depth--;
		else if (!term_price(visit, page, term, err))
			return false;
	}
	price->cut = visit->depth > 0;
	price->voids4 = visit->voids[0];
	price->voids6 = visit->voids[1];
	price->voids = price->voids4 > price->voids6 ? price->voids4 : price->voids6;
	return true;
}

#include "core/plan/spf_merge.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/record/spf_record.h"

/* The record that is being made: terms in order. */
struct draft {
	struct arena *arena;
	struct spf_merge *merge;
	struct spf_term *terms;
	size_t count;
	bool changed;
};

enum { NOWHERE = -1 };

static void note_change(struct draft *draft, const char *sentence)
{
	if (draft->merge->change_count < SPF_MERGE_NOTES)
		draft->merge->changes[draft->merge->change_count++] = sentence;
	draft->changed = true;
}

static void warn(struct draft *draft, const char *sentence)
{
	struct spf_merge *merge = draft->merge;

	for (size_t i = 0; i < merge->warning_count; i++)
		if (strcmp(merge->warnings[i], sentence) == 0)
			return;
	if (merge->warning_count < SPF_MERGE_NOTES)
		merge->warnings[merge->warning_count++] = sentence;
}

static bool refuse(struct draft *draft, const char *sentence)
{
	draft->merge->outcome = SPF_MERGE_REFUSED;
	draft->merge->reason = sentence;
	return false;
}

static void insert(struct draft *draft, size_t at, const struct spf_term *term)
{
	struct spf_term *terms = arena_take(draft->arena, (draft->count + 1) * sizeof *terms);

	if (at > 0)
		memcpy(terms, draft->terms, at * sizeof *terms);
	terms[at] = *term;
	if (draft->count > at)
		memcpy(terms + at + 1, draft->terms + at, (draft->count - at) * sizeof *terms);
	draft->terms = terms;
	draft->count++;
}

static void take_out(struct draft *draft, size_t at)
{
	memmove(draft->terms + at, draft->terms + at + 1,
	        (draft->count - at - 1) * sizeof *draft->terms);
	draft->count--;
}

static int find_kind(const struct draft *draft, enum spf_kind kind)
{
	for (size_t i = 0; i < draft->count; i++)
		if (draft->terms[i].kind == kind)
			return (int)i;
	return NOWHERE;
}

/* ---- comparing terms ------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcasecmp(a, b) == 0);
}

static bool is_address(const struct spf_term *term)
{
	return term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6;
}

static int prefix_of(const struct spf_term *term)
{
	int prefix = term->kind == SPF_TERM_IP4 ? term->prefix4 : term->prefix6;

	return prefix != SPF_NO_PREFIX ? prefix : term->kind == SPF_TERM_IP4 ? 32 : 128;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b, int bits)
{
	if (memcmp(a, b, (size_t)bits / 8) != 0)
		return false;
	int rest = bits % 8;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

/* Every address of `inner` lies in `outer`. */
static bool covers(const struct spf_term *outer, const struct spf_term *inner)
{
	return is_address(outer) && outer->kind == inner->kind
	       && prefix_of(outer) <= prefix_of(inner)
	       && bits_equal(outer->address, inner->address, prefix_of(outer));
}

/* The two name the same thing, whatever their qualifier and spelling. */
static bool same_mechanism(const struct spf_term *a, const struct spf_term *b)
{
	if (a->kind != b->kind || spf_record_is_modifier(a->kind))
		return false;
	if (is_address(a))
		return prefix_of(a) == prefix_of(b) && covers(a, b);
	return same_text(a->domain, b->domain) && a->prefix4 == b->prefix4
	       && a->prefix6 == b->prefix6;
}

/* The term may match the address; terms that need DNS always may. */
static bool may_match(const struct spf_term *term, const char *address)
{
	uint8_t octets[16];

	if (!is_address(term))
		return !spf_record_is_modifier(term->kind);
	int family = term->kind == SPF_TERM_IP4 ? AF_INET : AF_INET6;
	return inet_pton(family, address, octets) == 1
	       && bits_equal(term->address, octets, prefix_of(term));
}

static bool may_match_any(const struct spf_term *term, const struct spf_merge_wish *wish)
{
	if (wish->relay_count == 0)
		return true;
	for (size_t i = 0; i < wish->relay_count; i++)
		if (may_match(term, wish->relays[i]))
			return true;
	return false;
}

/* ---- where a term goes -------------------------------------------------------- */

/* S14: before the first `all`; without one, before the modifiers (a redirect
 * stays last).  S20: before a term that would say something else about us. */
static size_t place_for(const struct draft *draft, const struct spf_merge_wish *wish)
{
	int all = find_kind(draft, SPF_TERM_ALL);
	size_t end = all != NOWHERE ? (size_t)all : draft->count;

	for (size_t i = 0; i < end; i++) {
		const struct spf_term *term = &draft->terms[i];
		if (spf_record_is_modifier(term->kind)) {
			if (all == NOWHERE)
				return i;
			continue;
		}
		if (term->qualifier != '+' && may_match_any(term, wish))
			return i;
	}
	return end;
}

/* The first term before `at` that certainly matches one of our addresses and
 * does not let it pass; `at` when there is none. */
static size_t rival_before(const struct draft *draft, const struct spf_merge_wish *wish, size_t at)
{
	for (size_t i = 0; i < at && wish->relay_count > 0; i++)
		if (is_address(&draft->terms[i]) && draft->terms[i].qualifier != '+'
		    && may_match_any(&draft->terms[i], wish))
			return i;
	return at;
}

static void change_to_pass(struct draft *draft, size_t at)
{
	struct spf_term *term = &draft->terms[at];
	const char *before = term->text;

	/* Everything behind the qualifier stays as it was written. */
	term->text = arena_copy(draft->arena, before + (term->qualifier_written ? 1 : 0));
	term->qualifier = '+';
	term->qualifier_written = false;
	note_change(draft,
	            arena_print(draft->arena, _("\"%s\" becomes \"%s\""), before, term->text));
}

/* Is the wish fulfilled, or can a term that is there be made to fulfil it? */
static bool fulfilled(struct draft *draft, const struct spf_merge_wish *wish,
                      const struct spf_term *wanted)
{
	int all = find_kind(draft, SPF_TERM_ALL);

	for (size_t i = 0; i < draft->count; i++) {
		struct spf_term *term = &draft->terms[i];
		bool same = same_mechanism(term, wanted);
		if (all != NOWHERE && i > (size_t)all) {
			/* Behind `all` nothing counts: it moves to where it does. */
			if (same) {
				note_change(draft,
				            arena_print(draft->arena,
				                        _("\"%s\" stood behind \"%s\", where it "
				                          "is never read"),
				                        term->text, draft->terms[all].text));
				take_out(draft, i);
				return false;
			}
			continue;
		}
		if (same && term->qualifier != '+')
			change_to_pass(draft, i);
		if (!same && !(term->qualifier == '+' && covers(term, wanted)))
			continue;
		size_t rival = rival_before(draft, wish, i);
		if (rival < i && same) {
			struct spf_term moved = *term;
			take_out(draft, i);
			insert(draft, rival, &moved);
			note_change(draft, arena_print(draft->arena,
			                               _("\"%s\" moves before \"%s\", which says "
			                                 "otherwise about our addresses"),
			                               moved.text, draft->terms[rival + 1].text));
		}
		if (rival < i && !same)
			continue;
		return true;
	}
	return false;
}

static void wish_grant(struct draft *draft, const struct spf_merge_wish *wish,
                       const struct spf_term *wanted)
{
	if (fulfilled(draft, wish, wanted))
		return;
	size_t at = place_for(draft, wish);
	insert(draft, at, wanted);
	if (at + 1 < draft->count)
		note_change(draft, arena_print(draft->arena, _("\"%s\" is inserted before \"%s\""),
		                               wanted->text, draft->terms[at + 1].text));
	else
		note_change(draft, arena_print(draft->arena, _("\"%s\" is added"), wanted->text));
}

/* ---- several records become one -------------------------------------------------- */

/* From strict to soft; of several records the softest speaks: together they are
 * a permerror today, so nobody is refused more than before. */
static int softness(char qualifier)
{
	return qualifier == '-' ? 0 : qualifier == '~' ? 1 : qualifier == '?' ? 2 : 3;
}

static bool all_unite(struct draft *draft, const struct spf_term *other)
{
	int all = find_kind(draft, SPF_TERM_ALL);

	if (all == NOWHERE) {
		if (find_kind(draft, SPF_TERM_REDIRECT) != NOWHERE)
			return refuse(draft, _("one record ends in redirect=, another one in all: "
			                       "only their owner can say which one is meant"));
		insert(draft, draft->count, other);
		return true;
	}
	if (draft->terms[all].qualifier == other->qualifier)
		return true;
	warn(draft, arena_print(draft->arena,
	                        _("the records end in \"%s\" and \"%s\"; "
	                          "the softer one is kept"),
	                        draft->terms[all].text, other->text));
	if (softness(other->qualifier) > softness(draft->terms[all].qualifier))
		draft->terms[all] = *other;
	return true;
}

static bool modifier_unite(struct draft *draft, const struct spf_term *other)
{
	for (size_t i = 0; i < draft->count; i++)
		if (strcasecmp(draft->terms[i].text, other->text) == 0)
			return true;
	if (other->kind == SPF_TERM_REDIRECT
	    && (find_kind(draft, SPF_TERM_REDIRECT) != NOWHERE
	        || find_kind(draft, SPF_TERM_ALL) != NOWHERE))
		return refuse(draft,
		              _("one record ends in redirect=, another one ends differently: "
		                "only their owner can say which one is meant"));
	if (other->kind == SPF_TERM_EXP && find_kind(draft, SPF_TERM_EXP) != NOWHERE) {
		warn(draft, arena_print(draft->arena,
		                        _("\"%s\" is left out: a record may have only "
		                          "one exp="),
		                        other->text));
		return true;
	}
	insert(draft, draft->count, other);
	return true;
}

static bool record_unite(struct draft *draft, const struct spf_record *record)
{
	for (size_t i = 0; i < record->term_count; i++) {
		const struct spf_term *term = &record->terms[i];
		bool known = false;
		if (spf_record_is_modifier(term->kind)) {
			if (!modifier_unite(draft, term))
				return false;
			continue;
		}
		if (term->kind == SPF_TERM_ALL) {
			/* Terms behind it never counted and are not brought along. */
			return all_unite(draft, term);
		}
		for (size_t j = 0; j < draft->count && !known; j++)
			known = same_mechanism(&draft->terms[j], term);
		if (known)
			continue;
		int all = find_kind(draft, SPF_TERM_ALL);
		size_t at = all != NOWHERE ? (size_t)all : draft->count;
		for (size_t j = 0; all == NOWHERE && j < draft->count; j++)
			if (spf_record_is_modifier(draft->terms[j].kind)) {
				at = j;
				break;
			}
		insert(draft, at, term);
	}
	return true;
}

/* ---- reading what is there --------------------------------------------------------- */

static bool record_read(struct draft *draft, const struct spf_text *text, struct spf_record *record)
{
	struct err err = { 0 };

	if (spf_record_parse(draft->arena, text->text, text->length, record, &err))
		return true;
	/* S3: one bad token makes receivers throw the whole record away, ours with it. */
	return refuse(draft, arena_print(draft->arena,
	                                 _("the published record is broken and must be mended "
	                                   "first: %s"),
	                                 err.text));
}

static bool records_read(struct draft *draft, const struct spf_merge_wish *wish)
{
	for (size_t i = 0; i < wish->record_count; i++) {
		const struct spf_text *text = &wish->records[i];
		struct spf_record record;
		if (!spf_record_is(text->text, text->length))
			continue;
		if (draft->merge->spf_count++ == 0)
			draft->merge->record = arena_copy_part(draft->arena, text->text,
			                                       text->length);
		if (!record_read(draft, text, &record))
			return false;
		if (draft->merge->spf_count > 1) {
			if (!record_unite(draft, &record))
				return false;
			continue;
		}
		draft->count = record.term_count;
		draft->terms = arena_take(draft->arena,
		                          (record.term_count + 1) * sizeof *draft->terms);
		if (record.term_count > 0)
			memcpy(draft->terms, record.terms,
			       record.term_count * sizeof *draft->terms);
	}
	if (draft->merge->spf_count > 1)
		note_change(draft, arena_print(draft->arena,
		                               _("%zu SPF records become one: receivers reject "
		                                 "several"),
		                               draft->merge->spf_count));
	return true;
}

/* ---- the whole ------------------------------------------------------------------------ */

static void advise(struct draft *draft)
{
	int all = find_kind(draft, SPF_TERM_ALL);

	if (find_kind(draft, SPF_TERM_PTR) != NOWHERE)
		warn(draft, _("\"ptr\" is slow and unreliable, and RFC 7208 advises against it"));
	if (all == NOWHERE && find_kind(draft, SPF_TERM_REDIRECT) == NOWHERE)
		warn(draft, _("the record has no \"all\": everybody else stays neutral"));
	if (all != NOWHERE && draft->terms[all].qualifier == '+')
		warn(draft, _("\"+all\" lets the whole world send for this domain"));
	if (all != NOWHERE && find_kind(draft, SPF_TERM_REDIRECT) != NOWHERE)
		warn(draft, _("\"redirect=\" beside \"all\" is never followed"));
	for (size_t i = all != NOWHERE ? (size_t)all + 1 : draft->count; i < draft->count; i++)
		if (!spf_record_is_modifier(draft->terms[i].kind))
			warn(draft, arena_print(draft->arena,
			                        _("\"%s\" stands behind \"%s\", where "
			                          "it is never read"),
			                        draft->terms[i].text, draft->terms[all].text));
	if (strlen(draft->merge->record) > 450)
		warn(draft, arena_print(draft->arena,
		                        _("the record has %zu octets; above 450 some "
		                          "answers no longer fit one packet"),
		                        strlen(draft->merge->record)));
}

static size_t lookups_in(const struct draft *draft)
{
	int all = find_kind(draft, SPF_TERM_ALL);
	size_t count = 0;

	for (size_t i = 0; i < draft->count; i++) {
		enum spf_kind kind = draft->terms[i].kind;
		if (all != NOWHERE && (i > (size_t)all || kind == SPF_TERM_REDIRECT))
			continue;
		if (spf_record_costs_lookup(kind))
			count++;
	}
	return count;
}

/* "v=spf1 -all" and nothing else: this domain sends no mail (RFC 7208 10.1.2). */
static bool says_never(const struct draft *draft)
{
	size_t mechanisms = 0;

	for (size_t i = 0; i < draft->count; i++)
		if (!spf_record_is_modifier(draft->terms[i].kind))
			mechanisms++;
	int all = find_kind(draft, SPF_TERM_ALL);
	return mechanisms == 1 && all != NOWHERE && draft->terms[all].qualifier == '-'
	       && find_kind(draft, SPF_TERM_REDIRECT) == NOWHERE;
}

/* Everybody passes already, us among them. */
static bool passes_all(const struct draft *draft, const struct spf_merge_wish *wish)
{
	int all = find_kind(draft, SPF_TERM_ALL);

	if (all == NOWHERE || draft->terms[all].qualifier != '+')
		return false;
	for (int i = 0; i < all; i++)
		if (draft->terms[i].qualifier != '+'
		    && !spf_record_is_modifier(draft->terms[i].kind)
		    && may_match_any(&draft->terms[i], wish))
			return false;
	return true;
}

static void start_new(struct draft *draft)
{
	struct spf_term all;
	struct err err = { 0 };

	if (spf_record_parse_term(draft->arena, "~all", &all, &err))
		insert(draft, 0, &all);
	note_change(draft, _("a new record: nothing is published yet"));
	warn(draft, _("\"~all\" is a careful start; when every sender is known, \"-all\" is the "
	              "stricter choice"));
}

static void finish(struct draft *draft)
{
	struct spf_merge *merge = draft->merge;
	struct text out = { 0 };

	if (draft->changed) {
		spf_record_render(draft->terms, draft->count, &out);
		merge->record = arena_copy(draft->arena, text_string(&out));
		text_free(&out);
	}
	merge->outcome = draft->changed ? SPF_MERGE_MERGED : SPF_MERGE_UNCHANGED;
	merge->lookups = lookups_in(draft);
	advise(draft);
	if (draft->changed && merge->lookups > SPF_LOOKUP_LIMIT)
		(void)refuse(draft,
		             arena_print(draft->arena,
		                         _("the record would need %zu DNS lookups; receivers "
		                           "stop at %d"),
		                         merge->lookups, SPF_LOOKUP_LIMIT));
}

bool spf_merge(struct arena *arena, const struct spf_merge_wish *wish, struct spf_merge *merge,
               struct err *err)
{
	struct spf_term *wanted = arena_take(arena, (wish->term_count + 1) * sizeof *wanted);
	struct spf_term none[1] = { { .kind = SPF_TERM_BROKEN } };
	struct draft draft = { .arena = arena, .merge = merge, .terms = none };

	*merge = (struct spf_merge){ 0 };
	for (size_t i = 0; i < wish->term_count; i++) {
		if (!spf_record_parse_term(arena, wish->terms[i], &wanted[i], err))
			return false;
		if (wanted[i].kind == SPF_TERM_ALL || spf_record_is_modifier(wanted[i].kind)
		    || wanted[i].qualifier != '+')
			return err_set(
				err, ERR_INPUT,
				_("\"%s\" does not authorise anybody; an include, an address or "
			          "a host is wanted"),
				wish->terms[i]);
	}
	if (!records_read(&draft, wish))
		return true;
	if (merge->spf_count == 0)
		start_new(&draft);
	else if (says_never(&draft) && !wish->sends_now) {
		(void)refuse(&draft,
		             _("the domain declares \"v=spf1 -all\": it sends no mail at all; "
		               "its owner must confirm that this changes"));
		return true;
	}
	if (!passes_all(&draft, wish))
		for (size_t i = 0; i < wish->term_count; i++)
			wish_grant(&draft, wish, &wanted[i]);
	finish(&draft);
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

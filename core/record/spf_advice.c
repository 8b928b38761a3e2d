#include "core/record/spf_advice.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/base/words.h"
#include "core/record/spf_macro.h"
#include "core/record/spf_range.h"

struct adviser {
	struct arena *arena;
	const struct spf_term *term;
	struct spf_advice *advice;
	size_t count;
};

static void say(struct adviser *adviser, enum spf_severity severity, const char *text)
{
	if (adviser->count < SPF_ADVICE_MOST)
		adviser->advice[adviser->count++] = (struct spf_advice){ severity, text };
}

static void warn(struct adviser *adviser, const char *text)
{
	say(adviser, SPF_WARNING, text);
}

static void judge_all(struct adviser *adviser)
{
	const struct spf_term *all = adviser->term;

	if (all->kind != SPF_TERM_ALL)
		return;
	if (all->qualifier == '+' && all->qualifier_written)
		warn(adviser, _("\"+all\" lets the whole world send in this name"));
	else if (all->qualifier == '+')
		warn(adviser,
		     _("\"all\" without a sign is \"+all\": it lets the whole world send in this "
		       "name"));
	if (all->qualifier == '?')
		warn(adviser,
		     _("\"?all\" says nothing about other servers; \"~all\" and \"-all\" do"));
}

static void judge_ptr(struct adviser *adviser)
{
	const struct spf_term *term = adviser->term;
	size_t length = term->domain ? strlen(term->domain) : 0;

	if (term->kind == SPF_TERM_PTR)
		warn(adviser, _("\"ptr\" is slow and unreliable; RFC 7208 says not to use it"));
	else if (length > 0 && spf_macro_uses(term->domain, length, 'p'))
		warn(adviser, _("\"%{p}\" is slow and unreliable; RFC 7208 says not to use it"));
}

static void judge_sign(struct adviser *adviser)
{
	const struct spf_term *term = adviser->term;

	if (term->kind == SPF_TERM_ALL || spf_record_is_modifier(term->kind)
	    || term->qualifier == '+')
		return;
	say(adviser, SPF_NOTE,
	    arena_print(adviser->arena,
	                _("with \"%c\" in front, who matches here is not permitted to send"),
	                term->qualifier));
}

static void judge_range(struct adviser *adviser)
{
	struct spf_range range;
	const char *what = NULL;

	if (!spf_range_of(adviser->term, &range))
		return;
	what = spf_range_reserved(&range);
	if (what)
		warn(adviser, arena_print(adviser->arena, _("no mail comes from here: this is %s"),
		                          _(what)));
	what = spf_range_network(adviser->arena, &range);
	if (what)
		say(adviser, SPF_NOTE,
		    arena_print(adviser->arena, _("means the network %s"), what));
}

static void judge_width(struct adviser *adviser)
{
	const struct spf_term *term = adviser->term;
	bool wide4 = term->kind != SPF_TERM_IP6 && spf_range_is_wide(false, term->prefix4);
	bool wide6 = term->kind != SPF_TERM_IP4 && spf_range_is_wide(true, term->prefix6);
	int bits = wide4 ? term->prefix4 : term->prefix6;

	if (term->qualifier != '+' || (!wide4 && !wide6))
		return;
	if (bits == 0)
		warn(adviser, _("\"/0\" is every address there is, like \"+all\""));
	else
		warn(adviser,
		     arena_print(adviser->arena,
		                 _("\"/%d\" is a larger network than any owner has"), bits));
}

/* Who follows the name comes back to this record, until ten look-ups are gone. */
static void judge_itself(struct adviser *adviser, const char *domain)
{
	const struct spf_term *term = adviser->term;
	size_t length = term->domain ? strlen(term->domain) : 0;

	if (term->kind != SPF_TERM_INCLUDE && term->kind != SPF_TERM_REDIRECT)
		return;
	length -= length > 0 && term->domain[length - 1] == '.';
	if (strcasecmp(term->domain, "%{d}") != 0
	    && (!domain || strlen(domain) != length
	        || strncasecmp(term->domain, domain, length) != 0))
		return;
	say(adviser, SPF_ERROR,
	    _("the record refers to itself, without end; receivers answer permerror"));
}

static void judge_overlap(struct adviser *adviser, const struct spf_overlap *overlap)
{
	const char *other = overlap->other ? overlap->other->text : "";
	bool equal = strcasecmp(adviser->term->text, other) == 0;

	if (overlap->kind == SPF_OVERLAP_SAME && equal)
		warn(adviser, _("the same term stood here before"));
	if (overlap->kind == SPF_OVERLAP_SAME && !equal)
		warn(adviser,
		     arena_print(adviser->arena, _("says the same as \"%s\" before it"), other));
	if (overlap->kind == SPF_OVERLAP_PART)
		warn(adviser, arena_print(adviser->arena,
		                          _("every address of it is in \"%s\" already"), other));
	if (overlap->kind == SPF_OVERLAP_NEVER)
		warn(adviser,
		     arena_print(adviser->arena,
		                 _("never decides anything: \"%s\" matches before it"), other));
}

size_t spf_advice_term(struct arena *arena, const struct spf_term *term,
                       const struct spf_overlap *overlap, const char *domain,
                       struct spf_advice advice[SPF_ADVICE_MOST])
{
	struct adviser adviser = { .arena = arena, .term = term, .advice = advice };

	judge_all(&adviser);
	judge_ptr(&adviser);
	judge_sign(&adviser);
	judge_range(&adviser);
	judge_width(&adviser);
	judge_itself(&adviser, domain);
	judge_overlap(&adviser, overlap);
	return adviser.count;
}

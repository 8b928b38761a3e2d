#include "core/plan/spf_alternative.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"
#include "core/base/words.h"
#include "core/plan/spf_clean_up.h"
#include "core/record/spf_term.h"

enum { WAYS_MOST = 24 };

struct adviser {
	struct arena *arena;
	const struct spf_alternative_question *question;
	struct spf_alternative *ways;
	size_t count;
};

static void offer(struct adviser *adviser, enum spf_way way, size_t lookups, const char *record,
                  const char *explanation)
{
	if (adviser->count < WAYS_MOST)
		adviser->ways[adviser->count++] = (struct spf_alternative){ way, lookups, record,
			                                                    explanation };
}

/* What the record costs that stands there. */
static size_t today(const struct adviser *adviser)
{
	const struct spf_limit *limit = adviser->question->limit;
	const struct spf_merge *merge = adviser->question->merge;
	struct spf_merge alone;
	struct spf_text text = { merge->present,
		                 merge->present != NULL ? strlen(merge->present) : 0 };
	struct spf_merge_wish nothing = { .records = &text, .record_count = 1 };
	struct err ignored = { 0 };

	if (adviser->question->ask != NULL || merge->present == NULL)
		return limit->today.lookups;
	return spf_merge(adviser->arena, &nothing, &alone, &ignored) ? alone.lookups : 0;
}

/* ---- the ways that leave this record alone ------------------------------------- */

static const char *wished_terms(const struct adviser *adviser)
{
	const struct spf_merge_wish *wish = adviser->question->wish;
	struct text out = { 0 };

	for (size_t i = 0; i < wish->term_count; i++)
		text_addf(&out, "%s%s", i > 0 ? " " : "", wish->terms[i]);
	const char *terms = arena_copy(adviser->arena, text_string(&out));
	text_free(&out);
	return terms;
}

/* D5: SPF counts for DMARC when the envelope's domain aligns. */
static void mail_from_offer(struct adviser *adviser)
{
	offer(adviser, SPF_WAY_MAIL_FROM, today(adviser), NULL,
	      arena_print(
		      adviser->arena,
		      _("an envelope sender in a subdomain (\"bounce\", for example) with a record "
	                "of its own, \"v=spf1 %s -all\": this record stays as it is, and DMARC "
	                "takes the subdomain for the domain unless it says aspf=s"),
		      wished_terms(adviser)));
}

static void dkim_offer(struct adviser *adviser)
{
	offer(adviser, SPF_WAY_DKIM, today(adviser), NULL,
	      _("a DKIM signature of this domain alone: DMARC passes with it, and this record stays as "
	        "it is; but receivers that reject by \"-all\" may do so before they look at DKIM"));
}

/* ---- the relays' addresses ------------------------------------------------------- */

const char **spf_alternative_direct_terms(struct arena *arena, const char *const *relays,
                                          size_t count)
{
	const char **terms = arena_take(arena, (count + 1) * sizeof *terms);

	for (size_t i = 0; i < count; i++) {
		struct spf_address address;
		char text[INET6_ADDRSTRLEN] = "";

		if (!spf_term_read_address(relays[i], &address))
			continue;
		(void)inet_ntop(address.size == 4 ? AF_INET : AF_INET6, address.octets, text,
		                sizeof text);
		terms[i] = arena_print(arena, "%s:%s", address.size == 4 ? "ip4" : "ip6", text);
	}
	return terms;
}

const char *spf_alternative_direct_warning(void)
{
	return _(
		"addresses in place of an include: from now on the domain's owner owes every change "
		"of them, and mail is lost when one is missed");
}

/* The record after a merge of another wish; NULL when it would not be good. */
static bool record_after(struct adviser *adviser, const struct spf_merge_wish *wish,
                         const char **record, struct err *err)
{
	struct spf_merge merge;

	if (!spf_merge(adviser->arena, wish, &merge, err))
		return false;
	*record = merge.outcome != SPF_MERGE_REFUSED ? merge.record : NULL;
	return true;
}

static bool is_listing(const struct spf_merge_wish *wish)
{
	for (size_t i = 0; i < wish->term_count; i++)
		if (strncasecmp(wish->terms[i], "ip4:", 4) != 0
		    && strncasecmp(wish->terms[i], "ip6:", 4) != 0)
			return false;
	return true;
}

/* A permerror for everybody, today already: no term of ours changes that. */
static bool is_lost(const struct adviser *adviser)
{
	const struct spf_price *price = &adviser->question->limit->today;

	return today(adviser) > SPF_LOOKUP_LIMIT || price->voids > SPF_VOID_LIMIT
	       || price->dead != NULL;
}

static bool direct_offer(struct adviser *adviser, struct err *err)
{
	struct spf_merge_wish wish = *adviser->question->wish;
	size_t lookups = today(adviser);
	const char *record = NULL;

	if (wish.relay_count == 0 || is_listing(&wish) || is_lost(adviser))
		return true;
	wish.terms = spf_alternative_direct_terms(adviser->arena, wish.relays, wish.relay_count);
	wish.term_count = wish.relay_count;
	if (!record_after(adviser, &wish, &record, err))
		return false;
	offer(adviser, SPF_WAY_DIRECT, lookups, record,
	      arena_print(adviser->arena, _("%s; no look-up more"),
	                  spf_alternative_direct_warning()));
	return true;
}

/* ---- what could go ---------------------------------------------------------------- */

static bool clean_up_offer(struct adviser *adviser, const struct spf_clean_up *clean_up,
                           struct err *err)
{
	struct spf_text text = { clean_up->without, strlen(clean_up->without) };
	struct spf_merge_wish wish = *adviser->question->wish;
	size_t then = adviser->question->limit->then.lookups;
	const char *record = NULL;

	then = then > clean_up->frees ? then - clean_up->frees : 0;
	wish.records = &text;
	wish.record_count = 1;
	if (!record_after(adviser, &wish, &record, err))
		return false;
	offer(adviser, SPF_WAY_CLEAN_UP, then, then <= SPF_LOOKUP_LIMIT ? record : NULL,
	      arena_print(adviser->arena,
	                  ngettext("%s: that frees %zu look-up", "%s: that frees %zu look-ups",
	                           clean_up->frees),
	                  clean_up->why, clean_up->frees));
	return true;
}

static bool clean_ups_offer(struct adviser *adviser, struct err *err)
{
	const struct spf_alternative_question *question = adviser->question;
	struct spf_clean_up *found = NULL;
	size_t count = 0;

	if (question->merge->spf_count != 1)
		return true;
	if (!spf_clean_up_find(adviser->arena, question->ask, question->domain,
	                       question->merge->present, &question->limit->today, &found, &count,
	                       err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!clean_up_offer(adviser, &found[i], err))
			return false;
	return true;
}

/* ---- where the list really is (S17) -------------------------------------------- */

static bool is_below(const char *name, const char *domain)
{
	size_t length = strlen(name), tail = strlen(domain);

	return length > tail && name[length - tail - 1] == '.'
	       && strcasecmp(name + length - tail, domain) == 0;
}

static bool same_zone(struct adviser *adviser, const char *name, bool *same, struct err *err)
{
	const struct ask *ask = adviser->question->ask;
	const char *domain = adviser->question->domain;
	const char *here = NULL, *there = NULL;

	*same = is_below(name, domain);
	if (*same || ask->zone == NULL)
		return true;
	if (!ask->zone(ask->context, adviser->arena, domain, &here, err)
	    || !ask->zone(ask->context, adviser->arena, name, &there, err))
		return false;
	*same = here != NULL && there != NULL && strcasecmp(here, there) == 0;
	return true;
}

static bool target_merge(struct adviser *adviser, const char *target, struct err *err)
{
	const struct spf_alternative_question *question = adviser->question;
	struct spf_merge_wish wish = *question->wish;
	struct ask_answer answer;
	struct spf_merge merge;

	if (!question->ask->records(question->ask->context, adviser->arena, target, ASK_TXT,
	                            &answer, err))
		return false;
	wish.records = answer.texts;
	wish.record_count = answer.count;
	if (answer.state != ASK_FOUND)
		return true;
	if (!spf_merge(adviser->arena, &wish, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_MERGED && merge.spf_count == 1)
		offer(adviser, SPF_WAY_REDIRECT, question->limit->then.lookups, merge.record,
		      arena_print(
			      adviser->arena,
			      _("the list of this domain really stands at %s (redirect=), in the "
		                "same zone: changed there, every domain that points to it gets it, "
		                "and this record stays as it is"),
			      target));
	return true;
}

static bool redirect_offer(struct adviser *adviser, struct err *err)
{
	const struct spf_alternative_question *question = adviser->question;
	struct spf_record record;
	struct err ignored = { 0 };
	bool same = false;

	if (question->ask == NULL || question->domain == NULL || question->merge->spf_count != 1
	    || !spf_record_parse(adviser->arena, question->merge->present,
	                         strlen(question->merge->present), &record, &ignored)
	    || spf_record_find(&record, SPF_TERM_ALL) != NULL)
		return true;
	const struct spf_term *redirect = spf_record_find(&record, SPF_TERM_REDIRECT);
	if (redirect == NULL || strchr(redirect->domain, '%') != NULL)
		return true;
	if (!same_zone(adviser, redirect->domain, &same, err))
		return false;
	return !same || target_merge(adviser, redirect->domain, err);
}

/* What shall be added lets our relays in, as far as anybody knows. */
static bool terms_help(const struct spf_alternative_question *question)
{
	const struct spf_limit *limit = question->limit;
	bool dead = limit->then.dead != NULL && limit->today.dead == NULL;

	return !question->outside && !dead;
}

/* ---- the whole ---------------------------------------------------------------------- */

bool spf_alternative_find(struct arena *arena, const struct spf_alternative_question *question,
                          struct spf_alternatives *advice, struct err *err)
{
	struct adviser adviser = { .arena = arena, .question = question };
	const struct spf_merge *merge = question->merge;
	bool costly = merge->outcome == SPF_MERGE_REFUSED && merge->would_be != NULL;
	bool help = terms_help(question);

	*advice = (struct spf_alternatives){ 0 };
	if (merge->outcome != SPF_MERGE_MERGED && !costly)
		return true;
	adviser.ways = arena_take(arena, WAYS_MOST * sizeof *adviser.ways);
	if (costly) {
		if (help)
			mail_from_offer(&adviser);
		dkim_offer(&adviser);
	} else if (!redirect_offer(&adviser, err)) {
		return false;
	}
	if (!direct_offer(&adviser, err) || (costly && help && !clean_ups_offer(&adviser, err)))
		return false;
	*advice = (struct spf_alternatives){ adviser.ways, adviser.count };
	return true;
}

const char *spf_alternative_word(enum spf_way way)
{
	static const char *const words[SPF_WAYS] = {
		[SPF_WAY_MAIL_FROM] = "mail-from-subdomain",
		[SPF_WAY_DKIM] = "dkim-only",
		[SPF_WAY_DIRECT] = "direct",
		[SPF_WAY_CLEAN_UP] = "clean-up",
		[SPF_WAY_REDIRECT] = "redirect-target",
	};

	return words[way];
}

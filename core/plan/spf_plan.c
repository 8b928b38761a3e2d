#include "core/plan/plan_part.h"

#include <string.h>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/plan/spf_price.h"
#include "core/record/spf_mend.h"
#include "core/record/spf_record.h"

const char *planner_spf_term(struct arena *arena, const struct facts *facts)
{
	return arena_print(arena, "include:%s", facts->spf_host);
}

static bool merge_price(struct planner *planner, struct requirement *spf, struct spf_merge *merge,
                        struct err *err)
{
	struct spf_price price;

	if (!spf_price(planner->arena, planner->ask, spf->name, merge->record, &price, err))
		return false;
	if (price.lookups > SPF_LOOKUP_LIMIT) {
		spf_merge_refuse(merge,
		                 arena_print(planner->arena,
		                             _("with all includes the record would need more than "
		                               "%d DNS lookups (%zu counted)"),
		                             SPF_LOOKUP_LIMIT, price.lookups));
	} else if (price.dead != NULL && strcmp(price.dead, planner->facts->spf_host) == 0) {
		planner->unpublished = true;
	} else if (price.dead != NULL) {
		spf->note = arena_print(planner->arena,
		                        _("include:%s leads to no SPF record: receivers answer "
		                          "permerror"),
		                        price.dead);
	}
	return true;
}

/* The SPF records among the texts. */
static const char **spf_records(struct arena *arena, const struct ask_answer *answer, size_t *count)
{
	const char **records = arena_take(arena, (answer->count + 1) * sizeof *records);

	*count = 0;
	for (size_t i = 0; i < answer->count; i++)
		if (spf_record_is(answer->texts[i].text, answer->texts[i].length))
			records[(*count)++] = arena_copy_part(arena, answer->texts[i].text,
			                                      answer->texts[i].length);
	return records;
}

/* Nothing is advised that was not tried; what includes a record that we have
 * not published yet cannot be. */
static bool merge_prove(struct planner *planner, struct requirement *spf,
                        const struct spf_merge_wish *wish, const struct ask_answer *answer,
                        struct spf_merge *merge, struct err *err)
{
	struct ask_change change = { .domain = spf->name,
		                     .after = merge->record,
		                     .terms = wish->terms,
		                     .term_count = wish->term_count,
		                     .relays = wish->relays,
		                     .relay_count = wish->relay_count };
	struct ask_proof proof;

	if (planner->ask->prove == NULL || wish->relay_count == 0)
		return true;
	change.before = spf_records(planner->arena, answer, &change.before_count);
	if (!planner->ask->prove(planner->ask->context, planner->arena, &change, &proof, err))
		return false;
	if (proof.bad != NULL)
		spf_merge_refuse(merge, arena_print(planner->arena,
		                                    _("tried out, the record does not do what it "
		                                      "should: %s"),
		                                    proof.bad));
	else if (proof.unsure > 0 && spf->note == NULL)
		spf->note = arena_print(planner->arena,
		                        _("tried for %zu addresses; %zu of them could not be told: "
		                          "DNS did not answer"),
		                        proof.tried, proof.unsure);
	return true;
}

/* Several records: the first is replaced by the merged one, the others go. */
static void surplus_delete(struct planner *planner, const struct facts_domain *domain,
                           enum purpose purpose, const char *name, const struct ask_answer *answer)
{
	size_t seen = 0;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->texts[i].text, answer->texts[i].length) || seen++ == 0)
			continue;
		struct requirement *surplus = plan_part_add(planner, domain, purpose);
		surplus->action = ACTION_DELETE;
		surplus->name = name;
		surplus->type = "TXT";
		surplus->value = utf8_plain(planner->arena, answer->texts[i].text,
		                            answer->texts[i].length);
		surplus->note = _("a name may have only one SPF record");
	}
}

/* S19: decided by evaluation for every address of ours, not by looking for a
 * word: a nested include or a range may let us pass already. */
static bool all_pass(struct planner *planner, const char *domain, bool *pass, struct err *err)
{
	const struct facts *facts = planner->facts;
	size_t asked = 0;

	*pass = planner->ask->spf != NULL;
	for (size_t i = 0; i < facts->relay_count && *pass; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL && *pass;
		     a++, asked++) {
			struct ask_spf question = { .domain = domain,
				                    .address = *a,
				                    .helo = facts->relays[i].helo };
			struct spf_check_verdict verdict;
			if (!planner->ask->spf(planner->ask->context, planner->arena, &question,
			                       &verdict, err))
				return false;
			*pass = verdict.result == SPF_PASS;
		}
	*pass = *pass && asked > 0;
	return true;
}

/* The one SPF record among the texts; NULL when there is none, or several. */
static const char *only_record(struct arena *arena, const struct ask_answer *answer)
{
	const char *found = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		if (!spf_record_is(answer->texts[i].text, answer->texts[i].length))
			continue;
		if (found != NULL)
			return NULL;
		found = arena_copy_part(arena, answer->texts[i].text, answer->texts[i].length);
	}
	return found;
}

static const char *shown(struct planner *planner, const char *text)
{
	return text != NULL ? utf8_plain(planner->arena, text, strlen(text)) : NULL;
}

/* In quotes it is nobody's record, and still all that its owner wanted: a new
 * one beside it would lose their terms. */
static bool wrapped_refuse(struct planner *planner, struct requirement *spf,
                           const struct ask_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const char *text = arena_copy_part(planner->arena, answer->texts[i].text,
		                                   answer->texts[i].length);

		if (!spf_mend_is_wrapped(planner->arena, text))
			continue;
		planner->refused++;
		spf->action = ACTION_REPLACE;
		spf->present = shown(planner, text);
		spf->value = NULL;
		spf->note = _("the published record is broken and must be mended first: quotation "
		              "marks or blanks stand around it, so receivers see none");
		return true;
	}
	return false;
}

static bool spf_merge_into(struct planner *planner, const struct facts_domain *domain,
                           struct requirement *spf, const struct ask_answer *answer,
                           bool fails_today, struct err *err)
{
	const char *term = spf->addition;
	struct spf_merge merge;
	struct spf_merge_wish wish = { .records = answer->texts,
		                       .record_count = answer->count,
		                       .terms = &term,
		                       .term_count = 1,
		                       .fails_today = fails_today,
		                       .sends_now = plan_part_hosted(domain) };

	wish.relays = plan_part_addresses(planner, &wish.relay_count);
	if (!spf_merge(planner->arena, &wish, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_MERGED && !merge_price(planner, spf, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_MERGED && !planner->unpublished
	    && !merge_prove(planner, spf, &wish, answer, &merge, err))
		return false;
	if (merge.outcome == SPF_MERGE_REFUSED) {
		/* What must not be merged is shown as it is, with the reason. */
		planner->refused++;
		spf->action = ACTION_REPLACE;
		spf->present = shown(planner, merge.present);
		spf->value = NULL;
		spf->note = merge.reason;
		return true;
	}
	if (merge.spf_count == 0 && wrapped_refuse(planner, spf, answer))
		return true;
	if (merge.spf_count == 0)
		return true; /* the addition, as a whole record */
	spf->action = merge.outcome == SPF_MERGE_UNCHANGED ? ACTION_KEEP : ACTION_REPLACE;
	if (spf->action == ACTION_REPLACE)
		spf->present = shown(planner, merge.present);
	spf->value = merge.record;
	if (merge.spf_count > 1) {
		const char *name = spf->name;
		enum purpose purpose = spf->purpose;
		surplus_delete(planner, domain, purpose, name, answer);
	}
	return true;
}

/* The name whose SPF receivers look at: the envelope domain. */
bool plan_part_spf(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	bool own_name = domain->envelope_domain == NULL
	                || plan_part_is(domain->envelope_domain, domain->name);
	enum purpose purpose = own_name ? PURPOSE_SPF : PURPOSE_MAILFROM;
	struct requirement *spf = plan_part_add(planner, domain, purpose);
	struct ask_answer answer = { .state = ASK_NONE };

	spf->name = own_name ? domain->name : domain->envelope_domain;
	spf->type = "TXT";
	spf->addition = planner_spf_term(planner->arena, planner->facts);
	/* Where only we send, nobody else may; elsewhere others are not ours to judge. */
	spf->value = arena_print(planner->arena, "v=spf1 %s %s", spf->addition,
	                         own_name && !plan_part_hosted(domain) ? "~all" : "-all");
	if (planner->ask == NULL)
		return true;
	if (!plan_part_text(planner, spf->name, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN) {
		planner->unknown++;
		spf->note =
			arena_print(planner->arena,
		                    _("DNS did not say what is published today (%s); shown as an "
		                      "addition"),
		                    answer.why);
		return true;
	}
	const char *today = only_record(planner->arena, &answer);
	bool pass = false;
	if (today != NULL && !all_pass(planner, spf->name, &pass, err))
		return false;
	if (pass) {
		spf->action = ACTION_KEEP;
		spf->value = today;
		return true;
	}
	return spf_merge_into(planner, domain, spf, &answer,
	                      today != NULL && planner->ask->spf != NULL, err);
}

/* A MAIL FROM domain must be able to take bounces, else receivers refuse it. */
void plan_part_bounce(struct planner *planner, const struct facts_domain *domain)
{
	const char *name = domain->envelope_domain != NULL ? domain->envelope_domain : domain->name;

	if (!plan_part_hosted(domain)
	    && (domain->envelope_domain == NULL || plan_part_is(name, domain->name)))
		return;
	for (size_t i = 0; i < planner->facts->relay_count; i++) {
		struct requirement *mx = plan_part_add(planner, domain, PURPOSE_MAILFROM);
		mx->required = false;
		mx->name = name;
		mx->type = "MX";
		mx->value = arena_print(planner->arena, "10 %s", planner->facts->relays[i].helo);
	}
}

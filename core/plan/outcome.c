#include "core/plan/outcome.h"

#include <string.h>

#include "core/base/words.h"

/* What is being predicted. */
struct prediction {
	struct arena *arena;
	const struct ask *ask;
	const struct facts *facts;
	const struct facts_domain *domain;
	const struct requirement_list *plan;
	struct outcome *outcome;
};

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool is_txt(const struct requirement *requirement)
{
	return requirement->type != NULL && is(requirement->type, "TXT");
}

/* ---- SPF ------------------------------------------------------------------------ */

/* The record that shall let us send; NULL when the plan has none. */
static const char *planned_spf(const struct prediction *prediction)
{
	for (size_t i = 0; i < prediction->plan->count; i++) {
		const struct requirement *r = &prediction->plan->items[i];
		if (is_txt(r) && r->action != ACTION_DELETE && r->waived == NULL
		    && (r->purpose == PURPOSE_SPF || r->purpose == PURPOSE_MAILFROM))
			return r->value;
	}
	return NULL;
}

/* The first address that does not pass speaks for all. */
static bool spf_evaluate(const struct prediction *prediction, const char *record, struct err *err)
{
	struct outcome_check *spf = &prediction->outcome->spf;
	const struct facts *facts = prediction->facts;

	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++) {
			struct ask_spf question = { .domain = spf->domain,
				                    .record = record,
				                    .address = *a,
				                    .helo = facts->relays[i].helo };
			struct spf_check_verdict verdict;
			if (!prediction->ask->spf(prediction->ask->context, prediction->arena,
			                          &question, &verdict, err))
				return false;
			if (verdict.lookups > prediction->outcome->lookups)
				prediction->outcome->lookups = verdict.lookups;
			if (spf->result == NULL)
				spf->result = "pass";
			if (verdict.result == SPF_PASS || !is(spf->result, "pass"))
				continue;
			spf->result = spf_check_word(verdict.result);
			spf->problem = verdict.problem != NULL ? verdict.problem
			               : verdict.mechanism != NULL
			                       ? arena_print(prediction->arena,
			                                     _("\"%s\" decides about %s"),
			                                     verdict.mechanism, *a)
			                       : NULL;
		}
	return true;
}

static bool spf_predict(const struct prediction *prediction, struct err *err)
{
	const struct facts_domain *domain = prediction->domain;
	struct outcome_check *spf = &prediction->outcome->spf;
	const char *record = planned_spf(prediction);

	spf->domain = domain->envelope_domain != NULL ? domain->envelope_domain : domain->name;
	if (prediction->ask == NULL || prediction->ask->spf == NULL)
		spf->result = record != NULL ? "pass" : NULL;
	else if (!spf_evaluate(prediction, record, err))
		return false;
	if (spf->result == NULL) {
		spf->result = "unknown";
		spf->problem = prediction->ask == NULL
		                       ? _("DNS was not asked")
		                       : _("no relay with an address is registered");
	}
	return true;
}

/* ---- DKIM ----------------------------------------------------------------------- */

static void dkim_predict(const struct prediction *prediction)
{
	const struct facts_domain *domain = prediction->domain;
	struct outcome_check *dkim = &prediction->outcome->dkim;
	bool signs = domain->dkim && domain->waived[PURPOSE_DKIM] == NULL;

	dkim->domain = domain->name;
	dkim->result = signs ? "pass" : "none";
	if (!signs)
		dkim->problem = _("no signature is ordered");
}

/* ---- DMARC ---------------------------------------------------------------------- */

/* What stands nowhere yet and will: the plan's own DMARC record. */
static const char *planned_dmarc(const struct prediction *prediction)
{
	for (size_t i = 0; i < prediction->plan->count; i++) {
		const struct requirement *r = &prediction->plan->items[i];
		if (r->purpose == PURPOSE_DMARC && r->action == ACTION_ADD && r->waived == NULL
		    && is(r->domain, prediction->domain->name))
			return r->value;
	}
	return NULL;
}

static bool align(const struct prediction *prediction, enum dmarc_regime regime, struct err *err)
{
	struct outcome *outcome = prediction->outcome;
	const struct dmarc_view *view = &outcome->reading.views[regime];

	if (!dmarc_reading_aligned(prediction->arena, prediction->ask, &outcome->reading, regime,
	                           outcome->spf.domain, view->record.strict_spf,
	                           &outcome->spf.aligned[regime], err)
	    || !dmarc_reading_aligned(prediction->arena, prediction->ask, &outcome->reading, regime,
	                              outcome->dkim.domain, view->record.strict_dkim,
	                              &outcome->dkim.aligned[regime], err))
		return false;
	/* "an identifier that passed": what fails aligns with nothing (4.4). */
	outcome->spf.aligned[regime] = outcome->spf.aligned[regime]
	                               && is(outcome->spf.result, "pass");
	outcome->dkim.aligned[regime] = outcome->dkim.aligned[regime]
	                                && is(outcome->dkim.result, "pass");
	outcome->passes[regime] = outcome->spf.aligned[regime] || outcome->dkim.aligned[regime];
	return true;
}

/* What a receiver does with mail that fails, by the policy it finds. */
static const char *const fates[DMARC_POLICIES] = {
	[DMARC_UNSAID] = N_("no policy is published: the receiver judges for itself"),
	[DMARC_NONE] = N_("DMARC fails; the policy none only has it reported"),
	[DMARC_QUARANTINE] = N_("DMARC fails; the policy quarantine files it as spam"),
	[DMARC_REJECT] = N_("DMARC fails; the policy reject refuses it"),
};

static const char *fate(struct arena *arena, const struct outcome *outcome,
                        enum dmarc_regime regime)
{
	const struct dmarc_view *view = &outcome->reading.views[regime];

	if (outcome->reading.unknown && view->policy == DMARC_UNSAID)
		return _("the published policy is not known");
	if (outcome->passes[regime] && view->policy != DMARC_UNSAID)
		return _("DMARC passes: the mail counts as genuine");
	if (regime == DMARC_RFC7489 && view->record.percent < 100 && view->policy > DMARC_NONE)
		return arena_print(arena, _("%s (pct: for %d %% of the mail)"),
		                   _(fates[view->policy]), view->record.percent);
	return _(fates[view->policy]);
}

static const char *policy_word(const struct dmarc_view *view)
{
	return view->policy == DMARC_UNSAID ? _("no policy") : dmarc_record_word(view->policy);
}

static const char *difference(struct arena *arena, const struct outcome *outcome)
{
	const struct dmarc_view *walk = &outcome->reading.views[DMARC_RFC9989];
	const struct dmarc_view *list = &outcome->reading.views[DMARC_RFC7489];

	if (outcome->passes[DMARC_RFC9989] != outcome->passes[DMARC_RFC7489])
		return arena_print(arena,
		                   _("DMARC %s by RFC 9989, where %s is the organizational domain, "
		                     "and %s by RFC 7489, where it is %s"),
		                   outcome->passes[DMARC_RFC9989] ? _("passes") : _("fails"),
		                   walk->organization,
		                   outcome->passes[DMARC_RFC7489] ? _("passes") : _("fails"),
		                   list->organization);
	if (walk->policy != list->policy)
		return arena_print(arena, _("by RFC 9989 the policy is %s, by RFC 7489 it is %s"),
		                   policy_word(walk), policy_word(list));
	return NULL;
}

static bool holds(const struct outcome *outcome, enum dmarc_policy policy)
{
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++)
		if (outcome->reading.views[regime].policy == policy)
			return true;
	return false;
}

static bool counts(const struct outcome_check *check)
{
	return is(check->result, "pass") && check->aligned[DMARC_RFC9989];
}

static void judge(struct arena *arena, const char *domain, struct outcome *outcome)
{
	bool spf = counts(&outcome->spf), dkim = counts(&outcome->dkim);

	if (spf && dkim)
		outcome->sentence = _("SPF and DKIM will both pass and align: DMARC passes, also "
		                      "when mail is forwarded");
	else if (dkim)
		outcome->sentence = _("DKIM will pass and align: DMARC passes");
	else if (spf)
		outcome->sentence = _("only SPF will pass and align: DMARC passes, but fails as "
		                      "soon as mail is forwarded");
	else
		outcome->sentence = _("neither SPF nor DKIM will pass: DMARC fails");

	outcome->refused = holds(outcome, DMARC_REJECT) && !dkim;
	if (outcome->refused)
		outcome->warning = arena_print(arena,
		                               _("%s publishes p=reject: sending with SPF "
		                                 "alone is not acceptable; order DKIM"),
		                               domain);
	else if (holds(outcome, DMARC_QUARANTINE) && !dkim)
		outcome->warning = arena_print(arena,
		                               _("%s publishes p=quarantine: forwarded mail "
		                                 "will be filed as spam without DKIM"),
		                               domain);
	else if (is(outcome->spf.result, "fail"))
		outcome->warning = arena_print(arena,
		                               _("the SPF record of %s refuses our addresses: some "
		                                 "receivers refuse the mail before they look at "
		                                 "DKIM"),
		                               outcome->spf.domain);
}

bool outcome_predict(struct arena *arena, const struct ask *ask, const struct facts *facts,
                     const struct facts_domain *domain, const struct requirement_list *plan,
                     struct outcome *outcome, struct err *err)
{
	struct prediction prediction = { .arena = arena,
		                         .ask = ask,
		                         .facts = facts,
		                         .domain = domain,
		                         .plan = plan,
		                         .outcome = outcome };

	*outcome = (struct outcome){ 0 };
	if (is(domain->mode, "direct") || is(domain->mode, "on-premises"))
		return true;
	outcome->ours = true;
	dkim_predict(&prediction);
	if (!spf_predict(&prediction, err)
	    || !dmarc_reading_find(arena, ask, domain->name, planned_dmarc(&prediction),
	                           &outcome->reading, err))
		return false;
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++) {
		if (!align(&prediction, regime, err))
			return false;
		outcome->receiver[regime] = fate(arena, outcome, regime);
	}
	outcome->difference = difference(arena, outcome);
	judge(arena, domain->name, outcome);
	return true;
}

/* ---- as JSON -------------------------------------------------------------------- */

static struct tree *check_tree(const struct outcome_check *check)
{
	struct tree *map = tree_map(), *aligned = tree_map();

	tree_put_text(map, "result", check->result);
	tree_put_text(map, "domain", check->domain);
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++)
		tree_put_bool(aligned, dmarc_reading_regime(regime), check->aligned[regime]);
	tree_put(map, "aligned", aligned);
	tree_put_text(map, "problem", check->problem);
	return map;
}

static struct tree *regime_tree(const struct outcome *outcome, enum dmarc_regime regime)
{
	const struct dmarc_view *view = &outcome->reading.views[regime];
	struct tree *map = tree_map();

	tree_put_text(map, "result", outcome->passes[regime] ? "pass" : "fail");
	tree_put_text(map, "policy", dmarc_record_word(view->policy));
	tree_put_text(map, "record", view->name);
	tree_put_text(map, "organizational_domain", view->organization);
	tree_put_text(map, "receiver", outcome->receiver[regime]);
	return map;
}

struct tree *outcome_tree(const struct outcome *outcome)
{
	const struct dmarc_view *view = &outcome->reading.views[DMARC_RFC9989];
	struct tree *map = tree_map();

	if (!outcome->ours)
		return map;
	tree_put_bool(map, "spf_aligned", counts(&outcome->spf));
	tree_put_bool(map, "dkim_aligned", counts(&outcome->dkim));
	tree_put_text(map, "dmarc", outcome->passes[DMARC_RFC9989] ? "pass" : "fail");
	tree_put_text(map, "policy", dmarc_record_word(view->policy));
	tree_put(map, "spf", check_tree(&outcome->spf));
	tree_put(map, "dkim", check_tree(&outcome->dkim));
	for (enum dmarc_regime regime = DMARC_RFC9989; regime < DMARC_REGIMES; regime++)
		tree_put(map, dmarc_reading_regime(regime), regime_tree(outcome, regime));
	tree_put_number(map, "lookups", outcome->lookups);
	tree_put_text(map, "sentence", outcome->sentence);
	tree_put_text(map, "difference", outcome->difference);
	tree_put_text(map, "broken", outcome->reading.broken);
	tree_put_bool(map, "refused", outcome->refused);
	tree_put_text(map, "warning", outcome->warning);
	return map;
}

#include "core/plan/dmarc_outcome.h"

#include <string.h>

#include "core/base/words.h"
#include "core/record/dmarc_record.h"
#include "core/record/name.h"

/* Under strict alignment only the very same domain counts. */
static bool aligned(const char *domain, const char *other, bool strict)
{
	return strict ? strcmp(domain, other) == 0 : name_within(other, domain);
}

/* The policy that holds for the domain, of a record that is published today. */
static bool policy_read(struct arena *arena, const struct requirement *r, const char *domain,
                        struct dmarc_record *record, struct dmarc_outcome *outcome)
{
	struct err err = { 0 };

	if (r->purpose != PURPOSE_DMARC || r->action != ACTION_KEEP || r->value == NULL
	    || !dmarc_record_parse(arena, r->value, strlen(r->value), record, &err))
		return false;
	bool own = strcmp(r->name, dmarc_record_name(arena, domain)) == 0;
	outcome->policy = dmarc_record_word(dmarc_record_policy(record, own, true));
	return true;
}

static void judge(struct arena *arena, const char *domain, struct dmarc_outcome *outcome)
{
	bool reject = strcmp(outcome->policy, "reject") == 0;
	bool quarantine = strcmp(outcome->policy, "quarantine") == 0;

	if (outcome->spf && outcome->dkim)
		outcome->sentence = _("SPF and DKIM will both pass and align: DMARC passes, also "
		                      "when mail is forwarded");
	else if (outcome->dkim)
		outcome->sentence = _("DKIM will pass and align: DMARC passes");
	else if (outcome->spf)
		outcome->sentence = _("only SPF will pass and align: DMARC passes, but fails as "
		                      "soon as mail is forwarded");
	else
		outcome->sentence = _("neither SPF nor DKIM will pass: DMARC fails");

	outcome->refused = reject && !outcome->dkim;
	if (outcome->refused)
		outcome->warning = arena_print(arena,
		                               _("%s publishes p=reject: sending with SPF "
		                                 "alone is not acceptable; order DKIM"),
		                               domain);
	else if (quarantine && !outcome->dkim)
		outcome->warning = arena_print(arena,
		                               _("%s publishes p=quarantine: forwarded mail "
		                                 "will be filed as spam without DKIM"),
		                               domain);
}

void dmarc_outcome(struct arena *arena, const struct facts_domain *domain,
                   const struct requirement_list *plan, struct dmarc_outcome *outcome)
{
	const char *envelope = domain->envelope_domain != NULL ? domain->envelope_domain
	                                                       : domain->name;
	struct dmarc_record record = { 0 };
	bool authorised = false, signs = false;

	*outcome = (struct dmarc_outcome){ .policy = "" };
	if (strcmp(domain->mode, "direct") == 0 || strcmp(domain->mode, "on-premises") == 0)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		const struct requirement *r = &plan->items[i];
		bool stays = r->action != ACTION_DELETE && r->waived == NULL && r->value != NULL;
		bool txt = r->type != NULL && strcmp(r->type, "TXT") == 0;
		(void)policy_read(arena, r, domain->name, &record, outcome);
		if (stays && txt && (r->purpose == PURPOSE_SPF || r->purpose == PURPOSE_MAILFROM))
			authorised = true;
		if (stays && r->purpose == PURPOSE_DKIM && r->required)
			signs = true;
	}
	outcome->ours = true;
	outcome->spf = authorised && aligned(domain->name, envelope, record.strict_spf);
	outcome->dkim = signs;
	judge(arena, domain->name, outcome);
}

struct tree *dmarc_outcome_tree(const struct dmarc_outcome *outcome)
{
	struct tree *map = tree_map();

	if (!outcome->ours)
		return map;
	tree_put_bool(map, "spf_aligned", outcome->spf);
	tree_put_bool(map, "dkim_aligned", outcome->dkim);
	tree_put_text(map, "dmarc", outcome->spf || outcome->dkim ? "pass" : "fail");
	tree_put_text(map, "policy", outcome->policy);
	tree_put_text(map, "sentence", outcome->sentence);
	tree_put_text(map, "warning", outcome->warning);
	return map;
}

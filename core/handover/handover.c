#include "core/handover/handover.h"

#include <string.h>

#include "core/base/words.h"
#include "core/handover/sheet_model.h"
#include "core/model/dkim_key.h"
#include "core/model/event.h"
#include "core/plan/outcome.h"
#include "core/plan/planner.h"

/* D6: nobody is handed a plan that the customer's own policy throws away. */
static bool plan_allowed(const struct planner *planner, const struct facts_domain *domain,
                         size_t first, struct err *err)
{
	const struct requirement_list its = { .items = planner->list.items + first,
		                              .count = planner->list.count - first };
	struct outcome outcome;

	if (planner->ask == NULL)
		return true;
	if (!outcome_predict(planner->arena, planner->ask, planner->facts, domain, &its, &outcome,
	                     err))
		return false;
	if (!outcome.refused)
		return true;
	(void)err_set(err, ERR_REFUSED, "%s", outcome.warning);
	return err_hint(err,
	                _("senderctl domain set %s --dkim yes; \"senderctl plan show\" has "
	                  "other ways"),
	                domain->name);
}

static bool plan_all(struct planner *planner, struct err *err)
{
	for (size_t i = 0; i < planner->facts->domain_count; i++) {
		const struct facts_domain *domain = &planner->facts->domains[i];
		size_t first = planner->list.count;
		if (!planner_domain(planner, domain, err)
		    || !plan_allowed(planner, domain, first, err))
			return false;
	}
	return true;
}

/* The sheet's sentences that come from the planner must be in its language. */
static bool plan_in(const char *language, struct planner *planner, struct err *err)
{
	const char *spoken = strcmp(words_language(), "de") == 0 ? "de" : "en";

	words_setup(language);
	bool ok = plan_all(planner, err);
	words_setup(spoken);
	return ok;
}

/* The zones of the domains, when DNS may be asked: panels want names relative to them. */
static bool zones_find(struct arena *arena, const struct planner *planner, const char ***zones,
                       struct err *err)
{
	const struct facts *facts = planner->facts;
	const struct ask *ask = planner->ask;

	*zones = NULL;
	if (ask == NULL || ask->zone == NULL)
		return true;
	*zones = arena_take(arena, facts->domain_count * sizeof **zones);
	for (size_t i = 0; i < facts->domain_count; i++)
		if (strcmp(facts->domains[i].mode, "relayed") == 0
		    && !ask->zone(ask->context, arena, facts->domains[i].name, &(*zones)[i], err))
			return false;
	return true;
}

static bool model_make(struct db *db, struct arena *arena, const struct scope *client,
                       const char *language, const struct planner *planner, struct text *model,
                       struct err *err)
{
	struct facts_client whom;
	const char **zones;

	if (!facts_client_load(db, arena, client, &whom, err)
	    || !zones_find(arena, planner, &zones, err))
		return false;
	struct sheet_model what = {
		.facts = planner->facts,
		.requirements = &planner->list,
		.zones = zones,
		.client = whom.name,
		.client_title = whom.title,
		.client_contact = whom.contact,
		.language = language,
	};
	struct tree *tree = sheet_model_tree(arena, &what);
	tree_render(tree, false, model);
	tree_drop(tree);
	return true;
}

/* Domains and keys of the sheet; the keys are publish-pending from now on. */
static bool contents_add(struct db *db, const struct planner *planner, struct handover *handover,
                         struct err *err)
{
	for (size_t i = 0; i < planner->facts->domain_count; i++)
		if (!sheet_add_domain(db, &handover->sheet, planner->facts->domains[i].id, err))
			return false;
	for (size_t i = 0; i < planner->list.count; i++) {
		const struct requirement *r = &planner->list.items[i];
		if (r->key_id == 0 || r->action != ACTION_ADD)
			continue;
		if (!sheet_add_key(db, &handover->sheet, r->key_id, err)
		    || !dkim_key_hand_over(db, planner->facts->provider_id, r->key_id, err))
			return false;
	}
	return true;
}

static size_t keys_on(const struct requirement_list *list)
{
	size_t keys = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct requirement *r = &list->items[i];
		if (r->key_id != 0 && r->action == ACTION_ADD
		    && (i == 0 || list->items[i - 1].key_id != r->key_id))
			keys++;
	}
	return keys;
}

static bool event_write(struct db *db, struct arena *arena, const struct scope *client,
                        const struct handover *handover, struct err *err)
{
	struct tree *detail = tree_map();

	tree_put_number(detail, "number", handover->sheet.number);
	tree_put_text(detail, "language", handover->sheet.language);
	tree_put_text(detail, "sheet", handover->sheet.uuid);
	bool ok = event_add(db,
	                    &(struct event){
				    .provider_id = client->provider_id,
				    .client_id = client->client_id,
				    .subject = client->words,
				    .what = "handover.issue",
				    .why = arena_print(arena, _("sheet no. %d was issued"),
	                                               handover->sheet.number),
				    .detail = detail,
			    },
	                    err);
	tree_drop(detail);
	return ok;
}

/* Everything up to the model; facts and plan stay for the caller. */
static bool prepare(struct db *db, struct arena *arena, const struct scope *client,
                    const char *language, struct facts *facts, struct planner *planner,
                    struct text *model, struct handover *handover, struct err *err)
{
	*handover = (struct handover){ 0 };
	if (!facts_load(db, arena, client, facts, err))
		return false;
	if (facts->domain_count == 0) {
		(void)err_set(err, ERR_REFUSED, _("%s has no sender domain yet"), client->words);
		return err_hint(err, _("senderctl sender add registers the first address"));
	}
	if (!plan_in(language, planner, err)
	    || !model_make(db, arena, client, language, planner, model, err))
		return false;
	handover->keys = keys_on(&planner->list);
	handover->keyless = planner->keyless;
	handover->refused = planner->refused;
	handover->unknown = planner->unknown;
	return true;
}

bool handover_preview(struct db *db, struct arena *arena, const struct scope *client,
                      const char *language, const struct ask *ask, struct text *model,
                      struct handover *handover, struct err *err)
{
	struct facts facts;
	struct planner planner = { .arena = arena, .facts = &facts, .ask = ask };

	return prepare(db, arena, client, language != NULL ? language : client->language, &facts,
	               &planner, model, handover, err);
}

bool handover_issue(struct db *db, struct arena *arena, const struct scope *client,
                    const char *language, const struct ask *ask, struct handover *handover,
                    struct err *err)
{
	struct facts facts;
	struct planner planner = { .arena = arena, .facts = &facts, .ask = ask };
	struct text model = { 0 };
	bool found = false, ok = false;

	if (language == NULL)
		language = client->language;
	if (!prepare(db, arena, client, language, &facts, &planner, &model, handover, err)
	    || !sheet_find_same(db, arena, client->provider_id, client->client_id, language,
	                        text_string(&model), &handover->sheet, &found, err))
		goto out;
	handover->issued = !found;
	if (!found
	    && (!sheet_add(db, arena, client->provider_id, client->client_id, language,
	                   text_string(&model), &handover->sheet, err)
	        || !contents_add(db, &planner, handover, err)
	        || !event_write(db, arena, client, handover, err)))
		goto out;
	ok = true;
out:
	text_free(&model);
	return ok;
}

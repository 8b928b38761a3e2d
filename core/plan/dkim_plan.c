#include "core/plan/plan_part.h"

#include <string.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/record/dkim_record.h"

static enum requirement_action key_action(const struct facts_key *key)
{
	static const struct {
		const char *state;
		enum requirement_action action;
	} rows[] = {
		{ "generated", ACTION_ADD },    { "publish-pending", ACTION_ADD },
		{ "published", ACTION_KEEP },   { "active", ACTION_KEEP },
		{ "retiring", ACTION_KEEP },    { "retired", ACTION_DELETE },
		{ "destroyed", ACTION_DELETE }, { "cancelled", ACTION_DELETE },
		{ "revoked", ACTION_REPLACE },
	};

	for (size_t i = 0; i < LENGTH(rows); i++)
		if (plan_part_is(rows[i].state, key->state))
			return rows[i].action;
	return ACTION_KEEP;
}

static struct requirement *key_record(struct planner *planner, const struct facts_domain *domain,
                                      const struct facts_key *key)
{
	struct requirement *record = plan_part_add(planner, domain, PURPOSE_DKIM);

	record->action = key_action(key);
	/* Only what a signature needs now or soon must be there. */
	if (record->action == ACTION_DELETE || record->action == ACTION_REPLACE || key->standby)
		record->required = false;
	record->selector = key->selector;
	record->key_id = key->id;
	return record;
}

static void key_text(struct planner *planner, const struct facts_key *key,
                     struct requirement *record)
{
	struct text value = { 0 };

	record->type = "TXT";
	dkim_record_render(&value, key->algorithm, key->public_key, key->public_key_size);
	record->value = arena_copy(planner->arena, text_string(&value));
	text_free(&value);
	if (record->action == ACTION_REPLACE) {
		/* A key in wrong hands: its record stays and says that it is void. */
		record->present = record->value;
		record->value = dkim_record_revoked();
	}
}

/* With DNS at hand: what is there already need not be added, and what is gone
 * need not be deleted. */
static bool key_observe(struct planner *planner, const struct facts_key *key,
                        struct requirement *record, struct err *err)
{
	struct ask_answer answer;
	struct dkim_record found;
	struct err broken = { 0 };

	if (planner->ask == NULL || record->action == ACTION_REPLACE)
		return true;
	if (!plan_part_text(planner, record->name, &answer, err))
		return false;
	if (answer.state == ASK_UNKNOWN) {
		planner->unknown++;
		return true;
	}
	bool wanted = record->action != ACTION_DELETE;
	bool same = answer.count == 1
	            && dkim_record_parse(planner->arena, answer.texts[0].text,
	                                 answer.texts[0].length, &found, &broken)
	            && dkim_record_same_key(&found, key->algorithm, key->public_key,
	                                    key->public_key_size);
	if (wanted && answer.count > 0 && !same) {
		record->action = ACTION_REPLACE;
		record->present = utf8_plain(planner->arena, answer.texts[0].text,
		                             answer.texts[0].length);
	} else if (wanted) {
		record->action = same ? ACTION_KEEP : ACTION_ADD;
	} else if (answer.count == 0) {
		planner->list.count--;
	}
	return true;
}

static bool in_list(const char *const *list, const char *word)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (plan_part_is(list[i], word))
			return true;
	return false;
}

/* Where a name of the customer's leads to us: until it was seen to, it is to be added. */
static enum requirement_action leading(const struct facts_domain *domain,
                                       const struct requirement *record)
{
	return in_list(domain->pointed, record->name) ? ACTION_KEEP : ACTION_ADD;
}

/* The record in our own zone.  The customer's pointer may stay for long: what it
 * points to says that the key is void (RFC 5863 3.5.2). */
static void own_record(struct planner *planner, const struct facts_domain *domain,
                       const struct facts_key *key, const char *name)
{
	struct requirement *record = key_record(planner, domain, key);

	record->owner = OWNER_PROVIDER;
	record->name = name;
	key_text(planner, key, record);
	if (record->action == ACTION_DELETE) {
		record->action = ACTION_REPLACE;
		record->present = record->value;
		record->value = dkim_record_revoked();
	}
}

/* A key that stood in a slot which has another one now is forgotten. */
static bool succeeded(const struct facts_domain *domain, const struct facts_key *key)
{
	for (const struct facts_key *k = key + 1; k < domain->keys + domain->key_count; k++)
		if (plan_part_is(k->selector, key->selector))
			return true;
	return false;
}

static bool pointed_plan(struct planner *planner, const struct facts_domain *domain,
                         const struct facts_key *key, struct err *err)
{
	struct arena *arena = planner->arena;
	bool slot = in_list(domain->slots, key->selector);
	struct requirement *pointer;

	if (succeeded(domain, key))
		return true;
	pointer = key_record(planner, domain, key);
	pointer->name = dkim_record_name(arena, key->selector, domain->name);
	pointer->type = "CNAME";
	pointer->value = dkim_record_target(arena, key->selector, domain->name,
	                                    planner->facts->hosting_domain);
	const char *target = pointer->value;
	size_t before = planner->list.count;
	if (slot) {
		/* it outlives the key */
		pointer->action = pointer->action == ACTION_ADD ? leading(domain, pointer)
		                                                : ACTION_KEEP;
	} else if (pointer->action == ACTION_REPLACE) {
		pointer->action = ACTION_KEEP;
	} else if (!key_observe(planner, key, pointer, err)) {
		return false;
	} else if (planner->list.count < before) {
		return true;
	}
	own_record(planner, domain, key, target);
	return true;
}

/* Slots without a key: their CNAMEs are set once, with those of the first key, so
 * that no later rotation needs anybody. */
static void empty_slots(struct planner *planner, const struct facts_domain *domain)
{
	for (size_t i = 0; domain->slots != NULL && domain->slots[i] != NULL; i++) {
		bool used = false;
		for (size_t k = 0; k < domain->key_count; k++)
			used = used || plan_part_is(domain->keys[k].selector, domain->slots[i]);
		if (used)
			continue;
		struct requirement *pointer = plan_part_add(planner, domain, PURPOSE_DKIM);
		pointer->required = false;
		pointer->selector = domain->slots[i];
		pointer->name = dkim_record_name(planner->arena, domain->slots[i], domain->name);
		pointer->type = "CNAME";
		pointer->value = dkim_record_target(planner->arena, domain->slots[i], domain->name,
		                                    planner->facts->hosting_domain);
		pointer->action = leading(domain, pointer);
		pointer->note = _("the place of a later key: set it now, and no change of keys "
		                  "needs you again");
	}
}

/* One name below _domainkey is a zone of ours; other signers of the customer's
 * keep theirs. */
static bool delegation_plan(struct planner *planner, const struct facts_domain *domain,
                            struct err *err)
{
	const char *const *servers = planner->facts->name_servers;
	bool wanted = plan_part_is(domain->publish, "ns") && domain->dkim;

	for (size_t i = 0; i < domain->key_count; i++)
		wanted = wanted || plan_part_is(domain->keys[i].publish, "ns");
	if (!wanted || !plan_part_is(domain->mode, "relayed"))
		return true;
	if (servers == NULL || servers[0] == NULL) {
		(void)err_set(err, ERR_INPUT,
		              _("%s: to delegate a name by NS, the provider's name servers must "
		                "be known"),
		              domain->name);
		return err_hint(err, _("senderctl provider set %s --name-servers ns1...,ns2..."),
		                planner->facts->provider);
	}
	for (size_t i = 0; servers[i] != NULL; i++) {
		struct requirement *cut = plan_part_add(planner, domain, PURPOSE_DKIM);
		cut->name = dkim_record_name(planner->arena, planner->facts->key_label,
		                             domain->name);
		cut->type = "NS";
		cut->value = servers[i];
		cut->action = leading(domain, cut);
		cut->required = domain->waived[PURPOSE_DKIM] == NULL;
	}
	return true;
}

static bool key_plan(struct planner *planner, const struct facts_domain *domain,
                     const struct facts_key *key, struct err *err)
{
	const char *name = dkim_record_name(planner->arena, key->selector, domain->name);

	/* In our own zone a pointer to ourselves would only cost a lookup. */
	if (plan_part_is(key->publish, "txt") || plan_part_hosted(domain)) {
		struct requirement *record = key_record(planner, domain, key);
		record->name = name;
		key_text(planner, key, record);
		return key_observe(planner, key, record, err);
	}
	if (plan_part_is(key->publish, "cname"))
		return pointed_plan(planner, domain, key, err);
	own_record(planner, domain, key, name);
	return true;
}

bool plan_part_dkim(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	bool living = false;

	if (!delegation_plan(planner, domain, err))
		return false;
	for (size_t i = 0; i < domain->key_count; i++) {
		if (!key_plan(planner, domain, &domain->keys[i], err))
			return false;
		living = living || plan_part_is(domain->keys[i].state, "active")
		         || plan_part_is(domain->keys[i].state, "published")
		         || key_action(&domain->keys[i]) == ACTION_ADD;
	}
	empty_slots(planner, domain);
	if (!living)
		planner->keyless++;
	return true;
}

#include "core/handover/sheet_model.h"

#include <string.h>

#include "core/base/text.h"
#include "core/record/address.h"
#include "core/record/name.h"
#include "core/record/suffix.h"
#include "core/record/zone_text.h"

/* Templates look outwards for a name they do not find: what is absent is put
 * as null, so that nobody else's value is taken instead. */
static void put_flag(struct tree *map, const char *name, bool value)
{
	tree_put_bool(map, name, value);
}

static bool is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

/* The customer's hands are needed (or must stay away); what was waived stands
 * in a sentence of its own. */
static bool concerns(const struct requirement *r, const struct facts_domain *domain)
{
	return r->owner == OWNER_CUSTOMER && requirement_is_record(r) && r->waived == NULL
	       && strcmp(r->domain, domain->name) == 0;
}

/* Where the customer's DNS panel begins: as DNS says, else what can be
 * registered. */
static const char *zone_of(struct arena *arena, const struct sheet_model *model,
                           const struct facts_domain *domain)
{
	const char *registrable = suffix_registrable(arena, domain->name);
	size_t at = (size_t)(domain - model->facts->domains);

	/* A registry's zone is nobody's panel: then the domain does not exist yet. */
	if (model->zones != NULL && model->zones[at] != NULL
	    && name_within(model->zones[at], registrable))
		return model->zones[at];
	return registrable;
}

/* ---- one record ----------------------------------------------------------------- */

static void record_flags(struct tree *map, const struct requirement *r)
{
	bool text = is(r->type, "TXT"), dkim = r->purpose == PURPOSE_DKIM;
	bool spf = r->purpose == PURPOSE_SPF || (r->purpose == PURPOSE_MAILFROM && text);
	bool gone = r->action == ACTION_DELETE;

	put_flag(map, "spf", spf);
	put_flag(map, "dkim", dkim);
	put_flag(map, "dmarc", r->purpose == PURPOSE_DMARC);
	put_flag(map, "mailfrom", r->purpose == PURPOSE_MAILFROM && !text);
	put_flag(map, "is_replace", r->action == ACTION_REPLACE);
	put_flag(map, "spf_addition", spf && r->action == ACTION_ADD);
	put_flag(map, "spf_merged", spf && r->action == ACTION_REPLACE && r->value != NULL);
	put_flag(map, "dkim_text", dkim && text && r->action == ACTION_ADD);
	put_flag(map, "dkim_pointer", dkim && is(r->type, "CNAME") && !gone);
	put_flag(map, "dkim_delete", dkim && gone);
	put_flag(map, "dkim_void", dkim && r->action == ACTION_REPLACE);
	put_flag(map, "dmarc_addition", r->purpose == PURPOSE_DMARC && r->action == ACTION_ADD);
	put_flag(map, "mailfrom_mx", is(r->type, "MX"));
}

static struct tree *record_tree(struct arena *arena, const struct requirement *r, const char *zone,
                                size_t number)
{
	struct tree *map = tree_map();

	tree_put_number(map, "number", (long long)number);
	tree_put_text(map, "action", requirement_action(r->action));
	tree_put_text(map, "purpose", requirement_purpose(r->purpose));
	tree_put_text(map, "name", r->name);
	tree_put_text(map, "host", name_relative(arena, r->name, zone));
	tree_put_text(map, "zone", zone);
	tree_put_text(map, "type", r->type);
	tree_put_number(map, "ttl", r->ttl);
	tree_put_text(map, "value", r->value);
	tree_put_text(map, "present", r->present);
	tree_put_text(map, "addition", r->addition);
	tree_put_text(map, "selector", r->selector);
	tree_put_text(map, "note", r->note);
	put_flag(map, "required", r->required);
	record_flags(map, r);
	return map;
}

/* ---- one domain ------------------------------------------------------------------- */

static struct tree *sender_tree(struct arena *arena, const struct facts_sender *sender)
{
	struct tree *map = tree_map();

	tree_put_text(map, "address", sender->address);
	tree_put_text(map, "shown", address_show(arena, sender->address));
	tree_put_text(map, "display_name", sender->display_name);
	tree_put_text(map, "reply_to", sender->reply_to);
	tree_put_text(map, "url", sender->url);
	tree_put_text(map, "audience", sender->audience);
	return map;
}

static struct tree *smarthost_tree(const struct facts *facts, const struct facts_domain *domain)
{
	if (domain->smarthost == NULL)
		return tree_text(NULL);
	struct tree *map = tree_map(), *addresses = tree_list();
	tree_put_text(map, "host", domain->smarthost);
	tree_put_number(map, "port", domain->smarthost_port);
	put_flag(map, "starttls", is(domain->smarthost_tls, "starttls"));
	put_flag(map, "implicit", is(domain->smarthost_tls, "implicit"));
	tree_put_text(map, "user", domain->smarthost_user);
	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++)
			tree_push_text(addresses, *a);
	tree_put(map, "addresses", addresses);
	return map;
}

struct counts {
	long long of[ACTIONS];
	size_t number; /* of the last record on the sheet */
};

/* { "items": [...] } or null, so that a template can put a heading above. */
static struct tree *group_tree(struct arena *arena, const struct sheet_model *model,
                               const struct facts_domain *domain, enum requirement_action action,
                               struct counts *counts)
{
	struct tree *items = tree_list();

	for (size_t i = 0; i < model->requirements->count; i++) {
		const struct requirement *r = &model->requirements->items[i];
		if (!concerns(r, domain) || r->action != action)
			continue;
		counts->of[action]++;
		tree_push(items,
		          record_tree(arena, r, zone_of(arena, model, domain), ++counts->number));
	}
	if (tree_count(items) == 0) {
		tree_drop(items);
		return tree_text(NULL);
	}
	struct tree *map = tree_map();
	tree_put(map, "items", items);
	return map;
}

/* What is to be added or changed, ready for a name server. */
static const char *zone_of_domain(struct arena *arena, const struct sheet_model *model,
                                  const struct facts_domain *domain)
{
	struct text zone = { 0 };

	for (size_t i = 0; i < model->requirements->count; i++) {
		const struct requirement *r = &model->requirements->items[i];
		if (concerns(r, domain) && r->value != NULL
		    && (r->action == ACTION_ADD || r->action == ACTION_REPLACE))
			zone_text_line(&zone, arena, r->name, r->ttl, r->type, r->value);
	}
	/* The template ends the last line. */
	const char *text = zone.length > 0 ? arena_copy_part(arena, zone.data, zone.length - 1)
	                                   : NULL;
	text_free(&zone);
	return text;
}

static struct tree *waivers_tree(const struct facts_domain *domain)
{
	static const char *const shown[PURPOSES] = {
		[PURPOSE_SPF] = "SPF",        [PURPOSE_DKIM] = "DKIM",
		[PURPOSE_DMARC] = "DMARC",    [PURPOSE_MAILFROM] = "MAIL FROM",
		[PURPOSE_SMARTHOST] = "SMTP", [PURPOSE_SITE] = "URL",
		[PURPOSE_RETURN] = "MX",
	};
	struct tree *list = tree_list();

	for (size_t i = 0; i < PURPOSES; i++) {
		if (domain->waived[i] == NULL)
			continue;
		struct tree *map = tree_map();
		tree_put_text(map, "purpose", shown[i]);
		tree_put_text(map, "reason", domain->waived[i]);
		tree_push(list, map);
	}
	return list;
}

static struct tree *domain_tree(struct arena *arena, const struct sheet_model *model,
                                const struct facts_domain *domain, struct counts *counts)
{
	struct tree *map = tree_map(), *senders = tree_list();
	const char *shown = name_show(arena, domain->name);
	bool reply_missing = domain->sender_count > 0;

	for (size_t i = 0; i < domain->sender_count; i++) {
		tree_push(senders, sender_tree(arena, &domain->senders[i]));
		if (domain->senders[i].reply_to != NULL)
			reply_missing = false;
	}
	tree_put_text(map, "name", domain->name);
	tree_put_text(map, "shown", shown);
	put_flag(map, "idn", strcmp(shown, domain->name) != 0);
	tree_put_text(map, "mode", domain->mode);
	put_flag(map, "relayed", is(domain->mode, "relayed"));
	put_flag(map, "hosted", is(domain->mode, "hosted"));
	put_flag(map, "direct", is(domain->mode, "direct"));
	put_flag(map, "on_premises", is(domain->mode, "on-premises"));
	put_flag(map, "reply_missing", reply_missing);
	tree_put(map, "senders", senders);
	tree_put(map, "smarthost", smarthost_tree(model->facts, domain));
	tree_put(map, "add", group_tree(arena, model, domain, ACTION_ADD, counts));
	tree_put(map, "replace", group_tree(arena, model, domain, ACTION_REPLACE, counts));
	tree_put(map, "delete", group_tree(arena, model, domain, ACTION_DELETE, counts));
	tree_put(map, "keep", group_tree(arena, model, domain, ACTION_KEEP, counts));
	tree_put_text(map, "zone_text", zone_of_domain(arena, model, domain));
	tree_put(map, "waivers", waivers_tree(domain));
	return map;
}

/* ---- the whole ---------------------------------------------------------------------- */

static struct tree *party_tree(const char *name, const char *title, const char *contact)
{
	struct tree *map = tree_map();

	tree_put_text(map, "name", name);
	tree_put_text(map, "title", title);
	tree_put_text(map, "contact", contact);
	return map;
}

struct tree *sheet_model_tree(struct arena *arena, const struct sheet_model *model)
{
	static const char *const modes[] = { "relayed", "direct", "hosted", "on-premises" };
	const struct facts *facts = model->facts;
	struct tree *map = tree_map(), *domains = tree_list(), *count = tree_map();
	struct counts counts = { 0 };

	/* Where there is work comes first. */
	for (size_t m = 0; m < LENGTH(modes); m++)
		for (size_t i = 0; i < facts->domain_count; i++)
			if (is(facts->domains[i].mode, modes[m]))
				tree_push(domains,
				          domain_tree(arena, model, &facts->domains[i], &counts));
	for (size_t i = 0; i < ACTIONS; i++)
		tree_put_number(count, requirement_action((enum requirement_action)i),
		                counts.of[i]);
	tree_put_number(map, "version", 1);
	tree_put_text(map, "language", model->language);
	tree_put(map, "provider", party_tree(facts->provider, facts->title, facts->contact));
	tree_put(map, "client",
	         party_tree(model->client, model->client_title, model->client_contact));
	put_flag(map, "work", counts.number > 0);
	tree_put(map, "count", count);
	tree_put(map, "domains", domains);
	return map;
}

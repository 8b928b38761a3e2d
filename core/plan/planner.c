#include "core/plan/planner.h"

#include "core/plan/plan_part.h"

static void smarthost_plan(struct planner *planner, const struct facts_domain *domain)
{
	if (domain->smarthost == NULL)
		return;
	struct requirement *fact = plan_part_add(planner, domain, PURPOSE_SMARTHOST);
	fact->name = arena_print(planner->arena, "%s:%d", domain->smarthost,
	                         domain->smarthost_port);
	fact->type = "SMTP";
	fact->ttl = 0;
	fact->value = arena_print(planner->arena, "%s, AUTH %s", domain->smarthost_tls,
	                          domain->smarthost_user);
}

static void site_plan(struct planner *planner, const struct facts_domain *domain)
{
	for (size_t i = 0; plan_part_hosted(domain) && i < domain->sender_count; i++) {
		const char *url = domain->senders[i].url;
		bool known = url == NULL;
		for (size_t j = 0; j < i && !known; j++)
			known = domain->senders[j].url != NULL
			        && plan_part_is(domain->senders[j].url, url);
		if (known)
			continue;
		struct requirement *fact = plan_part_add(planner, domain, PURPOSE_SITE);
		fact->required = false;
		fact->name = domain->name;
		fact->type = "URL";
		fact->ttl = 0;
		fact->value = url;
	}
}

bool planner_domain(struct planner *planner, const struct facts_domain *domain, struct err *err)
{
	if (plan_part_is(domain->mode, "direct")) {
		smarthost_plan(planner, domain);
		return true;
	}
	/* The customer's own server sends: its records are none of our business. */
	if (plan_part_is(domain->mode, "on-premises"))
		return true;
	if (!planner->without[PURPOSE_SPF] && !plan_part_spf(planner, domain, err))
		return false;
	plan_part_bounce(planner, domain);
	if (domain->dkim && !plan_part_dkim(planner, domain, err))
		return false;
	site_plan(planner, domain);
	return plan_part_dmarc(planner, domain, err);
}

#include "core/plan/look_plan.h"

#include <string.h>

#include "core/plan/plan_part.h"

static struct requirement *find(const struct planner *planner, const char *domain,
                                enum purpose purpose, const char *name)
{
	for (size_t i = 0; i < planner->list.count; i++) {
		struct requirement *each = &planner->list.items[i];

		if (each->purpose == purpose && each->domain && plan_part_is(each->domain, domain)
		    && plan_part_is(each->name, name))
			return each;
	}
	return NULL;
}

static void add(struct planner *planner, const struct facts_domain *domain, enum purpose purpose,
                const char *name, const char *type, const char *value)
{
	struct requirement *fact = NULL;

	if (find(planner, domain->name, purpose, name))
		return;
	fact = plan_part_add(planner, domain, purpose);
	fact->required = false;
	fact->name = name;
	fact->type = type;
	fact->ttl = 0;
	fact->value = value;
}

/* Between "://" and the path. */
static const char *host_of(struct planner *planner, const char *url)
{
	const char *host = strstr(url, "://");

	if (host == NULL)
		return NULL;
	return arena_copy_part(planner->arena, host + 3, strcspn(host + 3, ":/?#"));
}

static void add_sites(struct planner *planner, const struct facts_domain *domain)
{
	for (size_t i = 0; i < domain->sender_count; i++) {
		const char *url = domain->senders[i].url;
		const char *host = url != NULL ? host_of(planner, url) : NULL;

		if (host != NULL)
			add(planner, domain, PURPOSE_SITE, host, "URL", url);
	}
}

static const char *domain_of(const char *address)
{
	const char *at = address != NULL ? strrchr(address, '@') : NULL;

	return at != NULL ? at + 1 : NULL;
}

/* Bounces go to the envelope's domain, which has an MX requirement of its own
 * where it is another one; replies go to the From or Reply-To. */
static void add_returns(struct planner *planner, const struct facts_domain *domain)
{
	bool answered = domain->sender_count == 0;

	for (size_t i = 0; i < domain->sender_count; i++) {
		const char *reply_to = domain_of(domain->senders[i].reply_to);

		if (reply_to == NULL)
			answered = true;
		else
			add(planner, domain, PURPOSE_RETURN, reply_to, "MX", NULL);
	}
	if (answered || domain->envelope_domain == NULL)
		add(planner, domain, PURPOSE_RETURN, domain->name, "MX", NULL);
}

void look_plan_add(struct planner *planner, const struct facts_domain *domain)
{
	if (!plan_part_is(domain->mode, "on-premises"))
		add_sites(planner, domain);
	if (plan_part_is(domain->mode, "relayed"))
		add_returns(planner, domain);
}

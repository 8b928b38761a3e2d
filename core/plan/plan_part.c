#include "core/plan/plan_part.h"

#include <string.h>

bool plan_part_is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool plan_part_hosted(const struct facts_domain *domain)
{
	return plan_part_is(domain->mode, "hosted");
}

struct requirement *plan_part_add(struct planner *planner, const struct facts_domain *domain,
                                  enum purpose purpose)
{
	struct requirement *requirement = requirement_add(planner->arena, &planner->list);

	requirement->domain = domain != NULL ? domain->name : NULL;
	requirement->purpose = purpose;
	requirement->owner = domain == NULL || plan_part_hosted(domain) ? OWNER_PROVIDER
	                                                                : OWNER_CUSTOMER;
	requirement->action = ACTION_ADD;
	requirement->ttl = PLANNER_TTL;
	requirement->required = true;
	if (domain != NULL && domain->waived[purpose] != NULL) {
		requirement->waived = domain->waived[purpose];
		requirement->required = false;
	}
	return requirement;
}

const char **plan_part_addresses(struct planner *planner, size_t *count)
{
	const struct facts *facts = planner->facts;
	size_t total = 0;

	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++)
			total++;
	const char **addresses = arena_take(planner->arena, (total + 1) * sizeof *addresses);
	*count = 0;
	for (size_t i = 0; i < facts->relay_count; i++)
		for (const char **a = facts->relays[i].addresses; *a != NULL; a++)
			addresses[(*count)++] = *a;
	return addresses;
}

bool plan_part_text(struct planner *planner, const char *name, struct ask_answer *answer,
                    struct err *err)
{
	return planner->ask->records(planner->ask->context, planner->arena, name, ASK_TXT, answer,
	                             err);
}

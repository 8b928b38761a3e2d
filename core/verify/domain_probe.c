#include "core/verify/domain_probe.h"

#include <string.h>

#include "core/verify/probe_verdict.h"
#include "core/verify/smtp_probe.h"
#include "core/verify/url_probe.h"

enum {
	TALK = 15000,          /* milliseconds for a conversation */
	REACH = 45000,         /* all addresses in silence, and a second look */
	LOGIN_PATIENCE = 70000 /* the key service's own limit, and waiting for it */
};

struct domain_probe_item {
	const struct domain_check *check;
	struct verdict *verdict;
	struct arena *arena;
};

static void *grown(struct arena *arena, const void *old, size_t count, size_t room, size_t size)
{
	void *items = arena_take(arena, room * size);

	if (count > 0)
		memcpy(items, old, count * size);
	return items;
}

static void add(struct domain_probe *probe, const struct domain_probe_item *item,
                const struct probe_task *task)
{
	if (probe->count == probe->room) {
		size_t room = probe->room > 0 ? 2 * probe->room : 64;

		probe->items = grown(&probe->arena, probe->items, probe->count, room,
		                     sizeof(*probe->items));
		probe->tasks = grown(&probe->arena, probe->tasks, probe->count, room,
		                     sizeof(*probe->tasks));
		probe->room = room;
	}
	probe->items[probe->count] = *item;
	probe->tasks[probe->count++] = *task;
}

static void add_smarthost(struct domain_probe *probe, const struct domain_probe_item *item,
                          const struct domain_probe_settings *settings)
{
	const struct facts_domain *domain = item->check->domain;
	const struct facts *facts = item->check->facts;
	struct smtp_probe_request request = {
		.host = domain->smarthost,
		.port = domain->smarthost_port,
		.implicit_tls = strcmp(domain->smarthost_tls, "implicit") == 0,
		.addresses = item->verdict->addresses,
		.address_count = item->verdict->address_count,
		.helo = facts->relay_count > 0 ? facts->relays[0].helo : facts->hosting_domain,
		.ca_file = settings->ca_file,
		.timeout = TALK,
		.keys_socket = settings->keys_socket,
		.provider_id = facts->provider_id,
		.smarthost_id = domain->smarthost_id,
		.domain_id = domain->id,
		.test_to = settings->test_to,
	};
	struct probe_task task = {
		.server = item->verdict->requirement->name,
		.question = smtp_probe_question(&request),
		.login = settings->keys_socket != NULL,
		.timeout = REACH + TALK + (settings->keys_socket ? LOGIN_PATIENCE : 0),
	};

	add(probe, item, &task);
}

static void add_site(struct domain_probe *probe, const struct domain_probe_item *item,
                     const struct domain_probe_settings *settings)
{
	struct url_parts url;
	struct url_probe_request request = {
		.url = &url,
		.addresses = item->verdict->addresses,
		.address_count = item->verdict->address_count,
		.ca_file = settings->ca_file,
		.timeout = TALK,
	};
	struct probe_task task = { .timeout = REACH + TALK };

	if (!item->verdict->requirement->value
	    || !url_probe_parse(item->arena, item->verdict->requirement->value, &url))
		return;
	task.server = arena_print(item->arena, "%s:%d", url.host, url.port);
	task.question = url_probe_question(&request);
	add(probe, item, &task);
}

void domain_probe_add(struct domain_probe *probe, const struct domain_check *check,
                      struct arena *arena, const struct domain_probe_settings *settings)
{
	for (size_t i = 0; i < check->verdict_count; i++) {
		struct verdict *verdict = &check->verdicts[i];
		const struct domain_probe_item item = { check, verdict, arena };

		/* no address, or one that is not the product's: DNS has said enough */
		if (verdict->address_count == 0 || verdict->state == VERDICT_WAIVED)
			continue;
		if (verdict->requirement->purpose == PURPOSE_SMARTHOST)
			add_smarthost(probe, &item, settings);
		else if (verdict->requirement->purpose == PURPOSE_SITE)
			add_site(probe, &item, settings);
	}
}

static void judge(const struct domain_probe_item *item, const struct probe_task *task)
{
	if (item->verdict->requirement->purpose == PURPOSE_SMARTHOST)
		probe_verdict_smarthost(item->arena, item->check->domain, task->answer,
		                        item->verdict);
	else
		probe_verdict_site(item->arena, task->answer, item->verdict);
}

static void judge_all(struct domain_probe *probe)
{
	for (size_t i = 0; i < probe->count; i++) {
		judge(&probe->items[i], &probe->tasks[i]);
		tree_drop(probe->tasks[i].answer);
		probe->tasks[i].answer = NULL;
	}
}

void domain_probe_drop(struct domain_probe *probe)
{
	for (size_t i = 0; i < probe->count; i++) {
		tree_drop(probe->tasks[i].question);
		tree_drop(probe->tasks[i].answer);
	}
	arena_reset(&probe->arena);
	*probe = (struct domain_probe){ 0 };
}

void domain_probe_begin(struct domain_probe *probe, struct probe_crew *crew, void *owner)
{
	probe->left = probe->count;
	for (size_t i = 0; i < probe->count; i++) {
		probe->tasks[i].owner = owner;
		probe_crew_add(crew, &probe->tasks[i]);
	}
}

bool domain_probe_end(struct domain_probe *probe)
{
	if (--probe->left > 0)
		return false;
	judge_all(probe);
	domain_probe_drop(probe);
	return true;
}

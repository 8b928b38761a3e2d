#include "core/base/log.h"
#include "keys/service.h"

/* BUNDLES: there is none. */
static size_t free_sealing(const struct service *service)
{
	size_t i = 0;

	while (i < BUNDLES && service->sealings[i].bundling != NULL)
		i++;
	return i;
}

bool service_has_bundle(const struct service *service)
{
	return free_sealing(service) < BUNDLES;
}

void service_add_bundle(struct service *service, size_t index, long long number,
                        struct bundling *bundling)
{
	struct connection *connection = &service->connections[index];

	service->sealings[free_sealing(service)] = (struct sealing){ .bundling = bundling,
		                                                     .connection = index,
		                                                     .serial = connection->serial,
		                                                     .number = number };
	connection->under_way++;
	service->keyd.waiting++;
}

bool service_seals(const struct service *service)
{
	for (size_t i = 0; i < BUNDLES; i++)
		if (service->sealings[i].bundling != NULL)
			return true;
	return false;
}

static void forget(struct service *service, struct sealing *sealing)
{
	bundling_drop(sealing->bundling);
	*sealing = (struct sealing){ 0 };
	service->keyd.waiting--;
}

/* Nobody is there who would install it. */
void service_forget_bundles(struct service *service, size_t index)
{
	for (size_t i = 0; i < BUNDLES; i++)
		if (service->sealings[i].bundling != NULL
		    && service->sealings[i].connection == index)
			forget(service, &service->sealings[i]);
}

static void end_sealing(struct service *service, struct sealing *sealing, bool ok,
                        const struct err *failed)
{
	struct connection *connection = &service->connections[sealing->connection];
	const struct sealing ended = *sealing;
	struct tree *answer = tree_map();

	if (ok)
		bundling_answer(sealing->bundling, answer);
	else
		log_info(connection->peer.name, "%s", failed->text);
	/* the file is whole or empty before anybody is told */
	forget(service, sealing);
	connection->under_way--;
	service_reply(service, ended.connection, ended.number, answer, ok, failed);
}

/* One after the other. */
static struct sealing *next_sealing(struct service *service)
{
	for (size_t i = 1; i <= BUNDLES; i++) {
		size_t at = (service->turn + i) % BUNDLES;
		if (service->sealings[at].bundling == NULL)
			continue;
		service->turn = at;
		return &service->sealings[at];
	}
	return NULL;
}

void service_seal_portion(struct service *service)
{
	struct sealing *sealing = next_sealing(service);
	struct err err = { 0 };
	bool over = false;

	if (sealing == NULL)
		return;
	bool ok = bundling_step(sealing->bundling, &over, &err);
	if (!ok || over)
		end_sealing(service, sealing, ok, &err);
}

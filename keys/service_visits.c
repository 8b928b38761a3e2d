#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/service.h"

/* VISITS: there is none. */
static size_t free_visit(const struct service *service)
{
	size_t i = 0;

	while (i < VISITS && service->visits[i].fd != 0)
		i++;
	return i;
}

bool service_has_visit(const struct service *service)
{
	return free_visit(service) < VISITS;
}

void service_add_visit(struct service *service, size_t index, long long number, int fd)
{
	struct connection *connection = &service->connections[index];

	service->visits[free_visit(service)] = (struct visit){ .fd = fd,
		                                               .connection = index,
		                                               .serial = connection->serial,
		                                               .number = number,
		                                               .deadline = clock_ticks()
		                                                           + ENVOY_SECONDS * 1000 };
	connection->under_way++;
	service->keyd.waiting++;
}

/* What the child said, or that it said nothing. */
static void end_visit(struct service *service, struct visit *visit, bool overdue)
{
	struct connection *connection = &service->connections[visit->connection];
	struct tree *answer = tree_map();
	struct tree *result = NULL;
	struct protocol_fds fds = { 0 };
	struct err err = { 0 };

	bool ok = !overdue && protocol_receive(visit->fd, &result, &fds, &err) && result != NULL;
	protocol_close_fds(&fds);
	if (ok)
		tree_put(answer, "result", result);
	else
		(void)err_set(&err, ERR_SYSTEM, _("the login did not come to an end"));
	if (!ok)
		log_info(connection->peer.name, "%s", err.text);
	if (connection->fd != 0 && connection->serial == visit->serial) {
		connection->under_way--;
		service_reply(service, visit->connection, visit->number, answer, ok, &err);
	} else {
		tree_drop(answer);
	}
	service->keyd.waiting--;
	(void)close(visit->fd);
	*visit = (struct visit){ 0 };
}

void service_drop_overdue_visits(struct service *service)
{
	for (size_t i = 0; i < VISITS; i++)
		if (service->visits[i].fd != 0 && service->visits[i].deadline <= clock_ticks())
			end_visit(service, &service->visits[i], true);
}

nfds_t service_wait_visits(const struct service *service, struct pollfd *wait, size_t *who,
                           nfds_t count)
{
	for (size_t i = 0; i < VISITS; i++) {
		if (service->visits[i].fd == 0)
			continue;
		who[count] = i;
		wait[count++] = (struct pollfd){ .fd = service->visits[i].fd, .events = POLLIN };
	}
	return count;
}

void service_end_visit(struct service *service, size_t visit)
{
	end_visit(service, &service->visits[visit], false);
}

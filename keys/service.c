#include "keys/service.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/operation.h"

/* ---- answers ---- */

static void hang_up(struct service *service, size_t index)
{
	(void)close(service->connections[index].fd);
	service->connections[index] = (struct connection){ 0 };
	service_forget_casts(service, index);
	service_forget_bundles(service, index);
}

/* Takes the answer over. */
void service_reply(struct service *service, size_t index, long long number, struct tree *answer,
                   bool ok, const struct err *failed)
{
	struct err err = { 0 };

	tree_put_number(answer, "n", number);
	tree_put_bool(answer, "ok", ok);
	if (!ok)
		tree_put(answer, "error", protocol_error(failed));
	/* who does not read his answers has to go */
	if (!protocol_send(service->connections[index].fd, answer, NULL, false, &err))
		hang_up(service, index);
	tree_drop(answer);
}

/* ---- questions ---- */

/* Answer in the language of the question. */
static void speak(const struct tree *question)
{
	const char *language = tree_find_text(question, "lang");

	if (language != NULL && strncmp(language, words_language(), 2) != 0)
		words_setup(language);
}

/* Is there room for what this operation may have to wait for? */
static bool room_for(const struct service *service, const struct operation *operation,
                     struct err *err)
{
	bool room = operation->later == CALL_CAST     ? service_has_cast(service)
	            : operation->later == CALL_VISIT  ? service_has_visit(service)
	            : operation->later == CALL_BUNDLE ? service_has_bundle(service)
	                                              : true;

	return room || err_set(err, ERR_AGAIN, _("the key service has too much to do"));
}

static bool dispatch(struct service *service, struct call *call, struct err *err)
{
	const char *name = tree_find_text(call->question, "op");
	const struct operation *operation;

	if (name == NULL)
		return err_set(err, ERR_INPUT, _("a question to the key service lacks \"%s\""),
		               "op");
	operation = operation_find(name);
	if (operation == NULL)
		return err_set(err, ERR_INPUT, _("the key service knows no \"%s\""), name);
	if (operation->needs != NEEDS_NOTHING && service->keyd.seal.sealed) {
		(void)err_set(err, ERR_KEYS,
		              _("the key service is sealed: it has no passphrase yet"));
		return err_hint(err, _("\"senderctl key unlock\" gives it"));
	}
	/* a database that was away at the start, or came back with another content */
	if (operation->needs == NEEDS_DATABASE && !service->keyd.signer_known
	    && !keyd_setup(&service->keyd, err))
		return false;
	return room_for(service, operation, err) && operation->answer(call, err);
}

static void hear(struct service *service, size_t index)
{
	struct connection *connection = &service->connections[index];
	struct protocol_fds fds;
	struct tree *question = NULL;
	struct err err = { 0 };

	if (!protocol_receive(connection->fd, &question, &fds, &err)) {
		log_warn(connection->peer.name, "hung up: %s", err.text);
		hang_up(service, index);
		goto out;
	}
	if (question == NULL) {
		hang_up(service, index);
		goto out;
	}
	speak(question);
	struct call call = { .keyd = &service->keyd,
		             .peer = &connection->peer,
		             .question = question,
		             .fds = &fds,
		             .answer = tree_map() };
	long long number = tree_as_number(tree_get(question, "n"), 0);
	bool ok = service_may_ask_now(service, &connection->peer, &err)
	          && dispatch(service, &call, &err);
	if (!ok)
		service_note_refusal(service, &connection->peer, question, &err);
	if (ok && call.later == CALL_CAST)
		service_add_cast(service, index, number, &call.wish);
	else if (ok && call.later == CALL_VISIT)
		service_add_visit(service, index, number, call.visit);
	else if (ok && call.later == CALL_BUNDLE)
		service_add_bundle(service, index, number, call.bundling);
	if (!ok || call.later == CALL_AT_ONCE)
		service_reply(service, index, number, call.answer, ok, &err);
	else
		tree_drop(call.answer);
out:
	protocol_close_fds(&fds);
	tree_drop(question);
}

/* ---- the loop ---- */

enum { ADMITTED_AT_ONCE = 16 };

static bool admit(struct service *service)
{
	struct peer peer;
	struct err err = { 0 };
	size_t index = CONNECTIONS;
	int same = 0;
	int fd = accept4(service->listening, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	if (!peer_look(fd, &peer, &err) || !peer_known(&service->keyd.peers, &peer)) {
		log_warn(peer.name, "may not talk to this service");
		(void)close(fd);
		return true;
	}
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (service->connections[i].fd == 0)
			index = i;
		else if (service->connections[i].peer.uid == peer.uid)
			same++;
	}
	if (index == CONNECTIONS || same >= CONNECTIONS_EACH) {
		log_warn(peer.name, "too many connections");
		(void)close(fd);
		return true;
	}
	service->connections[index] =
		(struct connection){ .fd = fd, .serial = ++service->serial, .peer = peer };
	return true;
}

/* Milliseconds until something is due that no descriptor tells of. */
static int patience(const struct service *service)
{
	if (rewrap_is_due(&service->keyd.rewrap) || service_seals(service))
		return 0;
	return service->keyd.rewrap.running || service->keyd.waiting > 0
	                       || service->keyd.pool.running > 0
	                       || pool_looks_soon(&service->keyd.pool)
	               ? 1000
	               : CHAIN_PAUSE_MS;
}

bool service_serve(struct service *service)
{
	struct pollfd wait[CONNECTIONS + VISITS + 3];
	size_t who[CONNECTIONS + VISITS + 3] = { 0 };

	for (;;) {
		nfds_t count = 3;
		nfds_t callers = 0;

		wait[0] = (struct pollfd){ .fd = service->signals, .events = POLLIN };
		wait[1] = (struct pollfd){ .fd = service->listening, .events = POLLIN };
		wait[2] = (struct pollfd){ .fd = service->keyd.foundry.helper.socket,
			                   .events = POLLIN };
		for (size_t i = 0; i < CONNECTIONS; i++) {
			const struct connection *c = &service->connections[i];
			if (c->fd == 0 || c->under_way >= QUESTIONS_EACH)
				continue;
			who[count] = i;
			wait[count++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
		}
		callers = count;
		count = service_wait_visits(service, wait, who, count);
		if (poll(wait, count, patience(service)) < 0 && errno != EINTR)
			return false;
		if (wait[0].revents != 0)
			return true;
		if (wait[2].revents != 0 && !service_take_delivery(service))
			return false;
		for (nfds_t i = callers; i < count; i++)
			if (wait[i].revents != 0)
				service_end_visit(service, who[i]);
		for (nfds_t i = 3; i < callers; i++)
			if (wait[i].revents != 0 && service->connections[who[i]].fd == wait[i].fd)
				hear(service, who[i]);
		if (wait[1].revents != 0)
			for (int i = 0; i < ADMITTED_AT_ONCE && admit(service); i++)
				continue;
		service_drop_overdue_casts(service);
		service_drop_overdue_visits(service);
		service_order_casts(service);
		if (rewrap_is_due(&service->keyd.rewrap))
			rewrap_step(&service->keyd);
		service_seal_portion(service);
		chain_turn(&service->keyd);
		pool_drop_overdue(&service->keyd);
		if (service->casts_running == 0)
			pool_turn(&service->keyd, service->casts_at_once);
	}
}

void service_close(struct service *service)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (service->connections[i].fd != 0)
			hang_up(service, i);
	for (size_t i = 0; i < JOBS; i++)
		cast_drop(&service->jobs[i].cast);
	for (size_t i = 0; i < VISITS; i++)
		if (service->visits[i].fd != 0)
			(void)close(service->visits[i].fd);
	pool_close(&service->keyd.pool);
}

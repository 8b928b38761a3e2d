#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/words.h"
#include "keys/operation.h"
#include "keys/service.h"

/* JOBS: there is none. */
static size_t free_job(const struct service *service)
{
	size_t i = 0;

	while (i < JOBS && service->jobs[i].used)
		i++;
	return i;
}

bool service_has_cast(const struct service *service)
{
	return free_job(service) < JOBS;
}

void service_add_cast(struct service *service, size_t index, long long number,
                      const struct key_wish *wish)
{
	struct connection *connection = &service->connections[index];
	struct job *job = &service->jobs[free_job(service)];

	*job = (struct job){ .used = true,
		             .order = ++service->order,
		             .connection = index,
		             .serial = connection->serial,
		             .number = number,
		             .wish = *wish };
	/* the actor's text moved with the struct */
	job->wish.asked.request.actor = job->wish.asked.actor;
	job->wish.asked.request.operation = job->wish.imported ? "key-import" : "generate";
	connection->under_way++;
	service->keyd.waiting++;
}

/* What nobody waits for and nobody began is not begun. */
void service_forget_casts(struct service *service, size_t index)
{
	for (size_t i = 0; i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		if (!job->used || job->ordered || job->connection != index)
			continue;
		secret_drop(&job->wish.text);
		*job = (struct job){ 0 };
		service->keyd.waiting--;
	}
}

static void end_job(struct service *service, struct job *job, const struct keypair *pair,
                    struct err *err)
{
	struct connection *connection = &service->connections[job->connection];
	bool there = connection->fd != 0 && connection->serial == job->serial;
	struct tree *answer = tree_map();
	bool ok = pair != NULL && op_generated(&service->keyd, &job->wish, pair, answer, err);

	if (!ok)
		log_info(job->wish.asked.actor, "%s", err->text);
	if (there) {
		connection->under_way--;
		service_reply(service, job->connection, job->number, answer, ok, err);
	} else {
		tree_drop(answer);
	}
	service->keyd.waiting--;
	if (job->ordered)
		service->casts_running--;
	cast_drop(&job->cast);
	secret_drop(&job->wish.text);
	*job = (struct job){ 0 };
}

static bool order_cast(struct foundry *foundry, struct job *job, struct err *err)
{
	if (!job->wish.imported)
		return foundry_order(foundry, job->wish.kind, job->wish.bits, false, &job->cast,
		                     err);
	bool ok = foundry_read(foundry, &job->wish.text, &job->cast, err);
	secret_drop(&job->wish.text);
	return ok;
}

void service_order_casts(struct service *service)
{
	while (service->casts_running < service->casts_at_once) {
		struct job *next = NULL;
		struct err err = { 0 };

		for (size_t i = 0; i < JOBS; i++) {
			struct job *job = &service->jobs[i];
			if (job->used && !job->ordered
			    && (next == NULL || job->order < next->order))
				next = job;
		}
		if (next == NULL)
			return;
		if (!order_cast(&service->keyd.foundry, next, &err)) {
			end_job(service, next, NULL, &err);
			continue;
		}
		next->ordered = true;
		service->casts_running++;
	}
}

bool service_take_delivery(struct service *service)
{
	struct delivery *delivery = malloc(sizeof *delivery);
	struct keypair pair = { 0 };
	struct err err = { 0 };
	bool ok = delivery != NULL && foundry_receive(&service->keyd.foundry, delivery, &err);

	bool pooled = ok && pool_delivered(&service->keyd, delivery);
	for (size_t i = 0; ok && !pooled && i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		if (!job->ordered || job->cast.number != delivery->number)
			continue;
		if (job->wish.imported) {
			job->wish.kind = (enum keypair_kind)delivery->kind;
			job->wish.bits = delivery->bits;
		}
		bool made = foundry_take(&job->cast, delivery, &pair, &err);
		end_job(service, job, made ? &pair : NULL, &err);
		keypair_drop(&pair);
		break;
	}
	if (!ok)
		log_error("foundry", "%s", err.text);
	free(delivery);
	return ok;
}

/* A child that was killed never answers. */
void service_drop_overdue_casts(struct service *service)
{
	for (size_t i = 0; service->casts_running > 0 && i < JOBS; i++) {
		struct job *job = &service->jobs[i];
		struct err err = { 0 };
		if (!job->ordered || job->cast.deadline > clock_ticks())
			continue;
		(void)err_set(&err, ERR_SYSTEM, _("a key took too long to make"));
		end_job(service, job, NULL, &err);
	}
}

#include "core/model/event.h"

bool event_add(struct db *db, const struct event *event, struct err *err)
{
	struct arena arena = { 0 };
	struct text detail = { 0 };

	if (event->detail != NULL)
		tree_render(event->detail, false, &detail);
	bool ok = db_run(db, STMT_EVENT_ADD,
	                 DB_PARAMS(db_number(&arena, event->provider_id),
	                           event->client_id != 0 ? db_number(&arena, event->client_id)
	                                                 : NULL,
	                           event->subject, event->what, event->why,
	                           event->detail != NULL ? text_string(&detail) : NULL),
	                 NULL, err);
	text_free(&detail);
	arena_reset(&arena);
	return ok;
}

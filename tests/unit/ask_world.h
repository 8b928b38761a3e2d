#pragma once

/*
 * ask_world -- a world that fits into a table, for everything that asks
 * through core/plan/ask.h.
 */

#include <string.h>

#include "core/plan/ask.h"

/* One record: TXT unless said otherwise.  A name with text NULL does not
 * answer.  The table ends with a name that is NULL. */
struct ask_world {
	const char *name;
	const char *text;
	enum ask_what what;
};

static inline bool ask_world_records(void *context, struct arena *arena, const char *name,
                                     enum ask_what what, struct ask_answer *answer, struct err *err)
{
	const struct ask_world *world = context;
	size_t room = 0;

	UNUSED(err);
	*answer = (struct ask_answer){ .state = ASK_NONE };
	while (world[room].name != NULL)
		room++;
	answer->texts = arena_take(arena, (room + 1) * sizeof *answer->texts);
	for (; world->name != NULL; world++) {
		if (strcmp(world->name, name) != 0)
			continue;
		if (world->text == NULL) {
			answer->state = ASK_UNKNOWN;
			answer->why = "timed out";
			return true;
		}
		if (world->what != what)
			continue;
		answer->state = ASK_FOUND;
		answer->texts[answer->count++] = (struct spf_text){ world->text,
			                                            strlen(world->text) };
	}
	return true;
}

/* The world as questions; it must outlive them. */
static inline struct ask ask_world(const struct ask_world *world)
{
	union {
		const struct ask_world *from;
		void *to;
	} context = { world };

	return (struct ask){ .records = ask_world_records, .context = context.to };
}

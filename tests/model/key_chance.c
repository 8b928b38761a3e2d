/* Chance from one seed, and the heap of what is to come. */

#include <stdarg.h>
#include <stdio.h>

#include "key_world.h"

uint64_t world_draw(struct world *world)
{
	/* splitmix64: small, and any seed is a good one */
	uint64_t z = world->random += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

int64_t world_below(struct world *world, int64_t below)
{
	return below <= 0 ? 0 : (int64_t)(world_draw(world) % (uint64_t)below);
}

bool world_chance(struct world *world, int percent)
{
	return world_below(world, 100) < percent;
}

int64_t world_delay(struct world *world, int64_t usual, int64_t longest)
{
	return 1 + world_below(world, world_chance(world, 80) ? usual : longest);
}

void world_fault(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->fault[0] != '\0')
		return;
	va_start(arguments, format);
	(void)vsnprintf(world->fault, sizeof world->fault, format, arguments);
	va_end(arguments);
}

static bool before(const struct happening *a, const struct happening *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void world_plan(struct world *world, int64_t delay, enum what what, int subject, int object)
{
	struct happening event = { world->now + delay, world->order++, what, subject, object };
	int at = world->event_count;

	if (world->event_count == EVENTS) {
		world_fault(world, "more events than the model has room for");
		return;
	}
	world->event_count++;
	for (; at > 0 && before(&event, &world->events[(at - 1) / 2]); at = (at - 1) / 2)
		world->events[at] = world->events[(at - 1) / 2];
	world->events[at] = event;
}

struct happening world_next(struct world *world)
{
	struct happening first = world->events[0];
	struct happening last = world->events[--world->event_count];
	int at = 0;

	for (int child = 1; child < world->event_count; child = 2 * at + 1) {
		if (child + 1 < world->event_count
		    && before(&world->events[child + 1], &world->events[child]))
			child++;
		if (!before(&world->events[child], &last))
			break;
		world->events[at] = world->events[child];
		at = child;
	}
	world->events[at] = last;
	return first;
}

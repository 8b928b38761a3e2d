#include "core/verify/reach.h"

#include <string.h>

#include "core/wire/smtp_result.h"

enum { OTHER_PATIENCE = 2000 };

struct tree *reach_addresses(const char *const *addresses, size_t count)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < count && i < REACH_ADDRESSES; i++)
		tree_push_text(list, addresses[i]);
	return list;
}

static bool is_six(const char *address)
{
	return strchr(address, ':') != NULL;
}

static void note(struct reach *reach, const char *address, enum wire_fault fault)
{
	reach->tries[reach->count++] = (struct reach_try){ address, fault };
}

/* Only whether it is there. */
static void knock(struct reach *reach, const char *address, int port)
{
	struct wire wire;
	bool there = wire_connect(&wire, address, port, OTHER_PATIENCE);

	note(reach, address, there ? WIRE_GOOD : wire.fault);
	wire_close(&wire);
}

static void try_other_family(struct reach *reach, struct arena *arena, const struct tree *list,
                             size_t from, int port)
{
	for (size_t i = from; i < tree_count(list) && reach->count < REACH_ADDRESSES; i++) {
		const char *address = tree_as_text(tree_at(list, i));

		if (!address || is_six(address) == is_six(reach->address))
			continue;
		knock(reach, arena_copy(arena, address), port);
		return;
	}
}

/* A refusal says more than silence; a private address explains silence. */
static enum wire_fault judge(const struct reach *reach)
{
	enum wire_fault fault = WIRE_NO_ADDRESS;

	for (size_t i = 0; i < reach->count; i++) {
		if (reach->tries[i].fault == WIRE_REFUSED)
			return WIRE_REFUSED;
		if (wire_is_private(reach->tries[i].address))
			fault = WIRE_PRIVATE;
		else if (fault != WIRE_PRIVATE)
			fault = WIRE_UNREACHABLE;
	}
	return fault;
}

enum wire_fault reach_server(struct reach *reach, struct arena *arena, const struct tree *question)
{
	const struct tree *list = tree_get(question, "addresses");
	int port = (int)tree_as_number(tree_get(question, "port"), 0);

	*reach = (struct reach){ .wire = { .socket = -1 } };
	for (size_t i = 0; i < tree_count(list) && reach->count < REACH_ADDRESSES; i++) {
		const char *address = arena_copy(arena, tree_as_text(tree_at(list, i)));

		if (!address)
			continue;
		wire_close(&reach->wire);
		if (!wire_connect(&reach->wire, address, port, REACH_PATIENCE)) {
			note(reach, address, reach->wire.fault);
			continue;
		}
		note(reach, address, WIRE_GOOD);
		reach->address = address;
		if (i == 0 || is_six(address) == is_six(reach->tries[0].address))
			try_other_family(reach, arena, list, i + 1, port);
		return WIRE_GOOD;
	}
	return judge(reach);
}

void reach_put(const struct reach *reach, struct tree *answer)
{
	struct tree *list = tree_list();

	for (size_t i = 0; i < reach->count; i++) {
		struct tree *map = tree_map();

		tree_put_text(map, "address", reach->tries[i].address);
		tree_put_text(map, "outcome", wire_fault_row(reach->tries[i].fault)->word);
		tree_push(list, map);
	}
	tree_put_text(answer, "address", reach->address);
	tree_put(answer, "addresses", list);
}

const struct reach_try *reach_read(struct arena *arena, const struct tree *answer, size_t *count)
{
	const struct tree *list = tree_get(answer, "addresses");
	struct reach_try *tries = arena_take(arena, REACH_ADDRESSES * sizeof(*tries));

	*count = 0;
	for (size_t i = 0; list && i < tree_count(list) && i < REACH_ADDRESSES; i++) {
		const struct tree *each = tree_at(list, i);
		const char *address = smtp_result_text(arena, each, "address");
		enum wire_fault fault = wire_fault_find(tree_find_text(each, "outcome"));

		if (address && fault != WIRE_FAULTS)
			tries[(*count)++] = (struct reach_try){ address, fault };
	}
	return tries;
}

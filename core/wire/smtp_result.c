#include "core/wire/smtp_result.h"

#include <string.h>

#include "core/wire/smtp_reply.h"

enum { TEXT_MOST = 700 };

const char *smtp_result_text(struct arena *arena, const struct tree *map, const char *name)
{
	const char *text = tree_find_text(map, name);
	char *copy = NULL;
	size_t room = 0;

	if (!text)
		return NULL;
	room = strlen(text) + 6 < TEXT_MOST ? strlen(text) + 6 : TEXT_MOST;
	copy = arena_take(arena, room);
	smtp_reply_plain(copy, room, text);
	return copy;
}

void smtp_result_put_facts(struct tree *map, const struct tls_facts *facts)
{
	struct tree *certificate = facts->expires ? tree_map() : tree_text(NULL);

	tree_put_text(map, "tls", facts->version);
	tree_put_text(map, "cipher", facts->cipher);
	if (facts->expires) {
		tree_put_text(certificate, "names", facts->names);
		tree_put_text(certificate, "issuer", facts->issuer);
		tree_put_text(certificate, "begins", facts->begins);
		tree_put_text(certificate, "expires", facts->expires);
		tree_put_number(certificate, "days_left", facts->days_left);
	}
	tree_put(map, "certificate", certificate);
}

void smtp_result_read_facts(struct arena *arena, const struct tree *map, struct tls_facts *facts)
{
	const struct tree *certificate = tree_get(map, "certificate");

	*facts = (struct tls_facts){
		.version = smtp_result_text(arena, map, "tls"),
		.cipher = smtp_result_text(arena, map, "cipher"),
		.names = smtp_result_text(arena, certificate, "names"),
		.issuer = smtp_result_text(arena, certificate, "issuer"),
		.begins = smtp_result_text(arena, certificate, "begins"),
		.expires = smtp_result_text(arena, certificate, "expires"),
		.days_left = (long)tree_as_number(tree_get(certificate, "days_left"), 0),
	};
}

struct tree *smtp_result_tree(const struct smtp_result *result)
{
	struct tree *map = tree_map();
	struct tree *senders = tree_list();

	tree_put_text(map, "fault", wire_fault_row(result->fault)->word);
	tree_put_text(map, "said", result->said);
	smtp_result_put_facts(map, &result->facts);
	tree_put_text(map, "auth_before_tls", result->auth_clear);
	tree_put_text(map, "auth", result->auth);
	tree_put_bool(map, "logged_in", result->logged_in);
	for (size_t i = 0; i < result->sender_count; i++) {
		struct tree *sender = tree_map();

		tree_put_text(sender, "address", result->senders[i].address);
		tree_put_text(sender, "fault", wire_fault_row(result->senders[i].fault)->word);
		tree_put_text(sender, "said", result->senders[i].said);
		tree_push(senders, sender);
	}
	tree_put(map, "senders", senders);
	tree_put_bool(map, "test_sent", result->test_sent);
	return map;
}

static enum wire_fault read_fault(const struct tree *map)
{
	enum wire_fault fault = wire_fault_find(tree_find_text(map, "fault"));

	return fault == WIRE_FAULTS ? WIRE_BROKEN : fault;
}

void smtp_result_read(struct arena *arena, const struct tree *tree, struct smtp_result *result)
{
	const struct tree *list = tree_get(tree, "senders");
	size_t count = tree_is_list(list) ? tree_count(list) : 0;
	struct smtp_sender *senders = NULL;

	if (count > SMTP_SENDERS_MOST)
		count = SMTP_SENDERS_MOST;
	senders = arena_take(arena, (count + 1) * sizeof(*senders));
	for (size_t i = 0; i < count; i++) {
		const struct tree *each = tree_at(list, i);

		senders[i] = (struct smtp_sender){ smtp_result_text(arena, each, "address"),
			                           read_fault(each),
			                           smtp_result_text(arena, each, "said") };
	}
	*result = (struct smtp_result){
		.fault = read_fault(tree),
		.said = smtp_result_text(arena, tree, "said"),
		.auth_clear = smtp_result_text(arena, tree, "auth_before_tls"),
		.auth = smtp_result_text(arena, tree, "auth"),
		.logged_in = tree_as_bool(tree_get(tree, "logged_in"), false),
		.test_sent = tree_as_bool(tree_get(tree, "test_sent"), false),
		.senders = senders,
		.sender_count = count,
	};
	smtp_result_read_facts(arena, tree, &result->facts);
}

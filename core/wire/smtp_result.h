#pragma once

/*
 * smtp_result -- what became of a conversation with a submission server, as a
 * value and as JSON: it is had in one process and read in another.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: smtp_result_read() takes what it understands of any tree; texts are
 *          cut, so that a process that was taken over cannot flood the other.
 * Secrets: never; texts of the server are cleaned of what we sent (smtp_talk.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/wire/tls.h"
#include "core/wire/wire_fault.h"

enum { SMTP_SENDERS_MOST = 100 };

/* What the server thinks of one sender address. */
struct smtp_sender {
	const char *address;
	enum wire_fault fault;
	const char *said; /* NULL when it is accepted */
};

struct smtp_result {
	enum wire_fault fault;  /* the first thing that is wrong */
	const char *said;       /* the server's, or the library's, words about it */
	struct tls_facts facts; /* encryption and certificate */
	const char *auth_clear; /* AUTH offered before encryption; NULL: not asked */
	const char *auth;       /* "PLAIN LOGIN"; NULL: not asked, "" none */
	bool logged_in;
	bool test_sent;
	const struct smtp_sender *senders; /* those that were asked about */
	size_t sender_count;
};

struct tree *smtp_result_tree(const struct smtp_result *result);
void smtp_result_read(struct arena *arena, const struct tree *tree, struct smtp_result *result);

/* A text of a tree, cut; NULL when it is absent. */
const char *smtp_result_text(struct arena *arena, const struct tree *map, const char *name);

void smtp_result_put_facts(struct tree *map, const struct tls_facts *facts);
void smtp_result_read_facts(struct arena *arena, const struct tree *map, struct tls_facts *facts);

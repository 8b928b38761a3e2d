#pragma once

/*
 * check_answer -- what a look at a domain found, for people and for programs.
 *
 * Owner: texts live in the arena that was passed in.
 */

#include "cli/session.h"
#include "core/verify/domain_check.h"

/* Some lines; the session's status becomes what the domain deserves. */
void check_answer_say(struct session *session, struct arena *arena,
                      const struct domain_check *check, const bool confirmed[]);

/* { "domain", "verdict", "requirements" }; the caller drops it. */
struct tree *check_answer_tree(struct arena *arena, const struct domain_check *check,
                               const bool confirmed[]);

/* The details of a conversation, or null; the caller drops it. */
struct tree *check_answer_probe(const struct verdict *verdict);

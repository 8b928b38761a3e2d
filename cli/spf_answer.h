#pragma once

/*
 * spf_answer -- what spf lint says about a record, for people and for programs.
 *
 * What gives a tree prints the same in lines before; the caller owns
 * the tree.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/session.h"
#include "core/record/spf_lint.h"
#include "core/verify/spf_check.h"

/* The record with a mark under every fault, and one line per token.  A map
 * with record, valid, lookups and findings. */
struct tree *spf_answer_findings(struct session *session, const char *text, size_t length,
                                 const struct spf_lint *lint);

/* What one relay gets, and what that costs. */
struct tree *spf_answer_relay(struct session *session, const char *address,
                              const struct spf_check_verdict *verdict);

/* A stranger's text as it may reach a terminal. */
const char *spf_answer_shown(struct session *session, const char *text);

/* "error: ", "warning: " or "note: " in its colour, and the sentence.  Only prints. */
void spf_answer_say(struct session *session, enum spf_severity severity, const char *sentence);

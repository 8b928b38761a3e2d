#pragma once

/*
 * escrow_talk -- a request to officers as a file, and their answers from files.
 *
 * Owner:   answers are the caller's trees.
 * Failure: what the key service says; ERR_CONFLICT for a file that is there.
 */

#include <stdbool.h>

#include "cli/option.h"
#include "cli/session.h"
#include "core/base/tree.h"

/* A provider by its short name; not inside a transaction. */
bool escrow_talk_provider(struct session *session, const char *name, long long *provider_id,
                          struct err *err) CHECKED;

/* Ask for `purpose`, write the request to `out`, and say what to do with it.
 * `officers` is "anna,carl"; NULL: all. */
bool escrow_talk_request(struct session *session, long long provider_id, const char *purpose,
                         const char *officers, const char *out, struct err *err) CHECKED;

/* Hand over what the officers answered. */
bool escrow_talk_answers(struct session *session, long long provider_id,
                         const struct option_list *files, struct tree **answer,
                         struct err *err) CHECKED;

/* The texts of a list: "anna, carl". */
const char *escrow_talk_names(struct session *session, const struct tree *list);

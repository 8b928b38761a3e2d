#pragma once

/*
 * dns_ask -- the planner's questions, asked of the resolvers of this command:
 * --resolver, else those of the configuration, else the system's.
 *
 * Owner:   whoever opened it closes it.
 * Failure: ERR_USAGE for an address that is none; what the resolver reports.
 */

#include <stdbool.h>

#include "cli/session.h"
#include "core/plan/ask.h"

struct dns_ask;

/* Opens always. */
bool dns_ask_begin(struct session *session, struct dns_ask **dns, struct err *err) CHECKED;

/* Opens when DNS was asked for by --dns or --resolver; else *dns is NULL. */
bool dns_ask_open(struct session *session, bool wanted, struct dns_ask **dns,
                  struct err *err) CHECKED;

/* NULL for NULL: the planner then plans without DNS. */
const struct ask *dns_ask_function(const struct dns_ask *dns);

void dns_ask_close(struct dns_ask *dns);

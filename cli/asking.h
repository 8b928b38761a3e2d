#pragma once

/*
 * asking -- what a command needs to ask the world: resolvers as the person
 * named them, else as the configuration does, else those of the system.
 *
 * Owner:   the command; asking_close() when it is done.
 */

#include "cli/session.h"
#include "core/verify/domain_probe.h"
#include "core/verify/inquiry.h"
#include "core/verify/spf_worker.h"

struct asking {
	struct spf_worker *worker;
	struct resolver *resolver;
	struct domain_probe_settings probing; /* the caller's to fill */
};

/* Whom to ask, and for how long. */
bool asking_settings(const struct session *session, struct resolver_settings *settings,
                     struct err *err) CHECKED;

/* With these settings, or as asking_settings() has them. */
bool asking_open_with(const struct resolver_settings *settings, struct asking *asking,
                      struct err *err) CHECKED;
bool asking_open(struct session *session, struct asking *asking, struct err *err) CHECKED;

void asking_close(struct asking *asking);

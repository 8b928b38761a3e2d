#pragma once

/*
 * relay_host -- what commands do on the machine that is a relay.
 */

#include <stdbool.h>

#include "cli/session.h"
#include "core/export/install.h"
#include "core/model/generation.h"

/* Where this machine keeps the generations of a relay: from the configuration,
 * else below the system's (or the user's) state folder. */
const char *relay_host_root(struct session *session, const char *relay);

/* The file with this machine's identity as a relay. */
const char *relay_host_identity(struct session *session);

/* Validate, swap, reload; `root` NULL: as the folder says.
 * `signer` is used when the configuration names none. */
bool relay_host_install(struct session *session, const char *folder, const char *root,
                        const char *signer, bool no_reload, struct install_report *report,
                        struct err *err) CHECKED;

/* Record that the relay runs this generation, with its event, in a transaction
 * of its own. */
bool relay_host_ack(struct session *session, const struct generation_relay *relay, long long number,
                    struct err *err) CHECKED;

#pragma once

/*
 * domain_probe -- after DNS: the conversations with servers that a domain's
 * requirements are about, its smarthost and its URLs, and what they mean.
 *
 * Collect what a domain needs, give it to a crew, and when that has done all of
 * it each verdict has its state, its sentence and its details.
 *
 * Owner:   the caller's struct; {0} is empty, and is again after the end.  Texts
 *          live in the arena that came with the domain.
 * Failure: none; what could not be asked is VERDICT_UNKNOWN.
 * Secrets: none; the key service logs in (keys/client.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/verify/domain_check.h"
#include "core/verify/probe_crew.h"

struct domain_probe_settings {
	const char *ca_file;     /* NULL: the system's authorities */
	const char *keys_socket; /* NULL: nobody logs in */
	const char *test_to;     /* send a test mail there, from the first sender; NULL: none */
};

struct domain_probe_item;

struct domain_probe {
	struct arena arena;
	struct domain_probe_item *items;
	struct probe_task *tasks;
	size_t count;
	size_t room;
	size_t left; /* of what a crew was given */
};

/* What this domain needs, when its check is finished. */
void domain_probe_add(struct domain_probe *probe, const struct domain_check *check,
                      struct arena *arena, const struct domain_probe_settings *settings);

/* Give all of it to a crew, as tasks of this owner. */
void domain_probe_begin(struct domain_probe *probe, struct probe_crew *crew, void *owner);

/* One of its tasks is done; true: it was the last, and every verdict is there. */
bool domain_probe_end(struct domain_probe *probe);

/* Nobody waits for it any more; the crew is closed. */
void domain_probe_drop(struct domain_probe *probe);

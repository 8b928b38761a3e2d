#pragma once

/*
 * probe_verdict -- what the answer of a probe means for a requirement: state,
 * what was found, and one explanation that a project manager can forward.
 *
 * Pure.  An answer is a tree of smtp_probe.h or url_probe.h; NULL is the answer
 * of a worker that died.
 *
 * Owner:   texts live in the arena that was passed in.
 */

#include "core/base/arena.h"
#include "core/base/tree.h"
#include "core/model/facts.h"
#include "core/verify/verdict.h"

/* Days from which on we speak of a certificate's end. */
enum { PROBE_VERDICT_DAYS = 21 };

void probe_verdict_smarthost(struct arena *arena, const struct facts_domain *domain,
                             const struct tree *answer, struct verdict *verdict);

void probe_verdict_site(struct arena *arena, const struct tree *answer, struct verdict *verdict);

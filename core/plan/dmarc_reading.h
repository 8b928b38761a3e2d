#pragma once

/*
 * dmarc_reading -- what receivers know about a From domain: which DMARC policy
 * holds, and which other domains align with it.
 *
 * Receivers differ for years to come: RFC 9989 finds the organizational domain
 * by walking up the DNS tree (4.10), RFC 7489 by the public suffix list (3.2).
 * Both are read here, so that a plan can say where they disagree.
 *
 * Owner:   texts live in the arena that was passed in.
 * Failure: what asking reports; a name that did not answer makes `unknown`, and
 *          nothing is concluded from it.
 */

#include <stdbool.h>

#include "core/base/arena.h"
#include "core/base/attr.h"
#include "core/base/err.h"
#include "core/plan/ask.h"
#include "core/record/dmarc_record.h"

enum dmarc_regime { DMARC_RFC9989, DMARC_RFC7489, DMARC_REGIMES };

/* What a receiver of one regime makes of the From domain. */
struct dmarc_view {
	const char *organization; /* the organizational domain */
	const char *name; /* where the policy stands: _dmarc.acme.example; NULL: none holds */
	struct dmarc_record record;
	enum dmarc_policy policy; /* that holds for the From domain; DMARC_UNSAID: none */
};

struct dmarc_reading {
	const char *domain;  /* of From */
	const char *planned; /* what will stand at its _dmarc when nothing does; NULL */
	struct dmarc_view views[DMARC_REGIMES];
	bool unknown;       /* a name on the way did not answer, or nobody was asked */
	const char *broken; /* a record on the way that receivers ignore, and why; NULL */
};

/* `ask` NULL: only what is planned is known. */
bool dmarc_reading_find(struct arena *arena, const struct ask *ask, const char *domain,
                        const char *planned, struct dmarc_reading *reading,
                        struct err *err) CHECKED;

/* Does a domain that passed SPF or DKIM align with From (RFC 9989 4.10.2)? */
bool dmarc_reading_aligned(struct arena *arena, const struct ask *ask,
                           const struct dmarc_reading *reading, enum dmarc_regime regime,
                           const char *other, bool strict, bool *aligned, struct err *err) CHECKED;

/* "rfc9989", "rfc7489": the words of JSON. */
const char *dmarc_reading_regime(enum dmarc_regime regime);

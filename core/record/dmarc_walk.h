#pragma once

/*
 * dmarc_walk -- the DNS tree walk of RFC 9989 4.10: which names are asked for a
 * DMARC record, in which order, and what follows from the answers.
 *
 * Pure: the caller asks and tells.
 *
 *	for (dmarc_walk_begin(&walk, domain); (name = dmarc_walk_next(&walk)) != NULL;)
 *		dmarc_walk_tell(&walk, record of _dmarc.name, or NULL);
 *
 * Owner: names are parts of the one it began with; records are copied.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/record/dmarc_record.h"

enum { DMARC_WALK_QUESTIONS = 8 };

/* A valid record that was met, and the domain that published it. */
struct dmarc_meeting {
	const char *domain;
	struct dmarc_record record;
};

struct dmarc_walk {
	const char *start;
	const char *at;                                 /* the domain being asked; NULL: over */
	struct dmarc_meeting met[DMARC_WALK_QUESTIONS]; /* from the longest name to the shortest */
	size_t count;
	size_t questions;
	bool stopped; /* a psd tag ended it */
};

void dmarc_walk_begin(struct dmarc_walk *walk, const char *start);

/* The next domain to ask; NULL when the walk is over. */
const char *dmarc_walk_next(struct dmarc_walk *walk);

/* What stands at _dmarc of that domain; NULL: no valid record. */
void dmarc_walk_tell(struct dmarc_walk *walk, const struct dmarc_record *record);

/* The organizational domain of where it began (4.10.2). */
const char *dmarc_walk_organization(const struct dmarc_walk *walk);

/* The record whose policy holds there: its own, else that of the organizational
 * domain, else the registry's (4.10.1); NULL: none. */
const struct dmarc_meeting *dmarc_walk_policy(const struct dmarc_walk *walk);

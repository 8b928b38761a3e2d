#pragma once

/*
 * spf_sample -- addresses where a change of an SPF record would show.
 *
 * The first and the last of every range, and their neighbours; the hosts of a
 * and mx, with the edges of their networks; the ranges of what is included or
 * redirected to, one level deep; and strangers.
 *
 * Owner:   everything lives in the arena that was passed in.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/attr.h"
#include "core/record/spf_term.h"
#include "core/verify/inquiry.h"

struct spf_sample_row {
	struct spf_sample_row *next; /* in its bucket */
	struct spf_address address;
	const char *text;
};

enum { SPF_SAMPLE_BUCKETS = 256 };

struct spf_sample {
	struct arena *arena;
	struct spf_sample_row **rows;
	size_t count;
	size_t room;
	bool cut;        /* there was more than could be taken */
	size_t included; /* of these, how many came from included records */
	struct spf_sample_row *buckets[SPF_SAMPLE_BUCKETS];
};

/* An address by its text; what is none is left out. */
void spf_sample_add(struct spf_sample *sample, const char *address);

/* What this record of the domain speaks about.  False: DNS has not said all yet;
 * call again, nothing is taken twice. */
bool spf_sample_record(struct spf_sample *sample, struct inquiry *inquiry, const char *domain,
                       const char *record) CHECKED;

/* Addresses that nobody has. */
void spf_sample_strangers(struct spf_sample *sample);
